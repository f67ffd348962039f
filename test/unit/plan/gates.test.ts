import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/model/plan.ts';
import { planChangeId } from '../../../src/core/plan/identity.ts';
import {
  decideOn,
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  markOf,
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
  it('do not count what is adopted', () => {
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
      /^1 change is more than/,
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

  const creates: readonly {
    readonly name: string;
    readonly why: string;
    readonly release: ReleaseOptions;
    readonly global?: PlainConfig;
    readonly live?: PlainConfig;
    readonly asks: readonly string[] | undefined;
  }[] = [
    {
      name: 'another merchant id than the live version',
      why: 'once it is released somebody else gets paid',
      release: { environment: 'Production', config: m2 },
      live: m1,
      asks: ['merchantId'],
    },
    {
      name: 'another one by inheriting it',
      why: 'it is the same to whoever gets paid',
      release: { environment: 'Production' },
      global: m2,
      live: m1,
      asks: ['merchantId'],
    },
    {
      name: 'none at all',
      why: 'nobody would get paid',
      release: { environment: 'Production' },
      live: m1,
      asks: ['merchantId'],
    },
    {
      name: 'the same by inheriting it',
      why: 'nothing changes for whoever gets paid',
      release: { environment: 'Production' },
      global: m1,
      live: m1,
      asks: undefined,
    },
    {
      name: 'another one in Sandbox',
      why: 'nobody gets paid there',
      release: { config: m2 },
      live: m1,
      asks: undefined,
    },
    {
      name: 'a first one',
      why: 'none was set',
      release: { environment: 'Production', config: m2 },
      live: {},
      asks: undefined,
    },
  ];

  it.each(creates)('a create with $name', ({ release, global, live, asks, why }) => {
    const environment = release.environment ?? 'Sandbox';
    const made = plan(
      desiredProgram([desiredRelease({ version: '2.0.0', ...release })]),
      observedProgram(
        [record({ version: '1.0.0', environment, status: 'FullRelease', frozen: live ?? {} })],
        global ? { global } : {},
      ),
    );
    const [change] = made.changes;
    const decision = decideOn(made);

    expect(change?.newPayee, why).toEqual(asks);
    expect(decision.apply).toHaveLength(asks ? 0 : 1);
    expect(decideOn(made, { gates: openGates }).apply).toHaveLength(1);
    expect(decideOn(made, { allowed: [change!.changeId] }).apply).toHaveLength(1);
    if (asks) expect(decision.held[0]?.message).toContain(`--allow ${change!.changeId}`);
  });

  it('do not ask about a create where nothing is live', () => {
    const made = planOne({ environment: 'Production', config: m2 }, undefined);

    expect(decideOn(made).apply).toHaveLength(1);
  });
});
