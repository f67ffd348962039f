import { pointer } from '../words/places.ts';
import { exactlyOne } from './connection.ts';
import { encryptedFindings } from './encrypted-secrets.ts';
import type { Finding } from './finding.ts';
import { hostKind, isNeverAServer } from './hosts.ts';
import { isRecord, list, record, text } from './read.ts';

const spec = '/spec';

/** Rules between the fields of Settings. */
export function settingsFindings(value: unknown): Finding[] {
  const secrets = list(record(value)['secrets']);
  const identities = list(record(value)['ageIdentities']);
  return [
    ...encryptedFindings(secrets, identities),
    ...secrets.flatMap((mapping, index) =>
      Object.entries(record(record(mapping)['keys'])).flatMap(([key, source]) =>
        exactlyOne(source, spec + pointer('secrets', index, 'keys', key), [
          'env',
          'file',
          'encrypted',
        ]),
      ),
    ),
    ...sharedNames(secrets),
  ];
}

/** Two mappings of one name are fine as long as nobody could mean either. */
function sharedNames(secrets: readonly unknown[]): Finding[] {
  return secrets.flatMap((mapping, index) => {
    const first = secrets.slice(0, index).findIndex((other) => collide(other, mapping));
    if (first === -1) return [];
    const [at, related] = [index, first].map((place) => spec + pointer('secrets', place, 'name'));
    return [sameSecret(text(record(mapping)['name']) ?? '', at ?? spec, related ?? spec)];
  });
}

function collide(first: unknown, second: unknown): boolean {
  const [a, b] = [record(first), record(second)];
  if (text(a['name']) === undefined || a['name'] !== b['name']) return false;
  const users = list(b['for']);
  return (
    users.length === 0 ||
    list(a['for']).length === 0 ||
    list(a['for']).some((user) => users.includes(user))
  );
}

function sameSecret(name: string, at: string, first: string): Finding {
  return {
    rule: 'duplicate-secret',
    pointer: at,
    at: 'value',
    message: `Secret ${name} is mapped twice for the same user.`,
    nextStep: 'Keep one mapping, or tell them apart with for.',
    related: [first],
  };
}

/** Rules between the fields of a GitSource; what can leave the shape of a URL, a ref or a path is refused here already. */
export function gitSourceFindings(value: unknown): Finding[] {
  const { url, ref, path, signatures } = record(value);
  return [
    ...urlFindings(text(url)),
    ...exactlyOne(ref, `${spec}/ref`, ['branch', 'tag', 'semver']),
    ...['branch', 'tag'].flatMap((kind) =>
      refFindings(text(record(ref)[kind]), `${spec}/ref/${kind}`),
    ),
    ...pathFindings(text(path)),
    ...(isRecord(signatures) ? signatureFindings(signatures, record(ref)) : []),
  ];
}

type Fields = Readonly<Record<string, unknown>>;

/** A policy that nothing could ever satisfy. */
function signatureFindings(signatures: Fields, ref: Fields): Finding[] {
  const at = `${spec}/signatures`;
  const isNobody =
    signatures['gpgKeys'] === undefined && signatures['allowedSigners'] === undefined;
  const isTag = signatures['verify'] === 'tag';
  return [
    ...(isNobody
      ? [policy(at, 'names nobody who may sign', 'Add gpgKeys or allowedSigners.')]
      : []),
    ...(isTag && ref['tag'] === undefined && ref['semver'] === undefined
      ? [
          policy(
            `${at}/verify`,
            'verifies tags, and ref names a branch',
            'Set ref.tag or ref.semver, or verify commits.',
          ),
        ]
      : []),
    ...(isTag && signatures['since'] !== undefined
      ? [
          policy(
            `${at}/since`,
            'verifies tags, and since is for commits',
            'Leave since out, or verify commits.',
          ),
        ]
      : []),
  ];
}

function policy(at: string, what: string, nextStep: string): Finding {
  const message = `spec.signatures ${what}.`;
  return { rule: 'signature-policy', pointer: at, at: 'value', message, nextStep };
}

/** file, and http on this machine, are judged again by the source: they need allowFileUrls. */
const urlForm =
  /^(?:(?:https|ssh|file):\/\/[^\s-][^\s]*|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?\/\S*|[\w.-]+@[A-Za-z0-9][\w.-]*:[^\s-][^\s]*)$/;
const credentials = /^https?:\/\/[^/]*@|^ssh:\/\/[^/@]*:[^/@]*@/;

function urlFindings(url: string | undefined): Finding[] {
  if (url === undefined || url === '') return [];
  const at = `${spec}/url`;
  if (!urlForm.test(url)) {
    return [
      {
        rule: 'git-url',
        pointer: at,
        at: 'value',
        message: 'spec.url is no address that Git is asked for.',
        nextStep: 'Write https://HOST/PATH, ssh://git@HOST/PATH or git@HOST:PATH.',
      },
    ];
  }
  const host = /^(?:[a-z]+:\/\/)?(?:[^/@]*@)?(\[[^\]]*\]|[^:/]*)/.exec(url)?.[1] ?? '';
  const kind = hostKind(host);
  if (isNeverAServer(kind)) {
    return [
      {
        rule: 'git-url',
        pointer: at,
        at: 'value',
        message: `spec.url names a ${kind} address, which is never a Git server.`,
        nextStep: 'Write the host name of the Git server.',
      },
    ];
  }
  if (!credentials.test(url)) return [];
  return [
    {
      rule: 'git-url',
      pointer: at,
      at: 'value',
      message: 'spec.url holds credentials, which would stand in logs and process lists.',
      nextStep: 'Remove them, and revoke them: they were written down.',
    },
  ];
}

/** What `git check-ref-format` allows, less what could be taken for an option or a refspec. */
const refForm = /^(?![-/.])(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)))[\w./@+#=-]+(?<![/.])$/;

function refFindings(ref: string | undefined, at: string): Finding[] {
  if (ref === undefined || ref === '' || refForm.test(ref) || /^[\^~<>=*\d. |-]+$/.test(ref))
    return [];
  return [
    {
      rule: 'git-ref',
      pointer: at,
      at: 'value',
      message: `${ref} is no name of a branch or tag.`,
      nextStep: 'Write the name alone, such as main or v1.4.0.',
    },
  ];
}

function pathFindings(path: string | undefined): Finding[] {
  if (path === undefined || !(path.startsWith('/') || path.split('/').includes('..'))) return [];
  return [
    {
      rule: 'git-path',
      pointer: `${spec}/path`,
      at: 'value',
      message: 'spec.path leads out of the repository.',
      nextStep: 'Write a path below its root, such as releases/production.',
    },
  ];
}
