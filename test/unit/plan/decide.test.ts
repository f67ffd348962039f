import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/model/plan.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import { gatesOf } from '../../../src/core/plan/gates.ts';
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
  type DecideOptions,
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

  it('of an adopt counts in no gate', () => {
    const made = many(
      60,
      (version) => ({ version }),
      (version) => ({ version }),
    );

    expect(made.changes.every(({ action }) => action === 'adopt')).toBe(true);
    expect(
      decideOn(made, {
        gates: { maxChanges: 0, maxPercent: 0, maxPrograms: 0 },
        programsInCommit: 1,
      }).apply,
    ).toHaveLength(60);
  });
});

function many(
  count: number,
  release: (version: string, i: number) => ReleaseOptions,
  found?: (version: string, i: number) => RecordOptions,
): Plan {
  const versions = Array.from({ length: count }, (_, i) => `1.${i}.0`);
  return plan(
    desiredProgram(
      versions.map((version, i) => desiredRelease({ version, ...release(version, i) })),
    ),
    observedProgram(
      found ? versions.map((version, i) => record({ version, ...found(version, i) })) : [],
      { versions },
    ),
  );
}

/** `count` existing releases of which `changed` get another merchant id. */
function existing(count: number, changed: number, effective = true): Plan {
  return many(
    count,
    (_version, i) => ({ config: i < changed ? m2 : m1 }),
    (_version, i) =>
      effective || i >= changed ? { config: m1, mark: markOf(m1) } : { mark: markOf({}) },
  );
}

describe('gates', () => {
  const cases: readonly {
    readonly name: string;
    readonly why: string;
    readonly made: Plan;
    readonly options?: DecideOptions;
    /** Writes that go; with an approval of the whole plan all go. */
    readonly goes: number;
    readonly message?: RegExp;
  }[] = [
    { name: '50 creates', why: 'the maximum is inclusive', made: many(50, () => ({})), goes: 50 },
    {
      name: '51 creates',
      why: 'one more than the maximum holds them all',
      made: many(51, () => ({})),
      goes: 0,
      message: /51 changes are more than maxChanges 50: --allow c-[0-9a-f]{12}$/,
    },
    {
      name: '51 creates, gate off',
      why: 'each may be off',
      made: many(51, () => ({})),
      options: { gates: { maxChanges: 'off' } },
      goes: 51,
    },
    { name: '3 of 10', why: '30 percent is allowed', made: existing(10, 3), goes: 3 },
    {
      name: '4 of 10',
      why: 'more than 30 percent',
      made: existing(10, 4),
      goes: 0,
      message: /4 of 10 existing releases change \(40 %\), more than maxPercent 30: --allow c-/,
    },
    { name: '9 of 9', why: 'fewer than ten say nothing in percent', made: existing(9, 9), goes: 9 },
    {
      name: '30 creates beside 10 records',
      why: 'creates count towards maxChanges only',
      made: createsBeside(),
      goes: 30,
    },
    {
      name: '20 programs',
      why: 'the maximum is inclusive',
      made: existing(1, 1),
      options: { programsInCommit: 20 },
      goes: 1,
    },
    {
      name: '21 programs',
      why: 'a commit that touches so many is asked about',
      made: existing(1, 1),
      options: { programsInCommit: 21 },
      goes: 0,
      message: /21 programs, more than maxPrograms 20/,
    },
    {
      name: 'programs that cannot be counted',
      why: 'there is no earlier commit',
      made: existing(1, 1),
      goes: 1,
    },
  ];

  it.each(cases)('$name', ({ made, options = {}, goes, message, why }) => {
    const decision = decideOn(made, options);
    const approved = decideOn(made, { ...options, allowed: [planChangeId([made])] });
    const writable = made.changes.filter(
      ({ action }) => action === 'create' || action === 'update',
    ).length;

    expect(decision.apply, why).toHaveLength(goes);
    expect(decision.held.every(({ reason }) => reason === 'GateRefused')).toBe(true);
    expect(approved.apply).toHaveLength(writable);
    if (message) expect(decision.held[0]?.message).toMatch(message);
  });

  it('count what would be written, not what policy holds anyway', () => {
    const made = many(60, (_version, i) => ({
      ...(i >= 50 ? { policy: { onChange: 'Plan' as const } } : {}),
    }));

    expect(decideOn(made).apply).toHaveLength(50);
  });

  it('count the whole, also what was approved', () => {
    const made = many(51, () => ({ config: m1 }));
    const some = made.changes.slice(0, 5).map(({ changeId }) => changeId);

    expect(decideOn(made, { allowed: some }).apply).toHaveLength(5);
  });

  it('do not count a value that only moves to the release', () => {
    const made = plan(
      desiredProgram(
        Array.from({ length: 10 }, (_, i) => desiredRelease({ version: `1.${i}.0`, config: m1 })),
      ),
      observedProgram(
        Array.from({ length: 10 }, (_, i) => record({ version: `1.${i}.0`, mark: markOf({}) })),
        { global: m1 },
      ),
    );

    expect(decideOn(made).apply).toHaveLength(10);
  });
});

function createsBeside(): Plan {
  const versions = Array.from({ length: 40 }, (_, i) => `1.${i}.0`);
  return plan(
    desiredProgram(versions.map((version) => desiredRelease({ version, config: m1 }))),
    observedProgram(
      versions.slice(0, 10).map((version) => record({ version, config: m1, mark: markOf(m1) })),
      { versions },
    ),
  );
}

