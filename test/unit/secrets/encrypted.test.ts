import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FingerprintKey } from '../../../src/core/words/digests.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { reveal, SecretText } from '../../../src/core/words/secret-text.ts';
import { createSecretMap, type SecretMapOptions } from '../../../src/secrets/map.ts';
import { fixtureFolder } from '../../support/sops-fixtures.ts';
import { fixture } from './opening.ts';

const never = new AbortController().signal;
const fingerprintKey = new FingerprintKey(new Uint8Array(32).fill(1));
const env = {
  OWN: fixture('own.key'),
  OTHER: fixture('other.key'),
  BROKEN: 'AGE-SECRET-KEY-1QQQQ',
};
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-encrypted-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A secret at one place of one document. */
function at(file: string, key: string, users = ['coffee']) {
  return [{ name: 'keys', for: users, keys: { value: { encrypted: { file, key } } } }];
}

/** Which documents each source has: paths, and the fixture that lies there. */
type Files = Readonly<Record<string, Readonly<Record<string, string>>>>;

const files: Files = {
  coffee: { 'secrets/all.yaml': 'everything.enc.yaml', whole: 'whole.enc' },
  tea: {
    'secrets/tea.yaml': 'everything.enc.yaml',
    'secrets/all.yaml': 'encrypted-suffix.enc.yaml',
  },
};

function encryptedOf(all: Files) {
  return (source: string, file: string) => {
    const own = all[source];
    const name = own && Object.hasOwn(own, file) ? own[file] : undefined;
    return name === undefined ? undefined : readFileSync(join(fixtureFolder, name));
  };
}

function store(options: Partial<SecretMapOptions>) {
  return createSecretMap({
    mappings: at('secrets/all.yaml', 'apiKey'),
    needsFor: true,
    env,
    directory: folder,
    connections: { default: { key: fingerprintKey, previous: [] } },
    identities: [{ env: 'OWN' }],
    encrypted: encryptedOf(files),
    ...options,
  });
}

const ref = { name: 'keys', key: 'value' };

async function open(options: Partial<SecretMapOptions>, source = 'coffee') {
  return reveal(await store(options).open(source, ref, never));
}

async function refusal(options: Partial<SecretMapOptions>, source = 'coffee') {
  try {
    await open(options, source);
  } catch (error) {
    if (error instanceof ReconcileError) return error;
    throw error;
  }
  throw new Error('it was opened');
}

describe('a mapped value of an encrypted document', () => {
  it.each([
    { name: 'of a name', file: 'secrets/all.yaml', key: 'apiKey', expected: 's3cret-✓' },
    { name: 'that looks like a number', file: 'secrets/all.yaml', key: 'quoted', expected: '0123' },
    { name: 'of a name with a dot', file: 'secrets/all.yaml', key: 'with.dot', expected: 'dotted' },
    {
      name: 'with its own line ends',
      file: 'secrets/all.yaml',
      key: 'multi',
      expected: 'first\nsecond\n',
    },
    {
      name: 'that is a whole file, less the last line end',
      file: 'whole',
      key: 'data',
      expected: 'a whole file\nof two lines',
    },
  ])('$name', async ({ file, key, expected }) => {
    expect(await open({ mappings: at(file, key) })).toBe(expected);
  });

  it.each([
    { name: 'is not there', why: 'a typing mistake', key: 'apikey' },
    { name: 'is a mapping', why: 'which of its values?', key: 'note_unencrypted' },
    {
      name: 'stands in clear',
      why: 'everybody could read and change it',
      key: 'note_unencrypted.text',
    },
    { name: 'stands in a list', why: 'an empty item before it would move it', key: 'tokens.1' },
    { name: 'stands below a list', why: 'the same', key: 'tokens.2.nested.deep.0' },
    { name: 'is empty', why: 'most likely forgotten', key: 'empty' },
    { name: 'is absent', why: 'most likely forgotten', key: 'nothing' },
    { name: 'is a number', why: '0777 was written, 511 is there', key: 'octal' },
    { name: 'is a fraction', why: '1.50 was written, 1.5 is there', key: 'ratio' },
    { name: 'is a date', why: 'a day was written, a moment is there', key: 'day' },
    { name: 'is true or false', why: 'sops spells it True', key: 'yes' },
    { name: 'is what sops noted', why: 'that is not content', key: 'sops.lastmodified' },
    { name: 'is a member of every object', why: 'that is not content', key: 'constructor' },
  ])('is refused where it $name: $why', async ({ key, why }) => {
    const error = await refusal({ mappings: at('secrets/all.yaml', key) });

    expect(error.code, why).toBe('SecretUnavailable');
    expect(error.message).toContain('secrets/all.yaml');
  });

  it('is refused where two documents of a stream have it', async () => {
    const twice = fixture('documents.enc.yaml').replaceAll('second: ', 'first: ');
    const error = await refusal({
      mappings: at('a.yaml', 'first'),
      encrypted: () => Buffer.from(twice),
    });

    expect(error.code).toBe('SecretUnavailable');
  });

  it('has the fingerprint of its text', async () => {
    const { secrets } = await store({}).fingerprints('default', [{ source: 'coffee', ref }], never);

    expect(secrets['coffee|keys/value']).toEqual({
      state: 'known',
      fingerprints: {
        [fingerprintKey.id]: fingerprintKey.fingerprint(new SecretText('s3cret-✓')),
      },
    });
  });

  it('is opened once for all that is asked together', async () => {
    const asked: string[] = [];
    const names = ['apiKey', 'quoted', 'multi'];
    const keys = Object.fromEntries(
      names.map((key) => [key, { encrypted: { file: 'secrets/all.yaml', key } }]),
    );
    const secrets = store({
      mappings: [{ name: 'keys', for: ['coffee'], keys }],
      encrypted: (source, file) => {
        asked.push(`${source} ${file}`);
        return encryptedOf(files)(source, file);
      },
    });

    await secrets.fingerprints(
      'default',
      names.map((key) => ({ source: 'coffee', ref: { name: 'keys', key } })),
      never,
    );

    expect(asked).toEqual(['coffee secrets/all.yaml']);
  });
});

