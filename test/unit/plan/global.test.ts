import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/model/plan.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import {
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  fieldOf,
  markOf,
  observedProgram,
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

function globalPlan(global: GlobalOptions, observed: ObservedOptions): Plan {
  return plan(desiredProgram([], desiredGlobal(global)), observedProgram([], observed));
}

function told({ global: [change] }: Plan): readonly string[] {
  if (!change) return [];
  return [
    change.action,
    ...change.fields.map(({ path, cause, write, locked }) =>
      [path, cause, write?.to, locked]
        .filter((part) => part !== undefined && part !== null)
        .join(' '),
    ),
  ];
}

const table: readonly {
  readonly name: string;
  readonly why: string;
  readonly global: GlobalOptions;
  readonly observed: ObservedOptions;
  readonly expected: readonly string[];
  readonly undeclared?: readonly string[];
}[] = [
  {
    name: 'equal',
    why: 'nothing to do and nothing to say',
    global: { config: m1 },
    observed: { global: m1, globalMark: marked },
    expected: [],
  },
  {
    name: 'equal without a mark',
    why: 'only the mark differs',
    global: { config: m1 },
    observed: { global: m1 },
    expected: ['adopt', 'mark adoption'],
  },
  {
    name: 'a new declaration',
    why: 'the platform holds what we wrote',
    global: { config: m2 },
    observed: { global: m1, globalMark: marked },
    expected: ['update', 'merchantId declaration value'],
  },
  {
    name: 'a field that left its declaration',
    why: 'it stays: inheriting releases would lose it',
    global: {},
    observed: { global: m1, globalMark: marked },
    expected: ['adopt', 'mark declaration'],
    undeclared: ['merchantId'],
  },
  {
    name: 'a field nobody declares, under Clear',
    why: 'it stays at the global level, whatever the policy',
    global: { policy: { undeclared: 'Clear', onDrift: 'Apply' } },
    observed: { global: m1, globalMark: markOf({}) },
    expected: [],
    undeclared: ['merchantId'],
  },
  {
    name: 'unset what we wrote',
    why: 'only unset clears',
    global: { unset: ['merchantId'] },
    observed: { global: m1, globalMark: marked },
    expected: ['update', 'merchantId declaration inherit'],
  },
  {
    name: 'unset what somebody set',
    why: 'nothing says that it was ours',
    global: { unset: ['merchantId'] },
    observed: { global: m1, globalMark: markOf({}) },
    expected: ['update', 'merchantId adoption inherit'],
  },
  {
    name: 'unset what somebody changed',
    why: 'it is no longer what we wrote',
    global: { unset: ['merchantId'] },
    observed: { global: m2, globalMark: marked },
    expected: ['update', 'merchantId conflict inherit'],
  },
  {
    name: 'unset and not set',
    why: 'nothing to clear',
    global: { unset: ['merchantId'] },
    observed: { globalMark: markOf({}) },
    expected: [],
  },
  {
    name: 'domains that may not be edited',
    why: 'the super app decides',
    global: { config: { serverDomains: ['a.example'] } },
    observed: { globalMark: markOf({}), domainsGranted: false },
    expected: ['blocked', 'serverDomains declaration DomainsNotGranted'],
  },
  {
    name: 'domains that may not be edited beside another field',
    why: 'the others go on',
    global: { config: { serverDomains: ['a.example'], ...m2 } },
    observed: { global: m1, globalMark: marked, domainsGranted: false },
    expected: [
      'update',
      'merchantId declaration value',
      'serverDomains declaration DomainsNotGranted',
    ],
  },
  {
    name: 'a program that does not exist yet',
    why: 'it may be made soon',
    global: { config: m1 },
    observed: { existence: 'missing' },
    expected: ['waiting'],
  },
  {
    name: 'a declaration that is out',
    why: 'it is never written with less than it says',
    global: { config: m2, barrier: 'Invalid' },
    observed: { global: m1, globalMark: marked },
    expected: ['blocked'],
  },
];

describe('the global configuration', () => {
  it.each(table)('$name', ({ global, observed, expected, undeclared, why }) => {
    const made = globalPlan(global, observed);

    expect(told(made), why).toEqual(expected);
    expect(made.undeclared.map(({ path }) => path)).toEqual(undeclared ?? []);
  });

  it('is not planned where it was not read', () => {
    const { miniProgram: _miniProgram, ...observed } = observedProgram([], {
      existence: 'unknown',
    });
    const made = plan(desiredProgram([], desiredGlobal({ config: m1 })), observed);

    expect(made.global).toEqual([]);
  });
});

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

describe('the policy of a global field', () => {
  const strictness: readonly {
    readonly name: string;
    readonly own: Partial<Policy>;
    readonly release: Partial<Policy>;
    readonly config?: PlainConfig;
    readonly status?: RecordOptions['status'];
    readonly expected: Partial<Policy>;
  }[] = [
    {
      name: 'Plan of the release',
      own: {},
      release: { onChange: 'Plan' },
      expected: { onChange: 'Plan', onDrift: 'Report' },
    },
    {
      name: 'Plan of its own',
      own: { onChange: 'Plan' },
      release: {},
      expected: { onChange: 'Plan' },
    },
    {
      name: 'Report before Apply',
      own: { onDrift: 'Apply' },
      release: { onDrift: 'Report' },
      expected: { onDrift: 'Report' },
    },
    {
      name: 'Ignore before Report',
      own: { onDrift: 'Report' },
      release: { onDrift: 'Ignore' },
      expected: { onDrift: 'Ignore' },
    },
    {
      name: 'both Apply',
      own: { onDrift: 'Apply' },
      release: { onDrift: 'Apply' },
      expected: { onChange: 'Apply', onDrift: 'Apply' },
    },
    {
      name: 'not of a release with a value of its own',
      own: { onDrift: 'Apply' },
      release: { onDrift: 'Ignore', onChange: 'Plan' },
      config: { merchantId: 'M-own' },
      expected: { onChange: 'Apply', onDrift: 'Apply' },
    },
    {
      name: 'not of a release that was applied for',
      own: { onDrift: 'Apply' },
      release: { onDrift: 'Ignore' },
      status: 'FullRelease',
      expected: { onDrift: 'Apply' },
    },
  ];

  it.each(strictness)(
    'is the strictest: $name',
    ({ own, release, config = {}, status, expected }) => {
      const made = worldPlan({
        releases: [{ policy: release, config }],
        records: [{ config, mark: markOf(config), ...(status ? { status, frozen: m1 } : {}) }],
        global: { config: m2, policy: own },
      });

      expect(fieldOf(made, 'merchantId', 'global').policy).toMatchObject(expected);
    },
  );
});
