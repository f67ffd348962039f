import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DesiredRelease } from '../../src/core/model/desired.ts';
import type { ObservedProgram } from '../../src/core/model/observed.ts';
import type { Plan } from '../../src/core/model/plan.ts';
import { canonicalJson } from '../../src/core/words/digests.ts';
import {
  fields,
  type DesiredValue,
  type Field,
  type FieldPath,
  type ObservedConfig,
  type ObservedValue,
} from '../../src/core/words/fields.ts';
import { releaseId, type ReleaseKey } from '../../src/core/words/keys.ts';
import { decide } from '../../src/core/plan/decide.ts';
import { planHash } from '../../src/core/plan/identity.ts';
import { makePlan, type PlanInput } from '../../src/core/plan/make-plan.ts';
import { fingerprints, now, openGates, secretTexts } from '../unit/plan/fixtures.ts';
import { applied, worldsOf } from './application.ts';
import { drawnWorld, inputOf } from './plan-worlds.ts';

const runs = 1_000;
const actions = ['create', 'adopt', 'update', 'unchanged', 'settled', 'waiting', 'blocked'];

const worlds = drawnWorld.map(inputOf);

function deepFrozen<T>(value: T): T {
  if (
    typeof value === 'object' &&
    value !== null &&
    !Object.isFrozen(value) &&
    !ArrayBuffer.isView(value)
  ) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFrozen(part);
  }
  return value;
}

/** The same content, everything that has no order in another one. */
function shuffled({ desired, observed, ...input }: PlanInput): PlanInput {
  const backwards = <T extends object>(value: T): T =>
    Object.fromEntries(Object.entries(value).toReversed()) as T;
  return {
    ...input,
    desired: {
      ...desired,
      releases: desired.releases
        .toReversed()
        .map((one) => ({ ...one, config: backwards(one.config) })),
      ...(desired.global
        ? { global: { ...desired.global, config: backwards(desired.global.config) } }
        : {}),
    },
    observed: {
      ...observed,
      releases: backwards(
        Object.fromEntries(
          Object.entries(observed.releases).map(([id, one]) => [
            id,
            { ...one, config: reordered(one.config) },
          ]),
        ) as ObservedProgram['releases'],
      ),
    },
  };
}

function reordered(values: ObservedConfig): ObservedConfig {
  const entries = Object.entries(values) as [string, ObservedValue][];
  return Object.fromEntries(
    entries
      .toReversed()
      .map(([path, one]) => [
        path,
        one.kind === 'list' ? { ...one, items: [...one.items].reverse() } : one,
      ]),
  );
}

const absent = 'no record, or not to be edited';

/** What a release that can be edited gets for a field, as text. */
function effective(
  field: Field,
  key: ReleaseKey,
  { releases, miniProgram }: ObservedProgram,
): string {
  const found = releases[releaseId(key)];
  if (found?.status !== 'NewVersionCreated') return absent;
  return valueText(found.config[field] ?? miniProgram?.global.config[field]);
}

function valueText(value: ObservedValue | DesiredValue | undefined): string {
  if (value?.kind === 'text') return value.text;
  return value?.kind === 'list' ? [...value.items].sort().join() : 'unset';
}

/** What it had, and what is declared for it: its own value, else the global level's. */
function allowedValues(
  field: Field,
  wish: DesiredRelease,
  { desired, observed }: PlanInput,
): readonly string[] {
  const { global } = desired;
  const isUnset = global?.unset.some((one) => one.field === field) === true;
  const today = observed.miniProgram?.global.config[field];
  const planned = isUnset ? undefined : (global?.config[field]?.value ?? today);
  const had = effective(field, wish.key, observed);
  return [had, valueText(wish.config[field]?.value ?? planned)];
}

function decided(plan: Plan) {
  return decide({ plan, gates: openGates, programsInCommit: undefined, allowed: new Set(), now });
}

const application = {
  fingerprints: fingerprints(),
  installation: 'default',
  open: ({ key: name }: { readonly key: string }) => secretTexts[name] ?? '',
};

