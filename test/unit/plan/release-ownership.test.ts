import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/model/plan.ts';
import type { FieldPath } from '../../../src/core/words/fields.ts';
import { markAfter } from '../../../src/core/plan/next-mark.ts';
import {
  fingerprints,
  key,
  markOf,
  otherKey,
  plan,
  planOne,
  desiredProgram,
  desiredRelease,
  observedProgram,
  record,
  capabilities,
  type PlainConfig,
} from './fixtures.ts';

const variable = 'environmentVariables/HOST';
const apiKey = 'environmentVariables/API_KEY';

/** `path: cause -> after` of every change of the first release, and its action. */
function told(made: Plan): readonly string[] {
  const [change] = made.changes;
  return [
    change?.action ?? 'none',
    ...(change?.fields ?? []).map(({ path, cause, locked, write }) => {
      const to = write ? (write.to === 'inherit' ? ' -> inherit' : ' -> value') : '';
      return `${path}: ${cause}${to}${locked ? ` (${locked})` : ''}`;
    }),
  ];
}

interface Case {
  readonly name: string;
  readonly why: string;
  readonly declared: PlainConfig;
  readonly found: PlainConfig;
  /** What the mark's bases stand for; absent: no mark. */
  readonly base?: PlainConfig;
  readonly expected: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'equal to the mark',
    why: 'a second run writes nothing',
    declared: { merchantId: 'M-1' },
    found: { merchantId: 'M-1' },
    base: { merchantId: 'M-1' },
    expected: ['unchanged'],
  },
  {
    name: 'lists in another order',
    why: 'lists are compared as sets',
    declared: { testers: ['b', 'a'] },
    found: { testers: ['b', 'a', 'b'] },
    base: { testers: ['a', 'b'] },
    expected: ['unchanged'],
  },
  {
    name: 'equal without a mark',
    why: 'what is equal is adopted, so that its drift can be told later',
    declared: { merchantId: 'M-1' },
    found: { merchantId: 'M-1' },
    expected: ['adopt', 'mark: adoption'],
  },
  {
    name: 'equal with another base',
    why: 'somebody wrote what is now declared: only the base moves',
    declared: { merchantId: 'M-2' },
    found: { merchantId: 'M-2' },
    base: { merchantId: 'M-1' },
    expected: ['adopt', 'mark: declaration'],
  },
  {
    name: 'a new declaration',
    why: 'the platform still holds what we wrote',
    declared: { merchantId: 'M-2' },
    found: { merchantId: 'M-1' },
    base: { merchantId: 'M-1' },
    expected: ['update', 'merchantId: declaration -> value'],
  },
  {
    name: 'drift',
    why: 'the declaration is what we wrote',
    declared: { merchantId: 'M-1' },
    found: { merchantId: 'M-9' },
    base: { merchantId: 'M-1' },
    expected: ['update', 'merchantId: drift -> value'],
  },
  {
    name: 'conflict',
    why: 'both sides moved',
    declared: { merchantId: 'M-2' },
    found: { merchantId: 'M-9' },
    base: { merchantId: 'M-1' },
    expected: ['update', 'merchantId: conflict -> value'],
  },
  {
    name: 'adoption on an unmarked record',
    why: 'somebody set it before we knew the record',
    declared: { merchantId: 'M-1' },
    found: { merchantId: 'M-9' },
    expected: ['update', 'merchantId: adoption -> value', 'mark: adoption'],
  },
  {
    name: 'a field that left the declaration',
    why: 'it holds what we wrote, so it inherits again',
    declared: {},
    found: { merchantId: 'M-1' },
    base: { merchantId: 'M-1' },
    expected: ['update', 'merchantId: declaration -> inherit'],
  },
  {
    name: 'a field that left the declaration and was edited',
    why: 'what somebody set is never removed',
    declared: {},
    found: { merchantId: 'M-9' },
    base: { merchantId: 'M-1' },
    expected: ['adopt', 'mark: declaration'],
  },
  {
    name: 'a literal variable',
    why: 'its base is a digest of its own kind',
    declared: { [variable]: 'b.example' },
    found: { [variable]: 'a.example' },
    base: { [variable]: 'a.example' },
    expected: ['update', `${variable}: declaration -> value`],
  },
  {
    name: 'a secret that was rotated',
    why: 'the base is the fingerprint of the earlier one',
    declared: { [apiKey]: { secret: 'second' } },
    found: { [apiKey]: { secret: 'first' } },
    base: { [apiKey]: { secret: 'first' } },
    expected: ['update', `${apiKey}: declaration -> value`],
  },
  {
    name: 'a secret that somebody overwrote',
    why: 'the base is the fingerprint of the declared one',
    declared: { [apiKey]: { secret: 'first' } },
    found: { [apiKey]: 'by hand' },
    base: { [apiKey]: { secret: 'first' } },
    expected: ['update', `${apiKey}: drift -> value`],
  },
  {
    name: 'a literal that became a secret of the same value',
    why: 'nothing is written, the base changes its kind',
    declared: { [apiKey]: { secret: 'first' } },
    found: { [apiKey]: { secret: 'first' } },
    base: { [apiKey]: 'value of the first secret' },
    expected: ['adopt', 'mark: declaration'],
  },
  {
    name: 'a secret that became another literal',
    why: 'the fingerprint of what is there is the base',
    declared: { [apiKey]: 'public' },
    found: { [apiKey]: { secret: 'first' } },
    base: { [apiKey]: { secret: 'first' } },
    expected: ['update', `${apiKey}: declaration -> value`],
  },
  {
    name: 'a hidden variable whose base is the declaration',
    why: 'the base alone decides',
    declared: { [variable]: 'a' },
    found: { [variable]: '(hidden)' },
    base: { [variable]: 'a' },
    expected: ['unchanged'],
  },
  {
    name: 'a hidden secret whose base is another',
    why: 'it is taken for what we wrote',
    declared: { [apiKey]: { secret: 'second' } },
    found: { [apiKey]: '(hidden)' },
    base: { [apiKey]: { secret: 'first' } },
    expected: ['update', `${apiKey}: declaration -> value`],
  },
  {
    name: 'a hidden variable that left the declaration',
    why: 'we wrote it',
    declared: {},
    found: { [variable]: '(hidden)' },
    base: { [variable]: 'a' },
    expected: ['update', `${variable}: declaration -> inherit`],
  },
];

