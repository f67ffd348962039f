import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/model/plan.ts';
import {
  appliedPaths,
  decideOn,
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  fieldOf,
  heldPaths,
  markOf,
  observedProgram,
  openGates,
  plan,
  record,
  type GlobalOptions,
  type ObservedOptions,
  type PlainConfig,
  type RecordOptions,
  type ReleaseOptions,
} from './fixtures.ts';

const m1: PlainConfig = { merchantId: 'M-1' };
const m2: PlainConfig = { merchantId: 'M-2' };
const marked = markOf(m1);

interface World {
  readonly releases: readonly ReleaseOptions[];
  readonly records: readonly RecordOptions[];
  readonly global: GlobalOptions;
  readonly observed?: ObservedOptions;
}

function worldPlan({ releases, records, global, observed }: World): Plan {
  return plan(
    desiredProgram(releases.map(desiredRelease), desiredGlobal(global)),
    observedProgram(records.map(record), { global: m1, globalMark: marked, ...observed }),
  );
}

/** A merchant id that moves between levels must never pay the wrong company. */
const moves: readonly (World & {
  readonly name: string;
  readonly why: string;
  readonly applied: readonly string[];
  readonly held: readonly string[];
})[] = [
  {
    name: 'down to the release: the release first, then the global level',
    why: 'in between the release would pay the new company',
    releases: [{ config: m1 }],
    records: [{ mark: markOf({}) }],
    global: { config: m2 },
    applied: ['merchantId 1', 'merchantId 2'],
    held: [],
  },
  {
    name: 'down to the release, whose own value is held',
    why: 'whatever the cause, the release has not got its own value',
    releases: [{ config: m1, policy: { onChange: 'Plan' } }],
    records: [{ mark: markOf({}) }],
    global: { config: m2 },
    applied: [],
    held: ['merchantId: AwaitsOther', 'merchantId: AwaitingApproval'],
  },
  {
    name: 'down to a release that is suspended',
    why: 'the global change waits for it',
    releases: [{ config: m1, suspended: { reason: 'freeze' } }],
    records: [{ mark: markOf({}) }],
    global: { config: m2 },
    applied: [],
    held: ['merchantId: AwaitsOther', 'merchantId: Suspended'],
  },
  {
    name: 'down to a release whose removal by hand is reported only',
    why: 'it inherits today',
    releases: [{ config: { merchantId: 'M-own' } }],
    records: [{ mark: markOf({ merchantId: 'M-own' }) }],
    global: { config: m2 },
    applied: [],
    held: ['merchantId: AwaitsOther', 'merchantId: DriftReported'],
  },
  {
    name: 'beside a release that is out',
    why: 'its wish is unknown',
    releases: [{ barrier: 'Invalid' }],
    records: [{ mark: markOf({}) }],
    global: { config: m2 },
    applied: [],
    held: ['merchantId: AwaitsOther'],
  },
  {
    name: 'beside a release whose reference is missing',
    why: 'its wish is unknown',
    releases: [{ barrier: 'ReferenceNotFound' }],
    records: [{ mark: markOf({}) }],
    global: { config: m2 },
    applied: [],
    held: ['merchantId: AwaitsOther'],
  },
  {
    name: 'beside a release that is not granted',
    why: 'that is no claim',
    releases: [{ config: m1, barrier: 'NotGranted' }],
    records: [{ mark: markOf({}) }],
    global: { config: m2 },
    applied: ['merchantId 2'],
    held: [],
  },
  {
    name: 'beside a release of another installation that is declared otherwise',
    why: 'it is blocked, so it does not get its own value',
    releases: [{ config: m1 }],
    records: [{ mark: markOf({}, { installation: 'theirs' }) }],
    global: { config: m2 },
    applied: [],
    held: ['merchantId: AwaitsOther'],
  },
  {
    name: 'beside a superseded release',
    why: 'nobody is going to release it',
    releases: [{ shared: { merchantId: 'M-own' }, superseded: true }],
    records: [{ mark: markOf({}) }],
    global: { config: m2 },
    applied: ['merchantId 2'],
    held: [],
  },
  {
    name: 'up to the global level: the release inherits only after it',
    why: 'in between it would pay the old company',
    releases: [{}],
    records: [{ config: m2, mark: markOf(m2) }],
    global: { config: m2 },
    applied: ['merchantId 2', 'merchantId 3'],
    held: [],
  },
  {
    name: 'up to a global level that is held',
    why: 'the release would inherit the old value',
    releases: [{}],
    records: [{ config: m2, mark: markOf(m2) }],
    global: { config: m2, policy: { onChange: 'Plan' } },
    applied: [],
    held: ['merchantId: AwaitingApproval', 'merchantId: AwaitsOther'],
  },
  {
    name: 'up to a global level somebody else holds',
    why: 'it is blocked, so the value never comes',
    releases: [{}],
    records: [{ config: m2, mark: markOf(m2) }],
    global: { config: m2 },
    observed: { globalMark: markOf(m1, { installation: 'theirs' }) },
    applied: [],
    held: ['merchantId: AwaitsOther'],
  },
  {
    name: 'a create that would inherit what is held',
    why: 'it would be made with the old value for ever',
    releases: [{ version: '2.0.0', config: { clientId: 'C-1' } }],
    records: [],
    global: { config: m2, policy: { onChange: 'Plan' } },
    applied: [],
    held: ['merchantId: AwaitingApproval', 'clientId: AwaitsOther'],
  },
  {
    name: 'a bare create that would inherit what is held',
    why: 'it is held by its own id',
    releases: [{ version: '2.0.0' }],
    records: [],
    global: { config: m2, suspended: { reason: 'freeze' } },
    applied: [],
    held: ['merchantId: Suspended', 'create: AwaitsOther'],
  },
  {
    name: 'a create with a value of its own',
    why: 'it does not inherit',
    releases: [{ version: '2.0.0', config: { merchantId: 'M-own' } }],
    records: [],
    global: { config: m2, policy: { onChange: 'Plan' } },
    applied: ['merchantId 3'],
    held: ['merchantId: AwaitingApproval'],
  },
  {
    name: 'a release under review that lacks its own value',
    why: 'a withdrawal would give it the new one',
    releases: [{ config: { merchantId: 'M-own' } }],
    records: [{ status: 'UnderReview', frozen: { merchantId: 'M-own' } }],
    global: { config: m2 },
    applied: [],
    held: ['merchantId: AwaitingApproval'],
  },
  {
    name: 'a release under review that is declared to inherit',
    why: 'a withdrawal gives it what is declared',
    releases: [{}],
    records: [{ status: 'UnderReview', frozen: m1 }],
    global: { config: m2 },
    applied: ['merchantId 2'],
    held: [],
  },
];

