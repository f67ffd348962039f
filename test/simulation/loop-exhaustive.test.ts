import { expect, it } from 'vitest';
import { effects as platformFaults, type Effect } from '../../src/emulator/faults.ts';
import { drawOf, pick } from './loop-authors.ts';
import { concluded } from './loop-run.ts';
import { secretValue, townWorld, type Declared } from './loop-town.ts';
import type { Strike } from './loop-outside.ts';
import { createUniverse, type EffectAt, type Universe } from './loop-universe.ts';

/** One record is pinned, one begins to inherit, one is new, and the global value they share changes. */
const before: Declared = {
  coffee: {
    global: { merchantId: 'M-1' },
    targets: {
      '1.0.0/Test': { testers: ['u1'] },
      '1.0.0/Sandbox': { merchantId: 'M-S', testers: ['u1'] },
    },
  },
};
const after: Declared = {
  coffee: {
    global: { merchantId: 'M-9' },
    targets: {
      '1.0.0/Test': { merchantId: 'M-1', testers: ['u1'] },
      '1.0.0/Sandbox': { testers: ['u1', 'u2'] },
      '1.0.0/Development': { 'environmentVariables/API_KEY': secretValue },
    },
  },
};

const activeMs = 23_000;

interface Scene {
  readonly before: Declared;
  readonly after: Declared;
}

const three: Scene = { before, after };
const two: Scene = {
  before: { coffee: { targets: { '1.0.0/Test': { testers: ['u1'] } } } },
  after: {
    coffee: {
      targets: { '1.0.0/Test': { merchantId: 'M-1' }, '1.0.0/Sandbox': { merchantId: 'M-S' } },
    },
  },
};

/** First start, a commit, a hand edit that the sweep undoes: and what strikes. */
async function played(
  scene: Scene,
  strikes: (universe: Universe) => Universe['strikes'],
): Promise<Universe> {
  const universe = createUniverse({ world: townWorld() });
  const { repos, machines, time } = universe;
  universe.strikes = strikes(universe);
  repos['team']!.commit(scene.before);
  time.at(4_500, () => repos['team']!.commit(scene.after));
  time.at(14_000, () => edit(universe, { testers: ['u7'] }));
  machines[0]!.start();
  await time.advance(activeMs);
  return universe;
}

function edit(universe: Universe, patch: Readonly<Record<string, string | string[]>>): void {
  universe.console({
    action: 'editReleaseConfig',
    ...{ workspace: 'acme', miniProgram: 'coffee', version: '1.0.0' },
    ...{ app: 'megapay', environment: 'Test', patch },
  });
}

const allRules = (Object.keys(platformFaults) as Effect[]).map((effect): Strike => ({
  kind: 'wire',
  rule: { effect, delayMs: 300 },
}));

/** Everything that may strike an effect. */
function strikesAt({ name }: EffectAt): readonly ((universe: Universe) => Strike)[] {
  const crashes = (['before', 'after'] as const).map((when) => () => ({
    kind: 'crash' as const,
    when,
  }));
  const source = name === 'look' ? (['fail', 'hang'] as const).map((kind) => () => ({ kind })) : [];
  if (!name.startsWith('call:')) return [...crashes, ...source];
  const isList = name.startsWith('call:list');
  const rules = allRules.filter(
    (rule) => isList || rule.kind !== 'wire' || rule.rule.effect !== 'staleList',
  );
  return [
    ...crashes,
    ...rules.map((rule) => () => rule),
    () => ({ kind: 'late', ms: 700 }),
    (universe) => ({ kind: 'meanwhile', happen: () => edit(universe, { clientId: 'C-hand' }) }),
    (universe) => ({ kind: 'meanwhile', happen: () => edit(universe, { testers: ['u9'] }) }),
  ];
}

function nameOf(strike: Strike): string {
  if (strike.kind === 'wire') return strike.rule.effect;
  return strike.kind === 'crash' ? `crash ${strike.when}` : strike.kind;
}

interface Tally {
  readonly failures: readonly string[];
  readonly cases: number;
  /** Of them, those whose trace is another one than without any fault. */
  readonly changed: number;
}

interface Blow {
  readonly at: EffectAt;
  readonly make: (universe: Universe) => Strike;
}

/** Plays the scene once per case, each time under all of its blows. */
async function tally(scene: Scene, cases: readonly (readonly Blow[])[]): Promise<Tally> {
  const calm = (await concluded({ universe: await played(scene, () => () => undefined) })).trace;
  const failures: string[] = [];
  let changed = 0;
  for (const blows of cases) {
    const universe = await played(scene, (one) => ({ n }) => {
      const blow = blows.find(({ at }) => at.n === n);
      return blow?.make(one);
    });
    const { breaches, trace } = await concluded({ universe });
    if (trace.join() !== calm.join()) changed += 1;
    const what = blows.map(({ at, make }) => `${nameOf(make(universe))} at ${at.n} ${at.name}`);
    failures.push(...breaches.map((breach) => `${what.join(' and ')}: ${breach}`));
  }
  return { failures, cases: cases.length, changed };
}

async function effectsOf(scene: Scene): Promise<readonly EffectAt[]> {
  const met: EffectAt[] = [];
  const universe = await played(scene, () => (at) => void met.push(at));
  expect((await concluded({ universe })).breaches).toEqual([]);
  return met;
}

/** No verdict: a busy machine takes its time. */
const timeout = 1_800_000;
const isLong = process.env['FAIRLEAD_SEEDS'] !== undefined;

it('comes to the declared end after any one fault at any one effect', { timeout }, async () => {
  const met = await effectsOf(three);
  const all = met.flatMap((at) => strikesAt(at).map((make) => [{ at, make }]));

  const { failures, cases, changed } = await tally(three, isLong ? all : everyNth(all, 3));

  expect(failures).toEqual([]);
  expect(changed).toBe(cases);
});

/** One of the many, or all with FAIRLEAD_PAIRS=all, at each of two effects. */
it('comes to the declared end after any two faults', { timeout }, async () => {
  const met = await effectsOf(two);
  const draw = drawOf(Number(process.env['FAIRLEAD_SEED'] ?? 1));
  const variants = (at: EffectAt): readonly Blow[] => strikesAt(at).map((make) => ({ at, make }));
  const pairs = met.flatMap((first, i) =>
    met
      .slice(i + 1)
      .flatMap((second): readonly (readonly Blow[])[] =>
        process.env['FAIRLEAD_PAIRS'] === 'all'
          ? variants(first).flatMap((one) => variants(second).map((other) => [one, other]))
          : [[pick(draw, variants(first)), pick(draw, variants(second))]],
      ),
  );

  const { failures, cases, changed } = await tally(two, isLong ? pairs : everyNth(pairs, 19));

  expect(failures).toEqual([]);
  expect(changed / cases).toBeGreaterThan(0.95);
});

function everyNth<T>(from: readonly T[], n: number): readonly T[] {
  return from.filter((_, i) => i % n === 0);
}
