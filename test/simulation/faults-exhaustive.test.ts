import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { effects, type Effect, type FaultPlan } from '../../src/emulator/faults.ts';
import type { CallEntry } from '../../src/emulator/calls.ts';
import type { Host } from '../../src/emulator/host.ts';
import { operations, type Operation } from '../../src/protocol/operations.ts';
import type { Switches } from '../../src/emulator/world/switches.ts';
import { seededRandom } from '../support/random.ts';
import {
  createIds,
  createScene,
  faultWorld,
  heldBy,
  recordCounts,
  writesIn,
  type Scene,
  type Wishes,
} from './faults-world.ts';

/** One record is pinned, one begins to inherit, one is new, and the global value they share changes. */
const before: Wishes = {
  targets: { Test: '{ testers: [u1] }', Sandbox: '{ merchantId: M-S, testers: [u1] }' },
  global: '{ merchantId: M-1 }',
};
const after: Wishes = {
  targets: {
    Test: '{ merchantId: M-1, testers: [u1] }',
    Sandbox: '{ testers: [u1, u2] }',
    Development:
      '{ environmentVariables: [{ name: API_KEY, valueFrom: { secretKeyRef: { name: keys, key: api } } }] }',
  },
  global: '{ merchantId: M-9 }',
};
const end = {
  Test: { merchantId: 'M-1', testers: ['u1'] },
  Sandbox: { testers: ['u1', 'u2'] },
  Development: { environmentVariables: [{ name: 'API_KEY', value: 'canary-0a1b2c3d' }] },
  global: { merchantId: 'M-9' },
};
/** Who may be paid by whom, at any moment. */
const payees: Readonly<Record<string, readonly (string | undefined)[]>> = {
  Test: ['M-1'],
  Sandbox: ['M-S', 'M-9'],
  Development: ['M-9'],
};

/** More of them with FAIRLEAD_SEEDS=N. */
const seeds = Number(process.env['FAIRLEAD_SEEDS'] ?? 40);

const allEffects = Object.keys(effects) as readonly Effect[];
/** One of each kind of failure; the others are told apart by the driver, not by what a platform lacks. */
const kinds: readonly Effect[] = [
  'dropBefore',
  'dropAfter',
  'duplicate',
  'unknown',
  'accepted',
  'tooMany',
  'errorApplied',
  'staleList',
];
const lists: readonly Operation[] = operations.filter((name) => name.startsWith('list'));

/** A list may be older than a write; a get of one key, or a write against an old state, would be a platform that lies. */
function canStrike(effect: Effect, operation: string): boolean {
  return effect !== 'staleList' || lists.some((name) => name === operation);
}

async function begin(switches: Partial<Switches>, seed = 1): Promise<Scene> {
  const scene = createScene(faultWorld(switches), before, seed);
  await scene.pass();
  scene.host.resetCalls();
  return scene;
}

/** Payees that a state of the world would pay wrongly. */
function wronglyPaid(host: Host): readonly string[] {
  const states = Array.from({ length: 64 }, (_, i) => host.past(i + 1));
  return states.concat(host.world()).flatMap((world) => {
    const global = world.programs.valueSeq().find(({ id }) => id === 'coffee')
      ?.globalConfig.merchantId;
    return world.releases
      .toArray()
      .filter(
        ({ miniProgram, status }) => miniProgram === 'coffee' && status === 'NewVersionCreated',
      )
      .map(({ environment, config }) => ({ environment, payee: config.merchantId ?? global }))
      .filter(
        ({ environment, payee }) =>
          world.counter > 0 && payee !== 'M-0' && !(payees[environment] ?? []).includes(payee),
      )
      .map(({ environment, payee }) => `${environment} pays ${payee ?? 'nobody'}`);
  });
}

interface Verdict {
  readonly held: unknown;
  readonly createIds: number;
  readonly records: number;
  readonly restless: readonly CallEntry[];
  readonly wronglyPaid: readonly string[];
  readonly struck: boolean;
}