describe('a source reaches its own documents alone', () => {
  it.each([
    {
      name: 'a document of a neighbour',
      why: 'the path names one of its own',
      mappings: at('secrets/tea.yaml', 'apiKey'),
    },
    {
      name: 'a mapping for a neighbour',
      why: 'for names tea',
      mappings: at('secrets/all.yaml', 'apiKey', ['tea']),
    },
    {
      name: 'a mapping for nobody',
      why: 'with sources, for must be said',
      mappings: [
        {
          name: 'keys',
          keys: { value: { encrypted: { file: 'secrets/all.yaml', key: 'apiKey' } } },
        },
      ],
    },
    {
      name: 'a path up and down again',
      why: 'paths are names, never followed',
      mappings: at('../tea/secrets/tea.yaml', 'apiKey'),
    },
    {
      name: 'an absolute path',
      why: 'paths are names, never followed',
      mappings: at(join(fixtureFolder, 'everything.enc.yaml'), 'apiKey'),
    },
    {
      name: 'a member of every object',
      why: 'a name is looked for among own ones',
      mappings: at('constructor', 'name'),
    },
  ])('$name: $why', async ({ mappings, why }) => {
    expect((await refusal({ mappings })).code, why).toBe('SecretUnavailable');
  });

  it('says the same of a document that a neighbour has and of one that nobody has', async () => {
    const theirs = await refusal({ mappings: at('secrets/tea.yaml', 'apiKey') });
    const nobodys = await refusal({ mappings: at('secrets/xxx.yaml', 'apiKey') });

    expect(theirs.message.replace('tea.yaml', 'xxx.yaml')).toBe(nobodys.message);
  });

  it('reads under one name what each of them has there', async () => {
    const mappings = at('secrets/all.yaml', 'apiKey_secret', ['coffee', 'tea']);

    expect(await open({ mappings }, 'tea')).toBe('closed');
    expect((await refusal({ mappings }, 'coffee')).code).toBe('SecretUnavailable');
  });

  it('opens no copy of a document whose age key is for somebody else', async () => {
    const identities = [
      { env: 'OWN', for: ['tea'] },
      { env: 'OTHER', for: ['coffee'] },
    ];

    expect((await refusal({ identities })).code).toBe('SecretUnavailable');
    expect(await open({ identities: [{ env: 'OWN', for: ['tea', 'coffee'] }] })).toBe('s3cret-✓');
  });
});

describe('age keys', () => {
  it('may stand in a file with comments and other keys', async () => {
    await writeFile(join(folder, 'age.keys'), `${env.OTHER}\r\n\n# second\n${env.OWN}`);

    expect(await open({ identities: [{ file: 'age.keys' }] })).toBe('s3cret-✓');
  });

  it.each([
    { name: 'none', identities: [], place: 'coffee' },
    { name: 'not given at all', identities: undefined, place: 'coffee' },
    { name: 'of somebody else', identities: [{ env: 'OTHER' }], place: 'secrets/all.yaml' },
    { name: 'damaged', identities: [{ env: 'BROKEN' }], place: 'variable BROKEN' },
    { name: 'not set', identities: [{ env: 'MISSING' }], place: 'variable MISSING' },
    { name: 'in no file', identities: [{ file: 'gone.key' }], place: 'file gone.key' },
  ])('$name: refused, and said where', async ({ identities, place }) => {
    const error = await refusal({ identities });

    expect(error.code).toBe('SecretUnavailable');
    expect(error.message).toContain(place);
    expect(`${error.message} ${error.nextStep ?? ''}`).not.toContain('QQQQ');
  });
});
