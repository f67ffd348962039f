import { expect, it } from 'vitest';
import { effects as platformFaults, type Effect } from '../../src/emulator/faults.ts';
import { concluded, type Verdict } from './loop-run.ts';
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

/** First start, a commit, a hand edit that the sweep undoes: and what strikes. */
async function played(strikes: (universe: Universe) => Universe['strikes']): Promise<Universe> {
  const universe = createUniverse({ world: townWorld() });
  const { repos, machines, time } = universe;
  universe.strikes = strikes(universe);
  repos['team']!.commit(before);
  time.at(4_500, () => repos['team']!.commit(after));
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

it('comes to the declared end after any one fault at any one effect', async () => {
  const met: EffectAt[] = [];
  const plain = await played(() => (at) => void met.push(at));
  const calm: Verdict = await concluded({ universe: plain });
  expect(calm.breaches).toEqual([]);

  const failures: string[] = [];
  let cases = 0;
  let struck = 0;
  for (const at of met) {
    for (const make of strikesAt(at)) {
      const universe = await played(
        (one) =>
          ({ n }) =>
            n === at.n ? make(one) : undefined,
      );
      const { breaches, trace } = await concluded({ universe });
      cases += 1;
      if (trace.join() !== calm.trace.join()) struck += 1;
      failures.push(
        ...breaches.map((b) => `${nameOf(make(universe))} at ${at.n} ${at.name}: ${b}`),
      );
    }
  }

  expect(failures).toEqual([]);
  expect(struck).toBe(cases);
});
