import { pointer } from '../words/places.ts';
import { exactlyOne } from './connection.ts';
import type { Finding } from './finding.ts';
import { isRecord, list, record, text } from './read.ts';

const spec = '/spec';
const identityWays = ['file', 'env', 'secretKeyRef'] as const;

function withoutFor(identity: unknown): unknown {
  if (!isRecord(identity)) return identity;
  return Object.fromEntries(Object.entries(identity).filter(([name]) => name !== 'for'));
}

/** A value in an encrypted document, where it stands in the settings and who may use it. */
interface Encrypted {
  readonly at: string;
  readonly file: string;
  readonly users: readonly unknown[];
}

/** Rules of secrets that lie in encrypted documents, and of the age keys that open those. */
export function encryptedFindings(
  secrets: readonly unknown[],
  identities: readonly unknown[],
): readonly Finding[] {
  const found = secrets.flatMap((mapping, index) => encryptedOf(mapping, index));
  return [
    ...identities.flatMap((identity, index) =>
      exactlyOne(withoutFor(identity), spec + pointer('ageIdentities', index), identityWays),
    ),
    ...found.flatMap(({ at, file }) => documentFindings(at, file)),
    ...(identities.length === 0 ? found.slice(0, 1).map(({ at }) => noIdentity(at)) : []),
    ...sharedIdentities(found, identities),
  ];
}

function encryptedOf(mapping: unknown, index: number): readonly Encrypted[] {
  return Object.entries(record(record(mapping)['keys'])).flatMap(([key, source]) => {
    const { encrypted } = record(source);
    if (!isRecord(encrypted)) return [];
    const at = spec + pointer('secrets', index, 'keys', key, 'encrypted');
    const users = list(record(mapping)['for']);
    return [{ at, file: text(encrypted['file']) ?? '', users }];
  });
}

function documentFindings(at: string, file: string): readonly Finding[] {
  const isPlain =
    /^[^\\\p{Cc}]*$/u.test(file) &&
    file.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (isPlain || file === '') return [];
  return [
    {
      rule: 'encrypted-path',
      pointer: `${at}/file`,
      at: 'value',
      message: 'The path of an encrypted document leads out of the source, or is no plain one.',
      nextStep: 'Write it from the root of the source, such as secrets/production.enc.yaml.',
    },
  ];
}

function noIdentity(at: string): Finding {
  return {
    rule: 'age-identity',
    pointer: at,
    at: 'value',
    message: 'A secret lies in an encrypted document, and no ageIdentities open it.',
    nextStep: 'Name the age key in spec.ageIdentities: [{file: age.key}] or [{env: AGE_KEY}].',
  };
}

/** Whoever may read another team's document could put a copy of it in the own repository, and have it opened there. */
function sharedIdentities(
  encrypted: readonly Encrypted[],
  identities: readonly unknown[],
): readonly Finding[] {
  const users = new Set(encrypted.flatMap((each) => each.users).filter((user) => user !== 'cli'));
  if (users.size < 2) return [];
  return identities.flatMap((identity, index): readonly Finding[] => {
    if (list(record(identity)['for']).length > 0) return [];
    return [
      {
        rule: 'age-identity',
        pointer: spec + pointer('ageIdentities', index),
        at: 'value',
        message:
          'Several sources have encrypted documents, and this age key does not say whose it opens.',
        nextStep:
          'Give each source a key of its own with for: [SOURCE]; for: with several names lets them open copies of each other.',
      },
    ];
  });
}
