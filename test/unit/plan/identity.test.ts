import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/model/plan.ts';
import {
  changeIdOf,
  expandAllowed,
  planChangeId,
  planHash,
} from '../../../src/core/plan/identity.ts';
import { needs } from '../../../src/core/plan/needs.ts';
import { markCondition, requestIdOf } from '../../../src/core/plan/request-id.ts';
import { revision } from '../../../src/core/model/observed.ts';
import type { PlatformWrite } from '../../../src/core/model/write.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import {
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  key,
  markOf,
  observedProgram,
  otherKey,
  plan,
  planOne,
  record,
  releaseKey,
  type PlainConfig,
  type RecordOptions,
  type ReleaseOptions,
} from './fixtures.ts';

const m1: PlainConfig = { merchantId: 'M-1' };
const m2: PlainConfig = { merchantId: 'M-2' };
const found: RecordOptions = { config: m1, mark: markOf(m1) };
const base = planOne({ config: m2 }, found);

const others: readonly {
  readonly name: string;
  readonly why: string;
  readonly made: Plan;
  readonly sameHash: boolean;
  readonly sameId: boolean;
}[] = [
  {
    name: 'the same again',
    why: 'same content, same identity',
    made: planOne({ config: m2 }, found),
    sameHash: true,
    sameId: true,
  },
  {
    name: 'another moment of observation',
    why: 'no time is in it',
    made: planOne({ config: m2 }, found, { observedAt: 1 as never }),
    sameHash: true,
    sameId: true,
  },
  {
    name: 'another policy',
    why: 'what is held is in it all the same',
    made: planOne({ config: m2, policy: { onChange: 'Plan' } }, found),
    sameHash: true,
    sameId: true,
  },
  {
    name: 'another revision',
    why: 'the precondition differs; what was approved is the same',
    made: planOne({ config: m2 }, { ...found, revision: 'r2' }),
    sameHash: false,
    sameId: true,
  },
  {
    name: 'another value after',
    why: 'that was not shown',
    made: planOne({ config: { merchantId: 'M-3' } }, found),
    sameHash: false,
    sameId: false,
  },
  {
    name: 'another value before',
    why: 'that was not shown',
    made: planOne(
      { config: m2 },
      { config: { merchantId: 'M-0' }, mark: markOf({ merchantId: 'M-0' }) },
    ),
    sameHash: false,
    sameId: false,
  },
  {
    name: 'another base',
    why: 'it is drift and no longer a declaration',
    made: planOne({ config: m2 }, { config: m1, mark: markOf(m2) }),
    sameHash: false,
    sameId: false,
  },
  {
    name: 'another installation’s mark',
    why: 'it is blocked, so there is nothing to write',
    made: planOne({ config: m2 }, { config: m1, mark: markOf(m1, { installation: 'theirs' }) }),
    sameHash: false,
    sameId: false,
  },
  {
    name: 'an attested observation',
    why: 'its precondition is notObserved',
    made: planOne({ config: m2 }, found, { attested: true }),
    sameHash: false,
    sameId: true,
  },
];

describe('planHash and changeId', () => {
  it.each(others)('$name', ({ made, sameHash, sameId, why }) => {
    expect(planHash([made]) === planHash([base]), why).toBe(sameHash);
    expect(planChangeId([made]) === planChangeId([base])).toBe(sameId);
  });

  it('have their forms', () => {
    expect(planHash([base])).toMatch(/^[\w-]{43}$/);
    expect(planChangeId([base])).toMatch(/^c-[0-9a-f]{12}$/);
    expect(base.changes[0]?.changeId).toMatch(/^c-[0-9a-f]{12}$/);
    expect(base.changes[0]?.fields[0]?.changeId).toMatch(/^c-[0-9a-f]{12}$/);
  });

  it('do not change by what is unchanged, settled or waiting beside it', () => {
    const beside = plan(
      desiredProgram([
        desiredRelease({ config: m2 }),
        desiredRelease({ version: '1.1.0', config: m1 }),
        desiredRelease({ version: '9.0.0' }),
      ]),
      observedProgram([
        record(found),
        record({ ...found, version: '1.1.0', status: 'FullRelease', frozen: m2 }),
      ]),
    );

    expect(beside.changes.map(({ action }) => action)).toEqual(['update', 'settled', 'waiting']);
    expect(planHash([beside])).toBe(planHash([base]));
    expect(planChangeId([beside])).toBe(planChangeId([base]));
  });

  it('do not depend on the order of plans', () => {
    const other: Plan = { ...base, key: { ...base.key, miniProgram: '99' }, changes: [] };

    expect(planHash([base, other])).toBe(planHash([other, base]));
  });

  it('of a change is that of its fields', () => {
    const [change] = base.changes;

    expect(changeIdOf(releaseKey(), change?.fields ?? [])).toBe(change?.changeId);
    expect(changeIdOf(releaseKey(), [])).not.toBe(changeIdOf(releaseKey({ version: '2.0.0' }), []));
  });
});

