import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/core/model/policy.ts';
import { planChangeId } from '../../../src/core/plan/identity.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import {
  appliedPaths,
  capabilities,
  decideOn,
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  fieldOf,
  heldPaths,
  hour,
  key,
  markOf,
  now,
  observedProgram,
  openGates,
  plan,
  planOne,
  record,
  type PlainConfig,
  type RecordOptions,
  type ReleaseOptions,
} from './fixtures.ts';

const m1: PlainConfig = { merchantId: 'M-1' };
const m2: PlainConfig = { merchantId: 'M-2' };

const worlds: Readonly<Record<string, { release: ReleaseOptions; found: RecordOptions }>> = {
  declaration: { release: { config: m2 }, found: { config: m1, mark: markOf(m1) } },
  drift: { release: { config: m1 }, found: { config: m2, mark: markOf(m1) } },
  conflict: { release: { config: { merchantId: 'M-3' } }, found: { config: m2, mark: markOf(m1) } },
  adoption: { release: { config: m1 }, found: { config: m2, mark: markOf({}) } },
  unset: { release: { config: m1 }, found: { mark: markOf({}) } },
  undeclared: { release: {}, found: { config: m2, mark: markOf({}) } },
};

const expectations: readonly {
  readonly cause: keyof typeof worlds;
  readonly policy: Partial<Policy>;
  readonly held: string | undefined;
  /** Whether an approval lifts it. */
  readonly approvable?: boolean;
}[] = [
  { cause: 'declaration', policy: {}, held: undefined },
  {
    cause: 'declaration',
    policy: { onChange: 'Plan', onDrift: 'Apply' },
    held: 'AwaitingApproval',
    approvable: true,
  },
  { cause: 'drift', policy: {}, held: 'DriftReported', approvable: true },
  { cause: 'drift', policy: { onDrift: 'Apply', onChange: 'Plan' }, held: undefined },
  { cause: 'drift', policy: { onDrift: 'Ignore' }, held: 'DriftIgnored', approvable: false },
  { cause: 'conflict', policy: { onDrift: 'Apply' }, held: undefined },
  { cause: 'conflict', policy: {}, held: 'AwaitingApproval', approvable: true },
  {
    cause: 'conflict',
    policy: { onChange: 'Plan', onDrift: 'Apply' },
    held: 'AwaitingApproval',
    approvable: true,
  },
  { cause: 'conflict', policy: { onDrift: 'Ignore' }, held: 'AwaitingApproval', approvable: true },
  { cause: 'adoption', policy: { onDrift: 'Apply' }, held: undefined },
  { cause: 'adoption', policy: {}, held: 'AwaitingApproval', approvable: true },
  { cause: 'unset', policy: {}, held: undefined },
  { cause: 'unset', policy: { onChange: 'Plan' }, held: 'AwaitingApproval', approvable: true },
  { cause: 'undeclared', policy: { undeclared: 'Clear', onDrift: 'Apply' }, held: undefined },
  { cause: 'undeclared', policy: { undeclared: 'Clear' }, held: 'DriftReported', approvable: true },
  {
    cause: 'undeclared',
    policy: { undeclared: 'Clear', onDrift: 'Ignore' },
    held: 'DriftIgnored',
    approvable: false,
  },
];

describe('policy', () => {
  it.each(expectations)('$cause under $policy: $held', ({ cause, policy, held, approvable }) => {
    const { release, found } = worlds[cause]!;
    const made = planOne({ ...release, policy }, found);
    const decision = decideOn(made, { gates: openGates });
    const { changeId } = fieldOf(made, 'merchantId');
    const approved = decideOn(made, { gates: openGates, allowed: [changeId] });

    expect(decision.held.find((one) => one.changeId === changeId)?.reason).toBe(held);
    expect(appliedPaths(decision).includes('merchantId')).toBe(held === undefined);
    if (held === undefined) return;
    expect(appliedPaths(approved).includes('merchantId')).toBe(approvable);
    expect(approved.released).toEqual(approvable ? [changeId] : []);
    if (approvable) {
      expect(decision.held[0]?.message).toContain(`--allow ${changeId}`);
    }
  });

  it('works per field: a new tester goes while an emergency edit is reported', () => {
    const made = planOne(
      { config: { ...m1, testers: ['a', 'b'] } },
      { config: { ...m2, testers: ['a'] }, mark: markOf({ ...m1, testers: ['a'] }) },
    );
    const decision = decideOn(made);

    expect(appliedPaths(decision)).toEqual(['testers']);
    expect(heldPaths(made, decision)).toEqual(['merchantId: DriftReported']);
  });
});

