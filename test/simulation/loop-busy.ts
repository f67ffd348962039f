import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import { client } from './faults-world.ts';
import { environments, type Declared } from './loop-town.ts';
import { createUniverse, type Universe } from './loop-universe.ts';

/*
 * A controller that has its hands full: every one of many targets differs from what is declared, and the platform allows
 * ten calls a second. Then somebody commits.
 */

export const perSecond = 10;
const targetsPerProgram = 20;
const versions = ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0'] as const;

/** What was measured in virtual time. */
export interface Busy {
  /** From the look that found the commit to the first write of it, milliseconds. */
  readonly freshMs: readonly number[];
  /** Share of the allowed calls that was used while there was work. */
  readonly used: number;
  /** Answers 429, which the platform gives to the eleventh call of a second. */
  readonly tooMany: number;
  /** Drifted targets written meanwhile. */
  readonly undone: number;
}

function names(targets: number): readonly string[] {
  return Array.from(
    { length: targets / targetsPerProgram },
    (_, i) => `p${String(i).padStart(4, '0')}`,
  );
}

const places = versions.flatMap((version) => environments.map((env) => `${version}/${env}`));

function declaredOf(targets: number, fresh: Readonly<Record<string, number>>): Declared {
  return Object.fromEntries(
    names(targets).map((name) => {
      const fields = places.map((place, i) => {
        const payee =
          i === 0 && fresh[name] !== undefined ? `M-fresh-${String(fresh[name])}` : 'M-7';
        return [place, { merchantId: payee }] as const;
      });
      return [name, { targets: Object.fromEntries(fields) }];
    }),
  );
}

function driftedWorld(targets: number): WorldFile {
  return {
    platformId: 'megapay',
    clients: [{ id: client }],
    apps: [{ id: 'megapay', environments: [...environments] }],
    workspaces: [
      {
        id: 'acme',
        admins: [client],
        miniPrograms: names(targets).map((id) => ({
          id,
          versions: [...versions],
          releases: places.map((place) => ({
            version: place.split('/')[0]!,
            app: 'megapay',
            environment: place.split('/')[1] as (typeof environments)[number],
            config: { merchantId: 'M-hand' },
          })),
        })),
      },
    ],
  };
}

/** Which program a commit changes. */
export type Whom = 'one that waits' | 'one under way';

/** @param commits  fresh changes, ten seconds apart */
export async function busy(
  targets: number,
  commits: number,
  whom: Whom = 'one that waits',
): Promise<Busy> {
  const universe = createUniverse({
    world: driftedWorld(targets),
    ...{ requestsPerSecond: perSecond, platformRate: perSecond },
    ...{ sweepMs: 3_600_000, lookMs: 1_000 },
  });
  const { repos, machines, time, wire } = universe;
  const fresh: Record<string, number> = {};
  repos['team']!.commit(declaredOf(targets, fresh));
  machines[0]!.start();
  await time.advance(20_000);
  for (let i = 1; i <= commits; i += 1) {
    const underWay = wire.attempts.at(-1)!.key.split('/')[0]!;
    fresh[whom === 'one under way' ? underWay : names(targets).at(-i * 3)!] = i;
    repos['team']!.commit(declaredOf(targets, fresh));
    await time.advance(10_000);
  }
  const until = time.mono();
  const calls = wire.calls.filter(({ sentAt }) => sentAt > 5_000 && sentAt <= until);
  return {
    freshMs: Array.from({ length: commits }, (_, i) => freshMs(universe, i + 1)),
    used: calls.length / ((until - 5_000) / 1_000) / perSecond,
    tooMany: wire.calls.filter(({ answer }) => answer === '429').length,
    undone: wire.attempts.filter(({ config }) => config['merchantId'] === 'M-7').length,
  };
}

function freshMs({ learned, wire }: Universe, i: number): number {
  const found = learned.find(({ index }) => index === i)?.at ?? Infinity;
  const first = wire.attempts.find(({ config }) => config['merchantId'] === `M-fresh-${String(i)}`);
  return (first?.sentAt ?? Infinity) - found;
}