describe('a value that moves between levels', () => {
  it.each(moves)('$name', ({ applied, held, why, ...world }) => {
    const made = worldPlan(world);
    const decision = decideOn(made, { gates: openGates });

    const written = decision.apply.flatMap(({ apply }) =>
      apply.map(({ path, step }) => `${path} ${step}`),
    );
    expect(written, why).toEqual(applied);
    expect(heldPaths(made, decision).filter((one) => !one.startsWith('mark'))).toEqual(held);
  });

  it('is released by nothing but what it waits for', () => {
    const made = worldPlan({
      releases: [{ config: m1, suspended: { reason: 'freeze' } }],
      records: [{ mark: markOf({}) }],
      global: { config: m2 },
    });
    const every = [...made.global, ...made.changes].map(({ changeId }) => changeId);

    expect(appliedPaths(decideOn(made, { gates: openGates, allowed: every }))).toEqual([]);
  });

  it('names what it waits for', () => {
    const made = worldPlan({
      releases: [{ config: m1, suspended: { reason: 'freeze' } }],
      records: [{ mark: markOf({}) }],
      global: { config: m2 },
    });
    const [held] = decideOn(made).held;

    expect(held?.message).toContain('1.0.0 megapay/Sandbox');
  });

  it('is let past a release under review by an approval', () => {
    const made = worldPlan({
      releases: [{ config: { merchantId: 'M-own' } }],
      records: [{ status: 'UnderReview', frozen: { merchantId: 'M-own' } }],
      global: { config: m2 },
    });
    const { changeId } = fieldOf(made, 'merchantId', 'global');
    const decision = decideOn(made, { gates: openGates, allowed: [changeId] });

    expect(appliedPaths(decision)).toEqual(['merchantId']);
    expect(decision.released).toEqual([changeId]);
  });
});

describe('whom a global value reaches', () => {
  it('is every release that inherits it at once, declared or not', () => {
    const made = worldPlan({
      releases: [{ version: '1.0.0' }, { version: '1.1.0', config: m1 }],
      records: [
        { version: '1.0.0', mark: markOf({}) },
        { version: '1.1.0', mark: markOf({}) },
        { version: '2.0.0' },
        { version: '3.0.0', status: 'FullRelease' },
        { version: '4.0.0', config: { merchantId: 'M-own' } },
      ],
      global: { config: m2 },
    });

    expect(made.global[0]?.reach.merchantId?.map(({ version }) => version)).toEqual([
      '1.0.0',
      '2.0.0',
    ]);
  });
});
