import { describe, expect, expectTypeOf, it } from 'vitest';

import { ReconcileError } from '../../../src/core/words/errors.ts';
import type { PlatformReader, PlatformWriter } from '../../../src/ports/index.ts';
import { noSecrets } from '../../../src/review/no-secrets.ts';
import type { ReviewPlatform } from '../../../src/review/plan-both.ts';
import { readOnce } from '../../../src/review/reader.ts';

const { signal } = new AbortController();
const program = { platform: 'p', workspace: 'w', miniProgram: 'm' };

/** A platform that can be written, and that counts what it is asked. */
function platform(answers: { fail?: number } = {}) {
  const asked: string[] = [];
  let failures = answers.fail ?? 0;
  const reader: PlatformReader & PlatformWriter = {
    platform: () => Promise.reject(new Error('not asked')),
    miniPrograms: () => (async function* () {})(),
    releases: () => (async function* () {})(),
    release: () => Promise.resolve(undefined),
    versions: ({ miniProgram }) => {
      asked.push(miniProgram);
      failures -= 1;
      return failures < 0
        ? Promise.resolve(['1.0.0'])
        : Promise.reject(new ReconcileError('PlatformUnavailable', 'down'));
    },
    targets: () => Promise.resolve([]),
    write: () => Promise.reject(new Error('written')),
  };
  return { reader, asked };
}

describe('what a review holds of a platform', () => {
  it('has no way to write, also where the object it was given has one', () => {
    const { reader } = platform();

    expect(Object.keys(readOnce(reader)).sort()).toEqual([
      ...['miniPrograms', 'platform', 'release', 'releases', 'targets', 'versions'],
    ]);
    expectTypeOf<ReviewPlatform['ports']>().not.toHaveProperty('writer');
    expectTypeOf<ReviewPlatform['ports']>().not.toHaveProperty('secrets');
    expectTypeOf<ReviewPlatform['ports']['reader']>().not.toHaveProperty('write');
  });

  it('asks once for both sides, and again only after a failure', async () => {
    const { reader, asked } = platform({ fail: 1 });
    const once = readOnce(reader);

    await expect(once.versions(program, signal)).rejects.toMatchObject({
      code: 'PlatformUnavailable',
    });
    await once.versions(program, signal);
    await once.versions(program, signal);
    await once.versions({ ...program, miniProgram: 'n' }, signal);

    expect(asked).toEqual(['m', 'm', 'n']);
  });
});

describe('what a review holds of secrets', () => {
  it('opens none', async () => {
    await expect(noSecrets().open('cli', { name: 'a', key: 'b' }, signal)).rejects.toMatchObject({
      code: 'SecretUnavailable',
    });
  });

  it('compares none, and has no key to compare with', async () => {
    const wanted = [{ source: 'cli', ref: { name: 'a', key: 'b' } }];

    expect(await noSecrets().fingerprints('default', wanted, signal)).toEqual({
      previous: [],
      secrets: { 'cli|a/b': { state: 'unverified' } },
    });
  });
});