describe('a suspension', () => {
  const suspended = { reason: 'holidays', until: epochMs(now + hour) };
  const made = planOne({ config: m2, suspended }, { config: m1, mark: markOf(m1) });

  it.each([
    { name: 'holds until its end', at: now + hour - 1, expected: [] },
    { name: 'is over at its end', at: now + hour, expected: ['merchantId'] },
  ])('$name', ({ at, expected }) => {
    expect(appliedPaths(decideOn(made, { at }))).toEqual(expected);
  });

  it('is lifted by no approval', () => {
    const decision = decideOn(made, { allowed: [planChangeId([made])] });

    expect(appliedPaths(decision)).toEqual([]);
    expect(heldPaths(made, decision)).toEqual(['merchantId: Suspended']);
    expect(decision.held[0]?.message).toContain('holidays');
  });

  it('holds adopting and creating too', () => {
    const forever = { reason: 'freeze' };

    expect(decideOn(planOne({ suspended: forever }, {})).apply).toEqual([]);
    expect(decideOn(planOne({ suspended: forever }, undefined)).apply).toEqual([]);
  });
});

describe('the mark', () => {
  it('is written alone where every field is held and the bases of others moved', () => {
    const made = planOne(
      { config: { ...m1, clientId: 'C-1' } },
      { config: { ...m2, clientId: 'C-1' }, mark: markOf(m1) },
    );
    const decision = decideOn(made);

    expect(appliedPaths(decision)).toEqual(['mark']);
    expect(heldPaths(made, decision)).toEqual(['merchantId: DriftReported']);
  });

  it('is not written where nothing but held fields differ', () => {
    const made = planOne({ config: m1 }, { config: m2, mark: markOf(m1) });

    expect(decideOn(made).apply).toEqual([]);
  });

  it('goes with every field that is written', () => {
    const made = planOne({ config: m2 }, { config: m1, mark: markOf(m1) });

    expect(decideOn(made).apply[0]?.mark).toBe(true);
  });

  it('is carried by a repair where alone it would await approval', () => {
    const made = planOne(
      { config: { ...m1, clientId: 'C-1' }, policy: { onChange: 'Plan', onDrift: 'Apply' } },
      { config: { ...m2, clientId: 'C-1' }, mark: markOf(m1) },
    );
    const decision = decideOn(made);

    expect(decision.apply).toMatchObject([{ mark: true, apply: [{ path: 'merchantId' }] }]);
    expect(decision.held).toEqual([]);
  });

  it('is not sent to a platform that stores none', () => {
    const made = planOne(
      { config: m2 },
      { config: m1 },
      {
        capabilities: { ...capabilities, marks: false },
        bases: { 'mp/acme/3500/1.0.0/megapay/Sandbox': markOf(m1) },
      },
    );

    expect(decideOn(made).apply).toMatchObject([{ mark: false, apply: [{ path: 'merchantId' }] }]);
  });

  it('of an adopt follows onChange', () => {
    const made = planOne(
      { config: m1, policy: { onChange: 'Plan', onDrift: 'Apply' } },
      { config: m1 },
    );

    expect(heldPaths(made, decideOn(made))).toEqual(['mark: AwaitingApproval']);
    expect(appliedPaths(decideOn(made, { allowed: [planChangeId([made])] }))).toEqual(['mark']);
  });
});

