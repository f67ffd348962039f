import { expect, it } from 'vitest';

import { judgeAtPlatforms } from '../../../src/cli/composition/review-platform.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';
import type { ReleaseKey } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { createLocate } from '../../../src/core/yaml/locate.ts';
import { parseFile } from '../../../src/core/yaml/parse.ts';
import type { PlatformReader, Telemetry } from '../../../src/ports/index.ts';
import { touchedPrograms } from '../../../src/review/pairs.ts';
import { coffee } from '../../support/cli-world.ts';
import { fakeSession } from '../../support/session.ts';
import { capabilities } from '../snapshot/world.ts';

function declared(text: string) {
  const { documents, invalid, problems } = parseFile(
    { source: 'cli', file: 'a.yaml', bytes: Buffer.from(text) },
    'declarations',
  );
  const trust = {
    order: [],
    connections: { default: { platformId: 'p', grants: [{ sources: ['cli'] }] } },
  };
  return resolve(
    [{ source: 'cli', documents, invalid, problems, complete: true }],
    trust,
    createLocate([...documents]),
  ).programs;
}

/** A platform without any record, which tells of each call as the driver does. */
function telling(calls: Telemetry, made: string[]): PlatformReader {
  const call = <T>(operation: string, answer: T): T => {
    made.push(operation);
    calls.emit({ kind: 'call', operation, code: 'S', ms: 1 });
    return answer;
  };
  const page = <T>(operation: string) =>
    async function* () {
      yield call(operation, { items: [] as T[] });
    };
  return {
    platform: async () =>
      call('getPlatform', {
        ...{ id: 'p', emulator: false, capabilities, time: epochMs(0) },
        caller: { client: 'c', workspaces: [{ id: 'acme', rights: ['read', 'write'] }] },
      }),
    miniPrograms: page('listMiniPrograms'),
    releases: page('listReleases'),
    release: async (_: ReleaseKey) => call('getRelease', undefined),
    versions: async () => call('listVersions', ['2.4.0']),
    targets: async () => call('listTargets', []),
  } as never;
}

it('counts the calls of a reader that a controller lends, but for the one that asks who answers', async () => {
  const made: string[] = [];
  const pairs = touchedPrograms(declared(coffee), declared(coffee.replaceAll('M-77', 'M-88')));
  const administration = {
    ...{ file: '/f.yaml', sources: [], settings: {}, path: (file: string) => file },
    connections: [{ name: 'default', spec: { platformId: 'p', driver: 'http' as const } }],
  };

  const judged = await judgeAtPlatforms(fakeSession(), administration, pairs, {
    administration,
    isWanted: () => true,
    reader: (_, calls) => telling(calls, made),
  });

  expect(judged.planned).toHaveLength(1);
  expect(made).toContain('getPlatform');
  expect(judged.reads, 'listReleases, listVersions, listTargets').toBe(3);
});