describe('a record that can be edited', () => {
  it.each(cases)('$name', ({ declared, found, base, expected, why }) => {
    const made = planOne(
      { config: declared },
      { config: found, mark: base ? markOf(base) : undefined },
    );

    expect(told(made), why).toEqual(expected);
  });

  it('lists what nobody declares and leaves it', () => {
    const made = planOne({}, { config: { merchantId: 'M-9' }, mark: markOf({}) });

    expect(told(made)).toEqual(['unchanged']);
    expect(made.undeclared.map(({ path }) => path)).toEqual(['merchantId']);
  });

  it('clears it where the policy says so', () => {
    const made = planOne(
      { policy: { undeclared: 'Clear' } },
      { config: { merchantId: 'M-9' }, mark: markOf({}) },
    );

    expect(told(made)).toEqual(['update', 'merchantId: undeclared -> inherit']);
    expect(made.undeclared).toEqual([]);
  });

  it('says that drift of a hidden variable cannot be seen', () => {
    const config = { [variable]: 'a' } as PlainConfig;
    const made = planOne({ config }, { config: { [variable]: '(hidden)' }, mark: markOf(config) });

    expect(made.problems.map(({ rule }) => rule)).toEqual(['variable-drift-unseen']);
  });

  it('keeps the shown values of variables secret unless they equal the declared literal', () => {
    const made = planOne(
      { config: { [variable]: 'public' } },
      { config: { [variable]: 'set by hand' }, mark: markOf({}) },
    );
    const [field] = made.changes[0]?.fields ?? [];

    expect(field?.before.state).toBe('secret');
    expect(field?.after).toEqual({ state: 'value', value: 'public' });
    expect(field?.sensitive).toBe(true);
    expect(JSON.stringify(made)).not.toContain('set by hand');
  });
});

