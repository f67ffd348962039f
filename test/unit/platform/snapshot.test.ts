import { describe, expect, it } from 'vitest';

import { type Capabilities, revision } from '../../../src/core/model/observed.ts';
import { readSnapshot } from '../../../src/core/snapshot/read.ts';
import { writeSnapshot } from '../../../src/core/snapshot/write.ts';
import { releaseId } from '../../../src/core/words/keys.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { createSnapshotReader } from '../../../src/platform/snapshot.ts';
import { collect, key, never } from './fake-platform.ts';

const program = { platform: 'megapay', workspace: 'acme', miniProgram: '3500020208396321' };
const capabilities: Capabilities = {
  ...{ conditionalWrites: true, requestIds: true, marks: true, increments: true, frozen: true },
  ...{ variables: 'readable', maxPageSize: 500, maxIdsPerFilter: 50 },
};
const sandbox = {
  key,
  id: 'r-1',
  status: 'NewVersionCreated',
  revision: revision('17'),
  mark: 'm',
  config: {
    clientId: { kind: 'text', text: 'C-1' },
    'environmentVariables/KEY': { kind: 'sealed', secret: new SecretText('canary-value') },
  },
} as const;
const old = { ...sandbox, key: { ...key, version: '2.3.0' }, status: 'FullRelease' } as const;

/** Through the file, as people keep it. */
function readerOf(change: object = {}) {
  const text = writeSnapshot({
    platform: 'megapay',
    emulator: false,
    capabilities,
    observedAt: epochMs(1_767_323_045_000),
    declared: [],
    programs: [
      {
        key: program,
        existence: 'exists',
        miniProgram: {
          key: program,
          name: 'Coffee',
          global: { revision: revision('3'), config: {} },
        },
        releases: { [releaseId(sandbox.key)]: sandbox, [releaseId(old.key)]: old },
        complete: true,
        versions: ['2.3.0', '2.4.0'],
        targets: [{ app: 'megapay', environments: ['Sandbox'] }],
        capabilities,
        bases: {},
        attested: false,
        observedAt: epochMs(1_767_323_045_000),
        ...change,
      },
    ],
  });
  expect(text).not.toContain('canary-value');
  const { platforms, problems } = readSnapshot('s.yaml', new TextEncoder().encode(text));
  expect(problems).toEqual([]);
  return createSnapshotReader(platforms[0]!);
}

describe('a snapshot as a platform', () => {
  it('says what it is a snapshot of, and that it has no increments', async () => {
    expect(await readerOf().platform(never)).toMatchObject({
      id: 'megapay',
      emulator: false,
      capabilities: { marks: true, increments: false },
    });
  });

  it('tells records without a revision of the platform, and no value of a secret', async () => {
    const found = await readerOf().release(key, never);

    expect(found).toEqual({
      key,
      id: 'r-1',
      status: 'NewVersionCreated',
      revision: 'snapshot',
      mark: 'm',
      config: {
        clientId: { kind: 'text', text: 'C-1' },
        'environmentVariables/KEY': { kind: 'hidden' },
      },
    });
    expect(await readerOf().release({ ...key, version: '9' }, never)).toBeUndefined();
  });

  it.each([
    { name: 'everything', query: {}, expected: ['2.3.0', '2.4.0'] },
    { name: 'by version', query: { versions: ['2.3.0'] }, expected: ['2.3.0'] },
    { name: 'by status', query: { statuses: ['FullRelease'] as const }, expected: ['2.3.0'] },
    { name: 'by another program', query: { miniPrograms: ['other'] }, expected: [] },
    { name: 'of another workspace', query: { workspace: 'other' }, expected: [] },
  ])('lists $name', async ({ query, expected }) => {
    const items = await collect(readerOf().releases({ workspace: 'acme', ...query }, never));

    expect(items.map((item) => item.key.version).sort()).toEqual(expected);
  });

  it('tells programs, versions and targets', async () => {
    const reader = readerOf();

    expect(await collect(reader.miniPrograms('acme', undefined, never))).toMatchObject([
      { key: program, name: 'Coffee' },
    ]);
    expect(await reader.versions(program, never)).toEqual(['2.3.0', '2.4.0']);
    expect(await reader.targets(program, never)).toEqual([
      { app: 'megapay', environments: ['Sandbox'] },
    ]);
  });

  it('makes nothing up: what nobody looked at is an error', async () => {
    const reader = readerOf({ versions: undefined });

    await expect(reader.versions(program, never)).rejects.toMatchObject({
      code: 'PlatformRefused',
    });
    await expect(reader.targets({ ...program, miniProgram: 'other' }, never)).rejects.toMatchObject(
      { code: 'PlatformRefused' },
    );
    await expect(
      collect(reader.releases({ workspace: 'acme', cursor: 'c' }, never)),
    ).rejects.toMatchObject({ code: 'ListExpired' });
  });
});