describe('a plan', () => {
  it('has each desired release in exactly one action', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(worlds, (input) => {
        const { changes } = makePlan(input);

        expect(changes.map(({ key }) => releaseId(key)).sort()).toEqual(
          input.desired.releases.map(({ key }) => releaseId(key)).sort(),
        );
        for (const { action } of changes) seen.set(action, (seen.get(action) ?? 0) + 1);
      }),
      { seed: 11, numRuns: runs },
    );

    expect([...seen.keys()].sort()).toEqual([...actions].sort());
  });

  it('is the same bytes for the same content in another order', () => {
    fc.assert(
      fc.property(worlds, (input) => {
        const plan = makePlan(input);
        const again = makePlan(shuffled(input));

        expect(canonicalJson(JSON.parse(JSON.stringify(again)))).toBe(
          canonicalJson(JSON.parse(JSON.stringify(plan))),
        );
        expect(JSON.stringify(again.changes.map(({ key, fields }) => [key, fields]))).toBe(
          JSON.stringify(plan.changes.map(({ key, fields }) => [key, fields])),
        );
        expect(JSON.stringify(decided(again).held)).toBe(JSON.stringify(decided(plan).held));
        expect(planHash([again])).toBe(planHash([plan]));
      }),
      { seed: 12, numRuns: runs / 2 },
    );
  });

  it('changes none of its inputs', () => {
    fc.assert(
      fc.property(worlds, (input) => {
        const { fingerprints: keys, ...rest } = input;
        deepFrozen(rest);
        const plan = deepFrozen(makePlan({ ...rest, fingerprints: keys }));

        expect(() => decided(plan)).not.toThrow();
      }),
      { seed: 13, numRuns: runs / 2 },
    );
  });

  it('that was carried out is followed by one with nothing to write', () => {
    let writes = 0;
    fc.assert(
      fc.property(worlds, (input) => {
        const first = decided(makePlan(input));
        const observed = applied(input.observed, first, application);
        const second = decided(makePlan({ ...input, observed }));

        writes += first.apply.flatMap(({ apply }) => apply).length;
        expect(
          second.apply.map(({ change, apply }) => [change.key, apply.map(({ path }) => path)]),
        ).toEqual([]);
      }),
      { seed: 14, numRuns: runs },
    );

    expect(writes).toBeGreaterThan(runs);
  });

  it('gives no release a value that is meant for another, not even between two writes', () => {
    let crossings = 0;
    fc.assert(
      fc.property(worlds, (input) => {
        const decision = decided(makePlan(input));
        const seen = worldsOf(input.observed, decision, application);

        crossings += decision.apply.some(({ change }) => change.scope === 'global') ? 1 : 0;
        for (const wish of input.desired.releases.filter(({ superseded }) => !superseded)) {
          for (const field of fields) {
            const allowed = allowedValues(field, wish, input);
            const values = seen.map((observed) => effective(field, wish.key, observed));

            expect([...allowed, absent], field).toEqual(expect.arrayContaining(values));
          }
        }
      }),
      { seed: 18, numRuns: runs },
    );

    expect(crossings).toBeGreaterThan(runs / 20);
  });

  it('names a place for everything it writes', () => {
    fc.assert(
      fc.property(worlds, (input) => {
        for (const { change, apply } of decided(makePlan(input)).apply) {
          expect(change.origins.length).toBeGreaterThan(0);
          for (const field of apply) {
            expect(field.origins.length > 0 || field.write?.to === 'inherit').toBe(true);
          }
        }
      }),
      { seed: 15, numRuns: runs / 4 },
    );
  });

  it('never writes what its last observation forbids', () => {
    fc.assert(
      fc.property(worlds, (input) => {
        for (const { change, apply, mark } of decided(makePlan(input)).apply) {
          if (change.scope === 'global' || change.status === null) continue;
          const paths = apply.map(({ path }): FieldPath | 'mark' => path);
          if (change.status === 'PilotTesting') expect(paths).toEqual(['testers']);
          else expect(change.status).toBe('NewVersionCreated');
          expect(paths.length > 0 || mark).toBe(true);
        }
      }),
      { seed: 16, numRuns: runs / 4 },
    );
  });

  it('holds no secret', () => {
    fc.assert(
      fc.property(worlds, (input) => {
        const plan = makePlan(input);

        expect(JSON.stringify([plan, decided(plan)])).not.toContain('value of the');
      }),
      { seed: 17, numRuns: runs / 4 },
    );
  });
});
