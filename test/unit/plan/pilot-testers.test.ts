import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/core/model/policy.ts';
import { markAfter } from '../../../src/core/plan/next-mark.ts';
import {
  appliedPaths,
  decideOn,
  fieldOf,
  heldPaths,
  key,
  markOf,
  openGates,
  planOne,
  type PlainConfig,
} from './fixtures.ts';

const both: Partial<Policy> = { onChange: 'Apply', onDrift: 'Apply' };

interface Case {
  readonly name: string;
  readonly why: string;
  readonly declared?: readonly string[];
  readonly found?: readonly string[];
  readonly base?: readonly string[];
  readonly policy?: Partial<Policy>;
  /** What is written; `inherit`, or nothing. */
  readonly write: readonly string[] | 'inherit' | undefined;
  readonly surplus?: number;
  readonly cause: string;
  readonly applied: readonly string[];
  readonly held: readonly string[];
  /** Whose digest the base is once it is written. */
  readonly next: readonly string[] | undefined;
}

const cases: readonly Case[] = [
  {
    name: 'a new declaration over what we wrote',
    why: 'nobody else has touched the list',
    declared: ['a', 'c'],
    found: ['a', 'b'],
    base: ['a', 'b'],
    write: ['a', 'c'],
    cause: 'declaration',
    applied: ['testers'],
    held: [],
    next: ['a', 'c'],
  },
  {
    name: 'a colleague added somebody, and nothing was declared anew',
    why: 'the tester who was added stays, and no approval removes them',
    declared: ['a'],
    found: ['a', 'b'],
    base: ['a'],
    write: undefined,
    surplus: 1,
    cause: 'drift',
    applied: [],
    held: ['testers: DriftReported'],
    next: ['a'],
  },
  {
    name: 'the same where drift is applied',
    why: 'people who test are not thrown out',
    declared: ['a'],
    found: ['a', 'b'],
    base: ['a'],
    policy: both,
    write: undefined,
    surplus: 1,
    cause: 'drift',
    applied: [],
    held: ['testers: DriftReported'],
    next: ['a'],
  },
  {
    name: 'a colleague exchanged somebody, drift applied',
    why: 'the one who was taken out comes back, the one who came stays',
    declared: ['a', 'b'],
    found: ['a', 'c'],
    base: ['a', 'b'],
    policy: both,
    write: ['a', 'b', 'c'],
    surplus: 1,
    cause: 'drift',
    applied: ['testers'],
    held: [],
    next: ['a', 'b'],
  },
  {
    name: 'a colleague exchanged somebody, drift reported',
    why: 'the union follows the policy of its cause',
    declared: ['a', 'b'],
    found: ['a', 'c'],
    base: ['a', 'b'],
    write: ['a', 'b', 'c'],
    surplus: 1,
    cause: 'drift',
    applied: [],
    held: ['testers: DriftReported'],
    next: ['a', 'b'],
  },
  {
    name: 'both sides added somebody',
    why: 'a conflict is applied only where both policies are Apply',
    declared: ['a', 'b'],
    found: ['a', 'c'],
    base: ['a'],
    write: ['a', 'b', 'c'],
    surplus: 1,
    cause: 'conflict',
    applied: [],
    held: ['testers: AwaitingApproval'],
    next: ['a'],
  },
  {
    name: 'no mark, somebody is declared in addition',
    why: 'nothing is lost by adding, but whose list it is nobody knows',
    declared: ['a', 'b'],
    found: ['a'],
    write: ['a', 'b'],
    cause: 'adoption',
    applied: [],
    held: ['testers: AwaitingApproval'],
    next: ['a', 'b'],
  },
  {
    name: 'no tester yet',
    why: 'nothing is overwritten',
    declared: ['a'],
    write: ['a'],
    cause: 'adoption',
    applied: ['testers'],
    held: [],
    next: ['a'],
  },
  {
    name: 'testers that left the declaration',
    why: 'they are what we wrote',
    found: ['a'],
    base: ['a'],
    write: 'inherit',
    cause: 'declaration',
    applied: ['testers'],
    held: [],
    next: undefined,
  },
  {
    name: 'testers nobody declares, to be cleared',
    why: 'also then nobody is thrown out',
    found: ['a'],
    base: [],
    policy: { ...both, undeclared: 'Clear' },
    write: undefined,
    surplus: 1,
    cause: 'undeclared',
    applied: [],
    held: ['testers: DriftReported'],
    next: undefined,
  },
];