/** What is wrong with a verdict, in few words; empty for a good one. */
function wrongs(verdict: Verdict): readonly string[] {
  return [
    ...(isDeepStrictEqual(verdict.held, end) ? [] : [`ended as ${JSON.stringify(verdict.held)}`]),
    ...(verdict.createIds === 1 ? [] : [`${String(verdict.createIds)} request ids for one create`]),
    ...(verdict.records === 1 ? [] : [`${String(verdict.records)} records of one key`]),
    ...verdict.restless.map(({ operation, key }) => `still wrote: ${operation} ${key}`),
    ...verdict.wronglyPaid,
  ];
}

/** Faulty passes, then clean ones until one of at most four finds nothing to do. */
async function judge(scene: Scene, plans: readonly FaultPlan[]): Promise<Verdict> {
  const { host, pass } = scene;
  for (const faults of plans) await pass({ wishes: after, faults });
  const struck = host.calls().some(({ http }) => http.fault !== undefined);
  let rest = await pass({ wishes: after });
  for (let i = 0; i < 3 && writesIn(rest.calls).length > 0; i += 1)
    rest = await pass({ wishes: after });
  return {
    held: heldBy(host),
    createIds: Math.max(...Object.values(createIds(host.calls())).map(({ length }) => length)),
    // A permissive platform makes a second record of a duplicate on its own; the request ids still tell on us.
    records: host.world().switches.permissive ? 1 : Math.max(...Object.values(recordCounts(host))),
    restless: writesIn(rest.calls),
    wronglyPaid: [...new Set(wronglyPaid(host))],
    struck,
  };
}

const worlds: readonly { readonly name: string; readonly switches: Partial<Switches> }[] = [
  { name: 'a whole platform', switches: {} },
  { name: 'a permissive platform', switches: { permissive: true } },
  {
    name: 'a platform without conditions and request ids',
    switches: { conditionalWrites: false, requestIds: false },
  },
  { name: 'a platform without marks', switches: { marks: false } },
  {
    name: 'a platform whose lists move under the reader',
    switches: { pageOrder: 'recentlyChanged', maxPageSize: 1, maxIdsPerFilter: 1 },
  },
];

describe.each(worlds)('$name', ({ switches }) => {
  it('comes to the declared end after any one fault at any one call', async () => {
    const scene = await begin(switches);
    const { calls } = await scene.pass({ wishes: after });
    const tried = Object.keys(switches).length === 0 ? allEffects : kinds;
    const cases = tried.flatMap((effect) =>
      calls.flatMap(({ operation }, i) =>
        canStrike(effect, operation) ? [{ effect, nth: i + 1 }] : [],
      ),
    );
    const failures: string[] = [];
    let struckTimes = 0;

    for (const { effect, nth } of cases) {
      const verdict = await judge(await begin(switches), [
        { rules: [{ effect, nth, times: 1, delayMs: 1 }] },
      ]);
      if (verdict.struck) struckTimes += 1;
      failures.push(
        ...wrongs(verdict).map((wrong) => `${effect} at call ${String(nth)}: ${wrong}`),
      );
    }

    expect(failures).toEqual([]);
    expect(struckTimes).toBe(cases.length);
  });

  it('comes to the declared end after random faults in three passes', async () => {
    const failures: string[] = [];
    let struckTimes = 0;

    for (let seed = 1; seed <= seeds; seed += 1) {
      const random = seededRandom(seed);
      const plans = [1, 2, 3].map((n): FaultPlan => ({
        seed: seed * 10 + n,
        rules: [1, 2, 3].flatMap(() => {
          const effect = allEffects[Math.floor(random.next() * allEffects.length)]!;
          const rule = { effect, probability: 0.3, delayMs: 1 };
          return effect === 'staleList'
            ? lists.map((operation) => ({ ...rule, operation }))
            : [rule];
        }),
      }));
      const verdict = await judge(await begin(switches, seed), plans);
      if (verdict.struck) struckTimes += 1;
      failures.push(...wrongs(verdict).map((wrong) => `seed ${String(seed)}: ${wrong}`));
    }

    expect(failures).toEqual([]);
    expect(struckTimes / seeds).toBeGreaterThan(0.8);
  });
});
