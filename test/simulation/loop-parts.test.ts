import { describe, expect, it } from 'vitest';

import { shardOf } from '../../src/cli/cluster/shares.ts';
import type { ProgramId } from '../../src/core/words/keys.ts';
import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import { client } from './faults-world.ts';
import { openGates } from './loop-scene.ts';
import type { Declared } from './loop-town.ts';
import { createUniverse, type Universe } from './loop-universe.ts';

/* Programs of one commit that several processes act on: what is counted, and when it is completed. */

const ids = Array.from({ length: 8 }, (_, index) => `p${index}`);
const partOf = (id: string): number => shardOf(`megapay/acme/${id}` as ProgramId, 2);

const world: WorldFile = {
  platformId: 'megapay',
  clients: [{ id: client }],
  apps: [{ id: 'megapay', environments: ['Test'] }],
  workspaces: [
    {
      id: 'acme',
      admins: [client],
      miniPrograms: ids.map((id) => ({
        id,
        versions: ['1.0.0'],
        releases: [
          {
            ...{ version: '1.0.0', app: 'megapay', environment: 'Test' },
            config: { merchantId: 'M-0' },
          },
        ],
      })),
    },
  ],
};

function declared(merchantOf: (id: string) => string): Declared {
  return Object.fromEntries(
    ids.map((id) => [id, { targets: { '1.0.0/Test': { merchantId: merchantOf(id) } } }]),
  );
}

interface Both {
  readonly universe: Universe;
  /** @returns how the source names it */
  commit(merchantOf: (id: string) => string): string;
  /** Programs written since the last call. */
  written(): readonly string[];
}

async function started(maxPrograms: number, { lookMs = 5_000, offsetMs = 0 } = {}): Promise<Both> {
  const universe = createUniverse({
    ...{ world, parts: ['one', 'two'], gates: { ...openGates, maxPrograms } },
    ...{ sweepMs: 30_000, lookMs },
    machines: [{ name: 'one' }, { name: 'two' }],
  });
  let seen = 0;
  const both: Both = {
    universe,
    commit(merchantOf) {
      const repo = universe.repos['team']!;
      repo.commit(declared(merchantOf));
      return repo.commits.at(-1)!.id;
    },
    written() {
      const since = universe.wire.attempts.slice(seen);
      seen = universe.wire.attempts.length;
      return since.map(({ key }) => key);
    },
  };
  both.commit(() => 'M-0');
  for (const machine of universe.machines) {
    machine.start();
    await universe.time.advance(offsetMs);
  }
  await universe.time.advance(60_000);
  both.written();
  return both;
}

describe('a commit for programs of two processes', () => {
  it('lies on both', () => {
    expect(new Set(ids.map(partOf))).toEqual(new Set([0, 1]));
  });

  it('is counted as a whole by each of them', async () => {
    const { universe, commit, written } = await started(5);

    commit(() => 'M-1');
    await universe.time.advance(120_000);

    expect(written()).toEqual([]);
  });

  it('stops being counted when both have judged it', async () => {
    const { universe, commit, written } = await started(5);

    commit((id) => (ids.indexOf(id) < 4 ? 'M-1' : 'M-0'));
    await universe.time.advance(60_000);
    expect(written()).toHaveLength(4);
    commit((id) => (ids.indexOf(id) < 4 ? 'M-1' : 'M-2'));
    await universe.time.advance(60_000);

    expect(written()).toHaveLength(4);
    expect(universe.bugs).toEqual([]);
  });

  it('is completed when both have acted on it, and not before', async () => {
    const { universe, commit } = await started(5);
    const first = universe.parts().completed('team');
    expect(first).toBeDefined();
    const [, two] = universe.machines;

    await two?.stop();
    const second = commit((id) => (ids.indexOf(id) < 4 ? 'M-1' : 'M-0'));
    await universe.time.advance(120_000);
    expect(universe.parts().completed('team')).toBe(first);
    universe.parts().move(1, 'one');
    await universe.time.advance(60_000);

    expect(universe.parts().completed('team')).toBe(second);
  });

  it('is still counted by a process that takes a share of it over', async () => {
    const { universe, commit, written } = await started(5);
    commit(() => 'M-1');
    await universe.time.advance(60_000);

    universe.parts().move(1, 'one');
    await universe.time.advance(120_000);
    universe.parts().move(0, 'two');
    await universe.time.advance(120_000);

    expect(written()).toEqual([]);
  });

  it('is counted by a process that starts while it is held', async () => {
    const { universe, commit, written } = await started(5);
    commit(() => 'M-1');
    await universe.time.advance(60_000);

    for (const machine of universe.machines) {
      await machine.stop();
      machine.start();
      await universe.time.advance(120_000);
    }

    expect(written()).toEqual([]);
  });

  it('has whoever did not look yet look at once', async () => {
    const { universe, commit } = await started(5, { lookMs: 600_000, offsetMs: 300_000 });
    const before = universe.parts().completed('team');
    commit((id) => (ids.indexOf(id) < 4 ? 'M-1' : 'M-0'));

    await universe.time.advance(330_000);

    expect(universe.parts().completed('team')).not.toBe(before);
  });
});
