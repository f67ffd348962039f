import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision, Plan } from '../../src/core/model/plan.ts';
import type { ObservedProgram } from '../../src/core/model/observed.ts';
import type { FieldPath } from '../../src/core/words/fields.ts';
import { releaseId } from '../../src/core/words/keys.ts';
import { epochMs } from '../../src/core/words/time.ts';
import { decide } from '../../src/core/plan/decide.ts';
import { planChangeId } from '../../src/core/plan/identity.ts';
import {
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  fingerprints,
  now,
  observedConfig,
  observedProgram,
  openGates,
  plan,
  record,
  releaseKey,
  type Plain,
  type PlainConfig,
} from '../unit/plan/fixtures.ts';
import { applied } from './application.ts';
import {
  modelFields,
  pass,
  type Judged,
  type Level,
  type LevelState,
  type ModelField,
  type ModelPolicy,
  type Side,
  type World,
} from './ownership-model.ts';

const histories = 10_000;
const leastPerRow = 200;
const paths: Readonly<Record<ModelField, FieldPath>> = {
  merchantId: 'merchantId',
  testers: 'testers',
  HOST: 'environmentVariables/HOST',
};

/** The rows each level has; the global one keeps what leaves its declaration. */
const rows: Readonly<Record<Level, readonly number[]>> = {
  release: [1, 2, 3, 4, 5, 6, 7, 8],
  global: [1, 2, 3, 4, 5, 8, 9, 10, 11, 12],
};

type Step =
  | {
      readonly do: 'declare';
      readonly level: Level;
      readonly field: ModelField;
      readonly value: string | undefined;
    }
  | {
      readonly do: 'edit';
      readonly level: Level;
      readonly field: ModelField;
      readonly value: string | undefined;
    }
  | { readonly do: 'unset'; readonly field: ModelField }
  /** Somebody edits by hand what a commit changes at the same moment. */
  | {
      readonly do: 'collide';
      readonly level: Level;
      readonly field: ModelField;
      readonly value: string | undefined;
      readonly edited: string | undefined;
    }
  | { readonly do: 'lose base'; readonly level: Level }
  | { readonly do: 'move'; readonly field: ModelField; readonly to: Level }
  | { readonly do: 'policy'; readonly level: Level; readonly policy: ModelPolicy }
  | { readonly do: 'suspend'; readonly level: Level; readonly suspended: boolean }
  | { readonly do: 'approve' };

const level = fc.constantFrom<Level>('release', 'global');
const field = fc.constantFrom(...modelFields);
const value = fc.constantFrom('a', 'b', 'c', undefined);
const policy: fc.Arbitrary<ModelPolicy> = fc.record({
  onChange: fc.constantFrom('Apply', 'Apply', 'Plan'),
  onDrift: fc.constantFrom('Apply', 'Report', 'Ignore'),
  undeclared: fc.constantFrom('Report', 'Clear'),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('declare' as const), level, field, value }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('edit' as const), level, field, value }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unset' as const), field }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('collide' as const),
      level,
      field,
      value,
      edited: value,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose base' as const), level }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), field, to: level }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('policy' as const), level, policy }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('suspend' as const), level, suspended: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('approve' as const) }) },
);

const emptySide: Side = { declared: undefined, unset: false, observed: undefined, base: undefined };
const emptyLevel: LevelState = {
  sides: { merchantId: emptySide, testers: emptySide, HOST: emptySide },
  marked: false,
  policy: { onChange: 'Apply', onDrift: 'Report', undeclared: 'Report' },
  suspended: false,
};
const emptyWorld: World = { release: emptyLevel, global: emptyLevel };

function withSide(world: World, at: Level, name: ModelField, side: Partial<Side>): World {
  if (at === 'global' && name === 'HOST') return world;
  const { sides } = world[at];
  return {
    ...world,
    [at]: { ...world[at], sides: { ...sides, [name]: { ...sides[name], ...side } } },
  };
}

function withoutBases(state: LevelState): LevelState {
  const sides = Object.fromEntries(
    modelFields.map((name) => [name, { ...state.sides[name], base: undefined }]),
  ) as LevelState['sides'];
  return { ...state, sides, marked: false };
}

function afterStep(world: World, one: Step): World {
  switch (one.do) {
    case 'declare':
      return withSide(world, one.level, one.field, { declared: one.value, unset: false });
    case 'edit':
      return withSide(world, one.level, one.field, { observed: one.value });
    case 'unset':
      return withSide(world, 'global', one.field, { declared: undefined, unset: true });
    case 'collide': {
      const wish = {
        declared: one.value,
        unset: one.level === 'global' && one.value === undefined,
      };
      return withSide(world, one.level, one.field, { ...wish, observed: one.edited });
    }
    case 'lose base':
      return { ...world, [one.level]: withoutBases(world[one.level]) };
    case 'move': {
      const from: Level = one.to === 'release' ? 'global' : 'release';
      const { declared } = world[from].sides[one.field];
      const left = withSide(world, from, one.field, { declared: undefined });
      return withSide(left, one.to, one.field, { declared: declared ?? 'b', unset: false });
    }
    case 'policy':
      return { ...world, [one.level]: { ...world[one.level], policy: one.policy } };
    case 'suspend':
      return { ...world, [one.level]: { ...world[one.level], suspended: one.suspended } };
    case 'approve':
      return world;
  }
}

function plain(name: ModelField, text: string): Plain {
  return name === 'testers' ? [text, `${text}2`] : text;
}

