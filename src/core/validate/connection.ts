import { pointer } from '../words/places.ts';
import { type Finding, pathText } from './finding.ts';
import { hostKind, isNeverAServer } from './hosts.ts';
import { isRecord, list, record, text } from './read.ts';

const spec = '/spec';
const keyFields = ['privateKey', 'platformPublicKey', 'fingerprintKey'] as const;

/** Rules between the fields of a PlatformConnection. */
export function connectionFindings(value: unknown): Finding[] {
  const connection = record(value);
  return [
    ...driverFindings(connection),
    ...endpointFindings(text(connection['endpoint'])),
    ...keyFields.flatMap((field) =>
      exactlyOne(connection[field], spec + pointer(field), keySources),
    ),
    ...list(connection['previousFingerprintKeys']).flatMap((key, index) =>
      exactlyOne(key, spec + pointer('previousFingerprintKeys', index), keySources),
    ),
    ...list(connection['grants']).flatMap(grantFindings),
    ...percentFindings(record(connection['gates'])['maxPercent']),
  ];
}

const keySources = ['file', 'env', 'secretKeyRef'] as const;

/** One of several ways to say where a value is kept. */
export function exactlyOne(value: unknown, at: string, ways: readonly string[]): Finding[] {
  if (!isRecord(value)) return [];
  const given = ways.filter((way) => Object.hasOwn(value, way));
  if (given.length === 1 || (given.length === 0 && Object.keys(value).length > 0)) return [];
  return [
    {
      rule: 'exactly-one',
      pointer: at,
      at: 'value',
      message: `${pathText(at)} ${given.length === 0 ? 'names no source' : `names ${given.join(' and ')}`}.`,
      nextStep: `Give exactly one of ${ways.join(', ')}.`,
    },
  ];
}

const needed: Readonly<Record<string, readonly string[]>> = {
  http: ['endpoint', 'clientId', 'privateKey', 'platformPublicKey'],
  emulator: ['dataDir'],
};

function driverFindings(connection: Readonly<Record<string, unknown>>): Finding[] {
  const driver = text(connection['driver']) ?? '';
  const missing = (needed[driver] ?? []).filter((field) => !Object.hasOwn(connection, field));
  if (missing.length === 0) return [];
  return [
    {
      rule: 'driver-needs',
      isAbsence: true,
      pointer: `${spec}/driver`,
      at: 'value',
      message: `Driver ${driver} needs ${missing.join(', ')}.`,
      nextStep: `Add ${missing.join(', ')}.`,
    },
  ];
}

function endpointFindings(endpoint: string | undefined): Finding[] {
  if (endpoint === undefined || !/^https?:\/\//.test(endpoint)) return [];
  const url = URL.parse(endpoint);
  const refused = url === null ? notAUrl : refuseUrl(url, endpoint);
  return refused === undefined ? [] : [{ ...refused, pointer: `${spec}/endpoint`, at: 'value' }];
}

type Refusal = Pick<Finding, 'rule' | 'message' | 'nextStep'>;

const notAUrl: Refusal = {
  rule: 'endpoint-form',
  message: 'spec.endpoint is not a URL.',
  nextStep: 'Write scheme and host, such as https://api.megapay.example.',
};

function refuseUrl(url: URL, endpoint: string): Refusal | undefined {
  const kind = hostKind(url.hostname);
  if (isNeverAServer(kind)) {
    return {
      rule: 'endpoint-refused',
      message: `spec.endpoint names a ${kind} address, which is never a platform.`,
      nextStep: 'Write the host name of the platform.',
    };
  }
  if (url.username !== '' || url.password !== '' || !isBare(url, endpoint)) {
    return {
      rule: 'endpoint-form',
      message: 'spec.endpoint holds more than scheme, host and port.',
      nextStep: `Write ${url.origin}; a path belongs into pathPrefix, credentials into privateKey.`,
    };
  }
  if (url.protocol === 'https:' || kind === 'loopback') return undefined;
  return {
    rule: 'endpoint-https',
    message: 'spec.endpoint is not encrypted: everybody on the way could read and change it.',
    nextStep: 'Write https://; http:// is for a platform on this machine only.',
  };
}

function isBare(url: URL, endpoint: string): boolean {
  return url.pathname === '/' && url.search === '' && url.hash === '' && !/[?#]/.test(endpoint);
}

const grantees = ['namespaces', 'namespaceSelector', 'sources', 'cli'] as const;

function grantFindings(grant: unknown, index: number): Finding[] {
  if (grantees.some((field) => Object.hasOwn(record(grant), field))) return [];
  return [
    {
      rule: 'grant-for-nobody',
      pointer: spec + pointer('grants', index),
      at: 'value',
      message: 'The grant names nobody.',
      nextStep: 'Add namespaces, namespaceSelector, sources or cli: true.',
    },
  ];
}

function percentFindings(maxPercent: unknown): Finding[] {
  if (typeof maxPercent !== 'number' || maxPercent <= 100) return [];
  return [
    {
      rule: 'out-of-range',
      pointer: `${spec}/gates/maxPercent`,
      at: 'value',
      message: 'spec.gates.maxPercent must be at most 100.',
      nextStep: 'Write 0 to 100, or "off".',
    },
  ];
}
