import { hostKind } from '../validate/hosts.ts';
import type { Remark } from './finding.ts';

/** An entry of serverDomains or wapUrls, taken apart without judging it. */
export interface DomainParts {
  readonly scheme: string | undefined;
  readonly host: string;
  readonly port: string | undefined;
  /** From the first slash, question mark or hash on; empty for none. */
  readonly path: string;
}

const form =
  /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?<host>\[[^\]\s]*\]|[^/?#:\s\\@]+)(?::(?<port>\d+))?(?<path>[/?#]\S*)?$/i;

/** The parts of an entry, or `undefined` when it is neither a host nor a URL. */
export function domainParts(entry: string): DomainParts | undefined {
  const groups = form.exec(entry.trim())?.groups;
  if (groups?.['host'] === undefined || !isHost(groups['host'])) return undefined;
  return {
    scheme: groups['scheme']?.toLowerCase(),
    host: groups['host'].toLowerCase(),
    port: groups['port'],
    path: groups['path'] ?? '',
  };
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return hostKind(host) !== 'name';
  return /^(?:\*|(?:\*\.)?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_*-]+)*\.?)$/u.test(host);
}

/** Everything unusual about an entry; the platform documents no rules, so these are warnings. */
export function domainRemarks(entry: string, list: 'serverDomains' | 'wapUrls'): Remark[] {
  const parts = domainParts(entry);
  if (parts === undefined) {
    return [
      {
        rule: 'domain-form',
        message: `${entry} is neither a host nor a URL.`,
        nextStep: 'Write a host such as https://api.example.com.',
      },
    ];
  }
  return [
    ...hostRemarks(entry, parts),
    ...schemeRemarks(entry, parts),
    ...shapeRemarks(entry, parts, list),
  ];
}

function hostRemarks(entry: string, { host }: DomainParts): Remark[] {
  const nextStep = 'Write the public host name of the server.';
  switch (hostKind(host)) {
    case 'metadata':
      return [
        {
          rule: 'domain-metadata',
          message: `${entry} is the address of a metadata service.`,
          nextStep,
        },
      ];
    case 'loopback':
      return [{ rule: 'domain-localhost', message: `${entry} is the user's own phone.`, nextStep }];
    case 'private':
    case 'link-local':
    case 'unspecified':
    case 'translated':
      return [
        {
          rule: 'domain-private',
          message: `${entry} is an address that no phone can reach.`,
          nextStep,
        },
      ];
    case 'public-address':
      return [{ rule: 'domain-ip', message: `${entry} is an address, not a host name.`, nextStep }];
    case 'name':
      return [];
  }
}

function schemeRemarks(entry: string, { scheme }: DomainParts): Remark[] {
  if (scheme !== 'http' && scheme !== 'ws') return [];
  return [
    {
      rule: 'domain-insecure',
      message: `${entry} is not encrypted.`,
      nextStep: `Write ${scheme}s://.`,
    },
  ];
}

function shapeRemarks(
  entry: string,
  parts: DomainParts,
  list: 'serverDomains' | 'wapUrls',
): Remark[] {
  const remarks: Remark[] = [];
  if (list === 'serverDomains' && parts.path !== '') {
    remarks.push({
      rule: 'domain-path',
      message: `${entry} holds more than a host.`,
      nextStep: `Leave out ${parts.path}.`,
    });
  }
  if (parts.port !== undefined) {
    remarks.push({
      rule: 'domain-port',
      message: `${entry} names a port.`,
      nextStep: `Leave out :${parts.port}, and serve on the usual port.`,
    });
  }
  if (parts.host.includes('*')) {
    remarks.push({
      rule: 'domain-wildcard',
      message: `${entry} allows hosts that nobody has looked at.`,
      nextStep: 'List the hosts.',
    });
  }
  return remarks;
}

const forTests =
  /(?:^|[.-])(?:sandbox|sbx|sit|uat|test|tests|testing|staging|stage|stg|dev|devel|development|qa|preprod|mock|demo)\d*(?=[.-]|$)/;

/** Whether a host's name says that it is for tests; `test` and the like as a whole word of it. */
export function looksLikeTestHost(host: string): boolean {
  // The last label is the top-level domain: `.dev` is one like any other.
  const labels = host.toLowerCase().replace(/\.$/, '').split('.');
  return forTests.test(labels.slice(0, -1).join('.'));
}