describe('approvals', () => {
  const made = planOne(
    { config: { ...m2, clientId: 'C-2' }, policy: { onChange: 'Plan' } },
    { config: { ...m1, clientId: 'C-1' }, mark: markOf({ ...m1, clientId: 'C-1' }) },
  );
  const [change] = made.changes;

  it.each([
    { name: 'a field id', ids: [fieldOf(made, 'clientId').changeId], expected: ['clientId'] },
    { name: 'a change id', ids: [change!.changeId], expected: ['clientId', 'merchantId'] },
    { name: 'a plan id', ids: [planChangeId([made])], expected: ['clientId', 'merchantId'] },
    { name: 'an id of something else', ids: ['c-000000000001' as never], expected: [] },
  ])('by $name', ({ ids, expected }) => {
    expect(appliedPaths(decideOn(made, { allowed: ids }))).toEqual(expected);
  });

  it('of a create are all or nothing', () => {
    const create = planOne(
      { config: { ...m1, clientId: 'C-1' }, policy: { onChange: 'Plan' } },
      undefined,
    );
    const [first, second] = create.changes[0]!.fields.map(({ changeId }) => changeId);

    expect(decideOn(create, { allowed: [first!] }).apply).toEqual([]);
    expect(decideOn(create, { allowed: [first!, second!] }).apply).toHaveLength(1);
    expect(decideOn(create, { allowed: [create.changes[0]!.changeId] }).apply).toHaveLength(1);
  });

  it('are void once a value is another', () => {
    const later = planOne(
      { config: { merchantId: 'M-3', clientId: 'C-2' }, policy: { onChange: 'Plan' } },
      { config: { ...m1, clientId: 'C-1' }, mark: markOf({ ...m1, clientId: 'C-1' }) },
    );
    const allowed = change!.fields.map(({ changeId }) => changeId);

    expect(appliedPaths(decideOn(later, { allowed }))).toEqual(['clientId']);
  });
});

describe('what no store here can give', () => {
  it('is planned and not created', () => {
    const made = plan(
      desiredProgram([
        desiredRelease({ config: { 'environmentVariables/API_KEY': { secret: 'first' } } }),
      ]),
      observedProgram([]),
      { fingerprints: { key, previous: [], secrets: {} } },
    );
    const decision = decideOn(made, { allowed: [planChangeId([made])] });

    expect(made.changes[0]?.action).toBe('create');
    expect(made.unverified).toHaveLength(1);
    expect(decision.apply).toEqual([]);
    expect(heldPaths(made, decision)).toEqual(['environmentVariables/API_KEY: AwaitsOther']);
  });
});

describe('the limit of variables', () => {
  const names = (...all: readonly string[]): PlainConfig =>
    Object.fromEntries(all.map((name) => [`environmentVariables/${name}`, 'x']));
  const before = names('A', 'B', 'C', 'D', 'E');
  const made = planOne(
    { config: names('A', 'B', 'C', 'D', 'F'), policy: { onChange: 'Plan' } },
    { config: before, mark: markOf(before) },
  );
  const added = fieldOf(made, 'environmentVariables/F').changeId;
  const removed = fieldOf(made, 'environmentVariables/E').changeId;

  it('holds a new variable as long as the removal that makes room is held', () => {
    const decision = decideOn(made, { allowed: [added] });

    expect(appliedPaths(decision)).toEqual([]);
    expect(heldPaths(made, decision)).toContain('environmentVariables/F: AwaitsOther');
  });

  it('lets both go together', () => {
    expect(appliedPaths(decideOn(made, { allowed: [added, removed] }))).toEqual([
      'environmentVariables/E',
      'environmentVariables/F',
    ]);
  });
});

describe('the order of writing', () => {
  it('is: gains and changes, the global change, creates and what returns to inheriting', () => {
    const made = plan(
      desiredProgram(
        [
          desiredRelease({ version: '1.0.0' }),
          desiredRelease({ version: '1.1.0', config: { clientId: 'C-2' } }),
          desiredRelease({ version: '2.0.0' }),
        ],
        desiredGlobal({ config: m2 }),
      ),
      observedProgram(
        [
          record({ version: '1.0.0', config: m1, mark: markOf(m1) }),
          record({
            version: '1.1.0',
            config: { clientId: 'C-1' },
            mark: markOf({ clientId: 'C-1' }),
          }),
        ],
        { global: m1, globalMark: markOf(m1) },
      ),
    );
    const order = decideOn(made, { gates: openGates }).apply.map(({ change }) =>
      change.scope === 'global' ? 'global' : `${change.action} ${change.key.version}`,
    );

    expect(order).toEqual(['update 1.1.0', 'global', 'update 1.0.0', 'create 2.0.0']);
  });
});
