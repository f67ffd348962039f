import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FingerprintKey } from '../../../src/core/words/digests.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import { createSecretMap, type SecretMapOptions } from '../../../src/secrets/map.ts';

const never = new AbortController().signal;
const key = new FingerprintKey(new Uint8Array(32).fill(1));
const earlier = new FingerprintKey(new Uint8Array(32).fill(2));
const canary = 'canary-51c0ffee';
const ref = { name: 'coffee-keys', key: 'apiKey' };
const mapping = { name: 'coffee-keys', keys: { apiKey: { env: 'COFFEE_API_KEY' } } };
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-secrets-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function store(options: Partial<SecretMapOptions> = {}) {
  return createSecretMap({
    mappings: [mapping],
    needsFor: false,
    env: { COFFEE_API_KEY: canary, HOME: '/root' },
    directory: folder,
    connections: { default: { key, previous: [earlier] } },
    ...options,
  });
}

async function verdict(options: Partial<SecretMapOptions>, wanted = { source: 'cli', ref }) {
  const { secrets } = await store(options).fingerprints('default', [wanted], never);
  return secrets[`${wanted.source}|${wanted.ref.name}/${wanted.ref.key}`];
}

describe('fingerprints', () => {
  it('are made under the current key and those of before', async () => {
    const secret = new SecretText(canary);

    expect(await verdict({})).toEqual({
      state: 'known',
      fingerprints: {
        [key.id]: key.fingerprint(secret),
        [earlier.id]: earlier.fingerprint(secret),
      },
    });
  });

  it('are unverified where no store is configured', async () => {
    expect(await verdict({ mappings: undefined })).toEqual({ state: 'unverified' });
  });

  it.each([
    { name: 'a name nobody mapped', ref: { name: 'other', key: 'apiKey' }, options: {} },
    { name: 'a key that is not there', ref: { name: 'coffee-keys', key: 'nope' }, options: {} },
    {
      name: 'a key called like a member of every object',
      ref: { name: 'coffee-keys', key: 'constructor' },
      options: {},
    },
    { name: 'a key called __proto__', ref: { name: 'coffee-keys', key: '__proto__' }, options: {} },
    { name: 'a variable that is not set', ref, options: { env: {} } },
    { name: 'a variable that is empty', ref, options: { env: { COFFEE_API_KEY: '' } } },
    {
      name: 'a name mapped for somebody else',
      ref,
      options: { mappings: [{ ...mapping, for: ['team-b'] }] },
    },
    { name: 'a mapping without `for` beside a GitSource', ref, options: { needsFor: true } },
    {
      name: 'a file that is not there',
      ref,
      options: { mappings: [{ ...mapping, keys: { apiKey: { file: 'missing' } } }] },
    },
  ])('are refused for $name', async ({ ref: wanted, options }) => {
    expect(await verdict(options, { source: 'cli', ref: wanted })).toMatchObject({
      state: 'unavailable',
    });
  });

  it('serve exactly the sources a mapping is for', async () => {
    const mappings = [{ ...mapping, for: ['team-a'] }];

    expect(await verdict({ mappings, needsFor: true }, { source: 'team-a', ref })).toMatchObject({
      state: 'known',
    });
    expect(await verdict({ mappings, needsFor: true }, { source: 'team-b', ref })).toMatchObject({
      state: 'unavailable',
    });
  });

  it('tell a source the same of what it may not use and of what does not exist', async () => {
    const foreign = await verdict({ mappings: [{ ...mapping, for: ['team-b'] }] });
    const missing = await verdict({ mappings: [] });

    expect(foreign).toEqual(missing);
  });
});

describe('files', () => {
  const mappings = [{ name: 'coffee-keys', keys: { apiKey: { file: 'key.txt' } } }];

  it.each([
    { name: 'without a line end', bytes: canary, expected: canary, why: 'taken as it stands' },
    { name: 'with a line end', bytes: `${canary}\n`, expected: canary, why: 'editors add one' },
    {
      name: 'with a Windows line end',
      bytes: `${canary}\r\n`,
      expected: canary,
      why: 'editors add one',
    },
    {
      name: 'with two line ends',
      bytes: `${canary}\n\n`,
      expected: `${canary}\n`,
      why: 'only one was the editor',
    },
    {
      name: 'with spaces',
      bytes: ` ${canary} \n`,
      expected: ` ${canary} `,
      why: 'a space may be meant',
    },
  ])('$name', async ({ bytes, expected, why }) => {
    await writeFile(join(folder, 'key.txt'), bytes);

    const secret = await store({ mappings }).open('cli', ref, never);

    expect(secret.equals(expected), why).toBe(true);
  });

  it.each([
    { name: 'larger than 64 KiB', bytes: Buffer.alloc(64 * 1024 + 1, 0x61) },
    { name: 'not UTF-8', bytes: Buffer.from([0xff, 0xfe, 0x41]) },
    { name: 'empty', bytes: Buffer.alloc(0) },
  ])('refuses one that is $name', async ({ bytes }) => {
    await writeFile(join(folder, 'key.txt'), bytes);

    await expect(store({ mappings }).open('cli', ref, never)).rejects.toMatchObject({
      code: 'SecretUnavailable',
    });
  });
});

describe('a secret', () => {
  it('is shown by nothing that is not made to open it', async () => {
    const secrets = store();
    const opened = await secrets.open('cli', ref, never);
    const found = await secrets.fingerprints('default', [{ source: 'cli', ref }], never);
    const shown = [
      String(opened),
      JSON.stringify({ opened, found }),
      inspect({ opened, found }, { depth: 9 }),
    ].join('\n');

    expect(opened.equals(canary)).toBe(true);
    expect(shown).not.toContain(canary);
  });

  it('is in no error', async () => {
    await writeFile(
      join(folder, 'key.txt'),
      Buffer.concat([Buffer.from(canary), Buffer.from([0xff])]),
    );
    const mappings = [{ name: 'coffee-keys', keys: { apiKey: { file: 'key.txt' } } }];
    const error: unknown = await store({ mappings })
      .open('cli', ref, never)
      .catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(ReconcileError);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(canary);
  });
});