describe('secrets', () => {
  const config: PlainConfig = { [apiKey]: { secret: 'first' }, merchantId: 'M-1' };

  it('are no difference where no store is configured', () => {
    const made = plan(
      desiredProgram([desiredRelease({ config })]),
      observedProgram([
        record({
          config: { merchantId: 'M-1', [apiKey]: 'x' },
          mark: markOf({ merchantId: 'M-1' }),
        }),
      ]),
      { fingerprints: { key, previous: [], secrets: {} } },
    );

    expect(told(made)).toEqual(['unchanged']);
    expect(made.unverified.map(({ path }) => path)).toEqual([apiKey]);
  });

  it('that a store refuses lock their field, and the others go on', () => {
    const made = plan(
      desiredProgram([desiredRelease({ config: { ...config, merchantId: 'M-2' } })]),
      observedProgram([
        record({ config: { merchantId: 'M-1' }, mark: markOf({ merchantId: 'M-1' }) }),
      ]),
      {
        fingerprints: fingerprints({
          secrets: { 'cli|store/first': { state: 'unavailable', message: 'no' } },
        }),
      },
    );

    expect(told(made)).toEqual([
      'update',
      'merchantId: declaration -> value',
      `${apiKey}: declaration (SecretUnavailable)`,
    ]);
    expect(made.changes[0]?.nextStep).toContain('API_KEY');
  });

  it('that a store refuses block a release where nothing else can be written', () => {
    const made = plan(
      desiredProgram([desiredRelease({ config })]),
      observedProgram([
        record({ config: { merchantId: 'M-1' }, mark: markOf({ merchantId: 'M-1' }) }),
      ]),
      {
        fingerprints: fingerprints({
          secrets: { 'cli|store/first': { state: 'unavailable', message: 'no' } },
        }),
      },
    );

    expect(made.changes[0]).toMatchObject({ action: 'blocked', reasons: ['SecretUnavailable'] });
  });

  it('have no base under a key that is not known, and every other field keeps its own', () => {
    const made = plan(
      desiredProgram([
        desiredRelease({ config: { [apiKey]: { secret: 'second' }, merchantId: 'M-2' } }),
      ]),
      observedProgram([
        record({
          config: { [apiKey]: { secret: 'first' }, merchantId: 'M-1' },
          mark: markOf({ [apiKey]: { secret: 'first' }, merchantId: 'M-1' }, { by: otherKey }),
        }),
      ]),
    );

    expect(told(made)).toEqual([
      'update',
      'merchantId: declaration -> value',
      `${apiKey}: adoption -> value`,
    ]);
    expect(made.problems.map(({ rule }) => rule)).toEqual(['foreign-fingerprint-key']);
  });

  it('leave a mark with a foreign key alone while no field changes', () => {
    const values: PlainConfig = { [apiKey]: { secret: 'first' } };
    const made = planOne(
      { config: values },
      { config: values, mark: markOf(values, { by: otherKey }) },
    );

    expect(told(made)).toEqual(['unchanged']);
    expect(made.problems.map(({ rule }) => rule)).toEqual(['foreign-fingerprint-key']);
  });

  it('are judged and adopted under the new key after a rotation', () => {
    const values: PlainConfig = { [apiKey]: { secret: 'first' } };
    const made = plan(
      desiredProgram([desiredRelease({ config: values })]),
      observedProgram([record({ config: values, mark: markOf(values, { by: otherKey }) })]),
      { fingerprints: fingerprints({ previous: [otherKey] }) },
    );
    const [change] = made.changes;

    expect(told(made)).toEqual(['adopt', 'mark: declaration']);
    expect(
      change && markAfter({ change, applied: [], installation: 'default', fingerprints: { key } }),
    ).toBe(markOf(values));
  });

  it('keep their base under the new key while a rotation finds drift', () => {
    const values: PlainConfig = { [apiKey]: { secret: 'first' } };
    const made = plan(
      desiredProgram([desiredRelease({ config: values })]),
      observedProgram([
        record({ config: { [apiKey]: 'by hand' }, mark: markOf(values, { by: otherKey }) }),
      ]),
      { fingerprints: fingerprints({ previous: [otherKey] }) },
    );

    expect(told(made)).toEqual(['update', `${apiKey}: drift -> value`, 'mark: declaration']);
    expect(made.changes[0]?.bases.settled).toEqual({ [apiKey]: markedBase(values, apiKey) });
  });
});

function markedBase(values: PlainConfig, path: FieldPath): string {
  return markOf({ [path]: values[path] ?? '' }).slice(23);
}

describe('a platform without marks', () => {
  const without = { capabilities: { ...capabilities, marks: false } };

  it('has no adopt', () => {
    expect(
      told(planOne({ config: { merchantId: 'M-1' } }, { config: { merchantId: 'M-1' } }, without)),
    ).toEqual(['unchanged']);
  });

  it('makes every difference an adoption where there are no bases', () => {
    const made = planOne(
      { config: { merchantId: 'M-1', clientId: 'C-1' } },
      { config: { merchantId: 'M-9' } },
      without,
    );

    expect(told(made)).toEqual([
      'update',
      'clientId: adoption -> value',
      'merchantId: adoption -> value',
    ]);
    expect(made.lacks).toEqual(['marks']);
  });

  it('uses the bases that are kept beside it', () => {
    const made = planOne(
      { config: { merchantId: 'M-2' } },
      { config: { merchantId: 'M-1' } },
      {
        ...without,
        bases: { 'mp/acme/3500/1.0.0/megapay/Sandbox': markOf({ merchantId: 'M-1' }) },
      },
    );

    expect(told(made)).toEqual(['update', 'merchantId: declaration -> value']);
  });
});