/** Ten inheriting releases, and a global merchant id that changes. */
function globalChange(count: number, environment: 'Production' | 'Sandbox' = 'Sandbox'): Plan {
  const versions = Array.from({ length: count }, (_, i) => `1.${i}.0`);
  return plan(
    desiredProgram(
      versions.map((version) => desiredRelease({ version, environment })),
      desiredGlobal({ config: m2 }),
    ),
    observedProgram(
      versions.map((version) => record({ version, environment, mark: markOf({}) })),
      { global: m1, globalMark: markOf(m1) },
    ),
  );
}

describe('a global field', () => {
  it('counts once per release that inherits it', () => {
    const gates = { maxPercent: 'off' as const };

    expect(decideOn(globalChange(3), { gates: { ...gates, maxChanges: 3 } }).apply).toHaveLength(1);
    expect(
      decideOn(globalChange(3), { gates: { ...gates, maxChanges: 2 } }).held[0]?.message,
    ).toMatch(/^3 changes/);
  });

  it('counts at least once', () => {
    expect(decideOn(globalChange(0), { gates: { maxChanges: 0 } }).held[0]?.message).toMatch(
      /^1 changes/,
    );
  });

  it('changes every release that inherits it', () => {
    expect(decideOn(globalChange(10)).held[0]?.message).toMatch(/^10 of 10 existing releases/);
  });

  it('is Production if one of those is', () => {
    expect(decideOn(globalChange(1, 'Sandbox')).apply).toHaveLength(1);
    expect(decideOn(globalChange(1, 'Production')).held[0]?.message).toMatch(/productionPayee/);
  });
});

describe('gates that always ask', () => {
  const cases: readonly {
    readonly name: string;
    readonly why: string;
    readonly release: ReleaseOptions;
    readonly found: PlainConfig;
    readonly global?: PlainConfig;
    readonly asks: string | undefined;
  }[] = [
    {
      name: 'a merchant id in Production that changes',
      why: 'somebody else gets paid',
      release: { environment: 'Production', config: m2 },
      found: m1,
      asks: 'productionPayee',
    },
    {
      name: 'a client id in Production that changes',
      why: 'somebody else gets paid',
      release: { environment: 'Production', config: { clientId: 'C-2' } },
      found: { clientId: 'C-1' },
      asks: 'productionPayee',
    },
    {
      name: 'a merchant id in Sandbox',
      why: 'nobody gets paid',
      release: { config: m2 },
      found: m1,
      asks: undefined,
    },
    {
      name: 'a first merchant id in Production',
      why: 'none was set',
      release: { environment: 'Production', config: m1 },
      found: {},
      asks: undefined,
    },
    {
      name: 'an own merchant id over an inherited other one',
      why: 'the one that counted was set',
      release: { environment: 'Production', config: m2 },
      found: {},
      global: m1,
      asks: 'productionPayee',
    },
    {
      name: 'an own merchant id over the same inherited one',
      why: 'who gets paid stays',
      release: { environment: 'Production', config: m1 },
      found: {},
      global: m1,
      asks: undefined,
    },
    {
      name: 'a merchant id in Production that goes',
      why: 'nobody would get paid',
      release: { environment: 'Production' },
      found: m1,
      asks: 'productionPayee',
    },
    {
      name: 'testers that go',
      why: 'nobody could test',
      release: {},
      found: { testers: ['a'] },
      asks: 'clearTesters',
    },
    {
      name: 'testers that return to the global ones',
      why: 'somebody can still test',
      release: {},
      found: { testers: ['a'] },
      global: { testers: ['b'] },
      asks: undefined,
    },
    {
      name: 'testers of whom one goes',
      why: 'not all',
      release: { config: { testers: ['a'] } },
      found: { testers: ['a', 'b'] },
      asks: undefined,
    },
    {
      name: 'server domains that go',
      why: 'the program could call nobody',
      release: {},
      found: { serverDomains: ['a.example'] },
      asks: 'clearDomains',
    },
    {
      name: 'WAP URLs that go',
      why: 'the program could show nothing',
      release: {},
      found: { wapUrls: ['a.example'] },
      asks: 'clearDomains',
    },
  ];

  it.each(cases)('$name', ({ release, found, global, asks, why }) => {
    const environment = release.environment ?? 'Sandbox';
    const made = planOne(
      release,
      { config: found, environment, mark: markOf(found) },
      global ? { global } : {},
    );
    const decision = decideOn(made);
    const off = decideOn(made, { gates: openGates });
    const [field] = made.changes[0]?.fields ?? [];

    expect(field?.asks, why).toBe(asks);
    expect(decision.held.map(({ reason }) => reason)).toEqual(asks ? ['GateRefused'] : []);
    expect(off.held).toEqual([]);
    if (asks) expect(decision.held[0]?.message).toContain(`--allow ${field?.changeId ?? 'none'}`);
  });

  it('do not ask about a create', () => {
    const made = planOne({ environment: 'Production', config: m2 }, undefined);

    expect(decideOn(made).apply).toHaveLength(1);
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

describe('gatesOf', () => {
  it('fills in the defaults', () => {
    expect(gatesOf(undefined)).toEqual({
      maxChanges: 50,
      maxPercent: 30,
      maxPrograms: 20,
      clearTesters: 'ask',
      clearDomains: 'ask',
      productionPayee: 'ask',
    });
    expect(gatesOf({ maxChanges: 'off', maxPercent: 0, clearTesters: 'off' })).toEqual({
      maxChanges: 'off',
      maxPercent: 0,
      maxPrograms: 20,
      clearTesters: 'off',
      clearDomains: 'ask',
      productionPayee: 'ask',
    });
  });
});