const config = (testers: readonly string[] | undefined): PlainConfig =>
  testers ? { testers } : {};

describe('testers while pilot testing goes on', () => {
  it.each(cases)(
    '$name',
    ({ declared, found, base, policy, write, surplus, cause, why, ...expected }) => {
      const baseConfig = base && base.length > 0 ? config(base) : {};
      const made = planOne(
        { config: config(declared), ...(policy ? { policy } : {}) },
        {
          status: 'PilotTesting',
          config: config(found),
          mark: base ? markOf(baseConfig) : undefined,
        },
      );
      const decision = decideOn(made, { gates: openGates });
      const approved = decideOn(made, {
        gates: openGates,
        allowed: made.changes.map(({ changeId }) => changeId),
      });
      const [change] = made.changes;
      const field = fieldOf(made, 'testers');

      expect(change?.action, why).toBe('update');
      expect(field.cause).toBe(cause);
      expect(field.surplus).toBe(surplus);
      expect(field.write).toEqual(
        write === undefined
          ? undefined
          : write === 'inherit'
            ? { to: 'inherit' }
            : { to: 'value', value: { kind: 'list', items: write } },
      );
      expect(appliedPaths(decision)).toEqual(expected.applied);
      expect(heldPaths(made, decision)).toEqual(expected.held);
      expect(appliedPaths(approved).length, 'surplus cannot be approved').toBe(
        write === undefined ? 0 : 1,
      );
      if (change && write !== undefined) {
        const mark = markAfter({
          change,
          applied: [field],
          installation: 'default',
          fingerprints: { key },
        });
        expect(mark).toBe(markOf(expected.next ? config(expected.next) : {}));
      }
    },
  );

  it('a testers write moves no other base in the mark', () => {
    const bases: PlainConfig = { testers: ['a'], merchantId: 'M-9', clientId: 'C-1' };
    const made = planOne(
      { config: { testers: ['a', 'b'], merchantId: 'M-1' } },
      {
        status: 'PilotTesting',
        config: { testers: ['a'], merchantId: 'M-1' },
        frozen: { merchantId: 'M-1' },
        mark: markOf(bases),
      },
    );
    const [change] = made.changes;

    expect(
      change &&
        markAfter({
          change,
          applied: [fieldOf(made, 'testers')],
          installation: 'default',
          fingerprints: { key },
        }),
    ).toBe(markOf({ ...bases, testers: ['a', 'b'] }));
  });

  it('other fields are locked inside the update', () => {
    const made = planOne(
      { config: { testers: ['a', 'b'], merchantId: 'M-2' } },
      {
        status: 'PilotTesting',
        config: { testers: ['a'], merchantId: 'M-1' },
        frozen: { merchantId: 'M-1' },
        mark: markOf({ testers: ['a'], merchantId: 'M-1' }),
      },
    );

    expect(made.changes[0]).toMatchObject({ action: 'update', reasons: ['ConfigLocked'] });
    expect(fieldOf(made, 'merchantId').locked).toBe('ConfigLocked');
    expect(appliedPaths(decideOn(made))).toEqual(['testers']);
  });

  it('are compared with the configuration and never with what was frozen', () => {
    const made = planOne(
      { config: { testers: ['a', 'b'] } },
      {
        status: 'PilotTesting',
        config: { testers: ['a', 'b'] },
        frozen: { testers: ['a'] },
        mark: markOf({ testers: ['a', 'b'] }),
      },
    );

    expect(made.changes[0]?.action).toBe('unchanged');
  });
});