describe('expandAllowed', () => {
  const [change] = base.changes;
  const [field] = change?.fields ?? [];

  it.each([
    { name: 'a set of plans', ids: [planChangeId([base])], expected: [field?.changeId] },
    { name: 'a change', ids: [change!.changeId], expected: [field?.changeId] },
    { name: 'a field', ids: [field!.changeId], expected: [field?.changeId] },
    { name: 'nothing of this plan', ids: ['c-123456789abc' as never], expected: [] },
  ])('brings $name down to fields', ({ ids, expected }) => {
    expect([...expandAllowed([base], ids)]).toEqual(expected);
  });
});

describe('requestIdOf', () => {
  const write: PlatformWrite = {
    operation: 'patchReleaseConfig',
    key: releaseKey(),
    patch: { merchantId: 'M-2', 'environmentVariables/API_KEY': new SecretText('s') },
    mark: 'mark',
    condition: { ifRevision: revision('r1'), ifMark: markCondition('seen') },
  };
  const id = requestIdOf(write, key);
  const different: readonly { readonly name: string; readonly write: PlatformWrite }[] = [
    {
      name: 'revision',
      write: { ...write, condition: { ...write.condition, ifRevision: revision('r2') } },
    },
    {
      name: 'observed mark',
      write: { ...write, condition: { ...write.condition, ifMark: markCondition(undefined) } },
    },
    { name: 'value', write: { ...write, patch: { ...write.patch, merchantId: 'M-3' } } },
    {
      name: 'secret',
      write: {
        ...write,
        patch: { ...write.patch, 'environmentVariables/API_KEY': new SecretText('t') },
      },
    },
    {
      name: 'secret made public',
      write: { ...write, patch: { ...write.patch, 'environmentVariables/API_KEY': 's' } },
    },
    { name: 'field', write: { ...write, patch: { merchantId: 'M-2' } } },
    { name: 'inheriting', write: { ...write, patch: { ...write.patch, merchantId: null } } },
    { name: 'mark', write: { ...write, mark: 'other' } },
    { name: 'key', write: { ...write, key: releaseKey({ version: '2.0.0' }) } },
    {
      name: 'create',
      write: { operation: 'createRelease', key: releaseKey(), config: { merchantId: 'M-2' } },
    },
  ];

  it('is 43 characters, the same for the same write', () => {
    expect(id).toMatch(/^[\w-]{43}$/);
    expect(requestIdOf({ ...write, patch: { ...write.patch } }, key)).toBe(id);
  });

  it.each(different)('is another for another $name', ({ write: other }) => {
    expect(requestIdOf(other, key)).not.toBe(id);
  });

  it('is another under another key', () => {
    expect(requestIdOf(write, otherKey)).not.toBe(id);
  });
});

describe('markCondition', () => {
  it('is the SHA-256 of the text, or absent', () => {
    // printf 'mark' | openssl dgst -sha256 -binary | basenc --base64url
    expect(markCondition('mark')).toBe('YgHrTczJVsxPo6eNygwoiBd-xS79SPEl3yFPBG60MTg');
    expect(markCondition(undefined)).toBe('absent');
  });
});

describe('needs', () => {
  const cases: readonly {
    readonly name: string;
    readonly release: ReleaseOptions;
    readonly records?: readonly RecordOptions[];
    readonly observed?: Parameters<typeof observedProgram>[1];
    readonly expected: readonly string[];
  }[] = [
    { name: 'a record to be made', release: {}, expected: ['versions', 'targets'] },
    { name: 'nothing to be made', release: {}, records: [{}], expected: [] },
    { name: 'a superseded shared target', release: { superseded: true, own: false }, expected: [] },
    { name: 'a blocked claim', release: { barrier: 'Invalid' }, expected: [] },
    {
      name: 'a program that is missing',
      release: {},
      observed: { existence: 'missing' },
      expected: [],
    },
    {
      name: 'versions that are known',
      release: {},
      observed: { versions: ['1.0.0'] },
      expected: ['targets'],
    },
    {
      name: 'a rival that may stand',
      release: { barrier: 'NotGranted', rivals: [desiredRelease({ source: 'green' })] },
      expected: ['versions', 'targets'],
    },
  ];

  it.each(cases)('$name', ({ release, records = [], observed, expected }) => {
    const {
      versions: _versions,
      targets: _targets,
      ...bare
    } = observedProgram(records.map(record));

    expect(
      needs(desiredProgram([desiredRelease(release)], desiredGlobal()), { ...bare, ...observed }),
    ).toEqual(expected);
  });
});