function configOf(state: LevelState, side: 'declared' | 'observed'): PlainConfig {
  return Object.fromEntries(
    modelFields.flatMap((name) => {
      const text = state.sides[name][side];
      return text === undefined ? [] : [[paths[name], plain(name, text)]];
    }),
  );
}

const suspended = { reason: 'a freeze' };

function desiredOf({ release, global }: World) {
  return desiredProgram(
    [
      desiredRelease({
        config: configOf(release, 'declared'),
        policy: release.policy,
        ...(release.suspended ? { suspended } : {}),
      }),
    ],
    desiredGlobal({
      config: configOf(global, 'declared'),
      unset: (['merchantId', 'testers'] as const).filter((name) => global.sides[name].unset),
      policy: global.policy,
      ...(global.suspended ? { suspended } : {}),
    }),
  );
}

const id = releaseId(releaseKey());

/** The product's world: the model's values, and the marks it has written itself. */
function observedOf(world: World, held: ObservedProgram): ObservedProgram {
  const release = held.releases[id];
  const { miniProgram } = held;
  if (!release || !miniProgram) throw new Error('a record that was there is gone');
  const { mark, ...unmarked } = release;
  const { mark: globalMark, ...unmarkedGlobal } = miniProgram.global;
  const config = observedConfig(configOf(world.release, 'observed'));
  const globalConfig = observedConfig(configOf(world.global, 'observed'));
  return {
    ...held,
    releases: {
      [id]: {
        ...unmarked,
        config,
        ...(world.release.marked && mark !== undefined ? { mark } : {}),
      },
    },
    miniProgram: {
      ...miniProgram,
      global: {
        ...unmarkedGlobal,
        config: globalConfig,
        ...(world.global.marked && globalMark !== undefined ? { mark: globalMark } : {}),
      },
    },
  };
}

/** What the product says of each field it changes: `level path: cause write, applied or not`. */
function toldByProduct(made: Plan, decision: Decision): readonly string[] {
  const going = new Set(
    decision.apply.flatMap(({ apply }) => apply.map(({ changeId }) => changeId)),
  );
  return [...made.global, ...made.changes]
    .flatMap((change) =>
      change.fields
        .filter(({ path }) => path !== 'mark')
        .map(({ path, cause, write, changeId }) =>
          [change.scope, path, cause, write?.to, going.has(changeId)].join(' '),
        ),
    )
    .sort();
}

function toldByModel(judged: readonly Judged[]): readonly string[] {
  return judged
    .filter(({ write }) => write !== undefined)
    .map((one) => [one.level, paths[one.field], one.cause, one.write, one.applied].join(' '))
    .sort();
}

function undeclaredByModel(judged: readonly Judged[]): readonly string[] {
  return judged
    .filter(({ row, write }) => (row === 7 || row === 12) && write === undefined)
    .map((one) => `${one.level} ${paths[one.field]}`)
    .sort();
}

function undeclaredByProduct(made: Plan): readonly string[] {
  return made.undeclared
    .map(({ key, path }) => `${'version' in key ? 'release' : 'global'} ${path}`)
    .sort();
}

function notedByProduct(decision: Decision, scope: Level): boolean {
  return decision.apply.some(({ change, mark }) => change.scope === scope && mark);
}

const application = { fingerprints: fingerprints(), installation: 'default', open: () => '' };

describe('ownership', () => {
  it('of every field is what an independent model says, over random histories', () => {
    const reached = new Map<string, number>();

    fc.assert(
      fc.property(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) => {
        let world = emptyWorld;
        let held = observedProgram([record()]);
        for (const one of steps) {
          world = afterStep(world, one);
          const approved = one.do === 'approve';
          const expected = pass(world, approved);

          const observed = observedOf(world, held);
          const made = plan(desiredOf(world), observed);
          const decision = decide({
            plan: made,
            gates: openGates,
            programsInCommit: undefined,
            allowed: new Set(approved ? [planChangeId([made])] : []),
            now: epochMs(now),
          });
          held = applied(observed, decision, application);

          expect(toldByProduct(made, decision)).toEqual(toldByModel(expected.judged));
          expect(undeclaredByProduct(made)).toEqual(undeclaredByModel(expected.judged));
          expect([notedByProduct(decision, 'release'), notedByProduct(decision, 'global')]).toEqual(
            [expected.noted.release, expected.noted.global],
          );
          for (const { level: at, row } of expected.judged) {
            reached.set(`${at} ${row}`, (reached.get(`${at} ${row}`) ?? 0) + 1);
          }
          world = expected.next;
        }
        expect(held.releases[id]?.config).toEqual(
          observedConfig(configOf(world.release, 'observed')),
        );
        expect(held.miniProgram?.global.config).toEqual(
          observedConfig(configOf(world.global, 'observed')),
        );
      }),
      { seed: 20_240_229, numRuns: histories, endOnFailure: true },
    );

    const table = (['release', 'global'] as const).flatMap((at) =>
      rows[at].map((row) => ({ row: `${at} ${row}`, reached: reached.get(`${at} ${row}`) ?? 0 })),
    );
    console.table(table);
    expect(table.filter((one) => one.reached < leastPerRow)).toEqual([]);
  });

  it('is told by a model that imports nothing', () => {
    const text = readFileSync(new URL('./ownership-model.ts', import.meta.url), 'utf8');

    expect(text).not.toMatch(/\bimport\b|\brequire\b|\bfrom ['"]/);
  });
});
