import { describe, expect, it } from 'vitest';

import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import { client } from './faults-world.ts';
import type { Declared } from './loop-town.ts';
import { createUniverse } from './loop-universe.ts';

/*
 * Several who want something at a time, in virtual time: what moves is bounded by what the loop lets go on at a time, and
 * by nothing of the machine.
 */

const versions = ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0'];

function ids(who: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${who}${String(index).padStart(3, '0')}`);
}

function worldOf(programs: readonly string[]): WorldFile {
  return {
    platformId: 'megapay',
    clients: [{ id: client }],
    apps: [{ id: 'megapay', environments: ['Production', 'Test'] }],
    workspaces: [
      {
        id: 'acme',
        admins: [client],
        miniPrograms: programs.map((id) => ({
          id,
          versions: [...versions],
          releases: versions.flatMap((version) =>
            (['Production', 'Test'] as const).map((environment) => ({
              ...{ version, app: 'megapay', environment },
              config: { merchantId: 'M-0' },
            })),
          ),
        })),
      },
    ],
  };
}

function declaredOf(programs: readonly string[], merchantId: string, places: number): Declared {
  const named = versions.flatMap((version) => [`${version}/Production`, `${version}/Test`]);
  const targets = Object.fromEntries(
    named.slice(0, places).map((place) => [place, { merchantId }] as const),
  );
  return Object.fromEntries(programs.map((id) => [id, { targets }]));
}

/** Records written within two seconds after the first one, on a platform that answers after 50 ms. */
async function moved(shares: number): Promise<number> {
  const programs = ids('p', 280);
  const universe = createUniverse({
    ...{ world: worldOf(programs), workers: 4, travelMs: 50, sweepMs: 3_600_000 },
    machines: [{ name: 'one', shares }],
  });
  universe.repos['team']!.commit(declaredOf(programs, 'M-1', 1));
  universe.machines[0]!.start();
  await universe.time.advance(5_000);
  const [first] = universe.wire.attempts;
  const until = (first?.sentAt ?? 0) + 2_000;
  return universe.wire.attempts.filter(({ sentAt }) => sentAt <= until).length;
}

interface Beside {
  /** Writes of the busy one between the moment the other's commit was found and the write for it. */
  readonly before: number;
  readonly ms: number;
  /** Writes of the busy one in all, and after it. */
  readonly busy: number;
  readonly after: number;
}

/** A commit for one program beside one that changes all of another source's, on a platform that answers after 50 ms. */
async function beside(count: number, requestsPerSecond: number): Promise<Beside> {
  const [many, one] = [ids('m', count), ids('n', 1)];
  const universe = createUniverse({
    world: worldOf([...many, ...one]),
    sources: ['busy', 'neighbour'],
    ...{ requestsPerSecond, sweepMs: 3_600_000, lookMs: 1_000, workers: 4, travelMs: 50 },
    // A sweep costs more calls than there are programs: all of them are read by themselves, at once.
    pageSize: 5,
  });
  const { repos, machines, time, wire, learned } = universe;
  repos['busy']!.commit(declaredOf(many, 'M-0', 10));
  repos['neighbour']!.commit(declaredOf(one, 'M-0', 10));
  machines[0]!.start();
  await time.advance(600_000);
  const begun = wire.attempts.length;
  if (count > 0) repos['busy']!.commit(declaredOf(many, 'M-1', 10));
  await time.advance(1_500);
  repos['neighbour']!.commit(declaredOf(one, 'M-2', 1));
  await time.advance(600_000);
  const since = wire.attempts.slice(begun);
  const written = since.findIndex(({ config }) => config['merchantId'] === 'M-2');
  const found = learned.findLast(({ source }) => source === 'neighbour')?.at ?? Infinity;
  const isBusy = ({ config }: (typeof since)[number]): boolean => config['merchantId'] === 'M-1';
  return {
    after: since.slice(written).filter(isBusy).length,
    before: since.slice(0, written).filter(({ sentAt }) => sentAt >= found).length,
    ms: (since[written]?.sentAt ?? Infinity) - found,
    busy: since.filter(isBusy).length,
  };
}

describe('shares of the programs', () => {
  it('move each what one moves alone, also in one process', async () => {
    const [one, three] = [await moved(1), await moved(3)];

    expect(one, 'four at a time, a tenth of a second each').toBeGreaterThan(75);
    expect(three / one, `${three} beside ${one}`).toBeGreaterThan(2.5);
  });
});

describe('a change of one source beside one that changes everything', () => {
  it.each([
    {
      name: 'on a platform that allows ten calls a second',
      why: 'every second call is the one who waits',
      ...{ perSecond: 10, before: 2, times: 3 },
    },
    {
      name: 'on a platform that allows as many as we like',
      why: 'some who work are kept for those of whom nothing is under way',
      ...{ perSecond: 1_000, before: 16, times: 1.5 },
    },
  ])('waits for a few of its calls: $name', async ({ why, perSecond, before, times }) => {
    const alone = await beside(0, perSecond);

    const both = await beside(30, perSecond);

    expect(both.busy).toBe(300);
    expect(both.after, 'they overlap').toBeGreaterThan(100);
    expect(both.before, why).toBeLessThanOrEqual(before);
    expect(both.ms / alone.ms, `${both.ms} ms beside ${alone.ms}`).toBeLessThan(times);
  });
});
