import { describe, expect, it } from 'vitest';
import { markAfter } from '../../../src/core/plan/next-mark.ts';
import {
  appliedPaths,
  decideOn,
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  key,
  markOf,
  observedProgram,
  openGates,
  plan,
  record,
  type PlainConfig,
} from './fixtures.ts';

const m1: PlainConfig = { merchantId: 'M-1' };

/** Two sources declare one key: `first` by the order of the settings. */
function rivals(mark: string | undefined, first = 'blue', second = 'green') {
  const release = desiredRelease({
    source: first,
    config: { merchantId: `of ${first}` },
    rivals: [desiredRelease({ source: second, config: { merchantId: `of ${second}` } })],
  });
  return plan(desiredProgram([release]), observedProgram([record({ config: m1, mark })]));
}

function bySource(made: ReturnType<typeof plan>) {
  return Object.fromEntries(
    made.changes.map(({ source, action, reasons }) => [source, [action, ...reasons]]),
  );
}

describe('two sources that declare one key', () => {
  it.each([
    {
      name: 'the one the mark names decides',
      why: 'it was there first',
      mark: markOf(m1, { source: 'green' }),
      expected: { blue: ['blocked', 'TargetConflict'], green: ['update'] },
    },
    {
      name: 'the first decides where the mark names neither',
      why: 'somebody must, and always the same one',
      mark: markOf(m1, { source: 'red' }),
      expected: { blue: ['update'], green: ['blocked', 'TargetConflict'] },
    },
    {
      name: 'the first decides without a mark',
      why: 'nobody was there before',
      mark: undefined,
      expected: { blue: ['update'], green: ['blocked', 'TargetConflict'] },
    },
  ])('$name', ({ mark, expected, why }) => {
    expect(bySource(rivals(mark)), why).toEqual(expected);
  });

  it('are both desired releases, in a stable order', () => {
    expect(rivals(undefined).changes.map(({ source }) => source)).toEqual(['blue', 'green']);
    expect(rivals(undefined, 'green', 'blue').changes.map(({ source }) => source)).toEqual([
      'blue',
      'green',
    ]);
  });

  it('of the global configuration: the one the mark names decides', () => {
    const global = desiredGlobal({
      source: 'blue',
      config: { merchantId: 'of blue' },
      rivals: [desiredGlobal({ source: 'green', config: { merchantId: 'of green' } })],
    });
    const made = plan(
      desiredProgram([], global),
      observedProgram([], { global: m1, globalMark: markOf(m1, { source: 'green' }) }),
    );

    expect(made.global.map(({ source, action, reasons }) => [source, action, ...reasons])).toEqual([
      ['green', 'update'],
      ['blue', 'blocked', 'TargetConflict'],
    ]);
  });
});

describe('a record of another installation', () => {
  const theirs = markOf(m1, { installation: 'theirs' });

  function planned(declared: PlainConfig, takeOver: readonly string[], mark = theirs) {
    return plan(
      desiredProgram([desiredRelease({ config: declared })]),
      observedProgram([record({ config: m1, mark })]),
      { takeOver },
    );
  }

  it('is never written', () => {
    const made = planned({ merchantId: 'M-2' }, []);

    expect(made.changes[0]).toMatchObject({ action: 'blocked', reasons: ['Contended'] });
    expect(decideOn(made, { allowed: made.changes.map(({ changeId }) => changeId) }).apply).toEqual(
      [],
    );
  });

  it('is written once it is taken over, and carries our mark then', () => {
    const made = planned({ merchantId: 'M-2' }, ['theirs']);
    const decision = decideOn(made, { gates: openGates });
    const [decided] = decision.apply;

    expect(appliedPaths(decision)).toEqual(['merchantId']);
    expect(
      decided &&
        markAfter({
          ...decided,
          applied: decided.apply,
          installation: 'default',
          fingerprints: { key },
        }),
    ).toBe(markOf({ merchantId: 'M-2' }));
  });

  it('is marked as ours when it is taken over and equal', () => {
    expect(planned(m1, ['theirs']).changes[0]?.action).toBe('adopt');
  });

  it('keeps what we never declared', () => {
    const made = planned({}, ['theirs']);

    expect(made.changes[0]?.action).toBe('adopt');
    expect(made.undeclared.map(({ path }) => path)).toEqual(['merchantId']);
  });

  it('whose mark cannot be read is taken over as unknown', () => {
    expect(planned({ merchantId: 'M-2' }, ['theirs'], 'x').changes[0]?.reasons).toEqual([
      'Contended',
    ]);
    expect(planned({ merchantId: 'M-2' }, ['unknown'], 'x').changes[0]?.action).toBe('update');
  });

  it('holds the global configuration the same way', () => {
    const observed = observedProgram([], { global: m1, globalMark: theirs });
    const desired = (config: PlainConfig) => desiredProgram([], desiredGlobal({ config }));

    expect(plan(desired({ merchantId: 'M-2' }), observed).global[0]).toMatchObject({
      action: 'blocked',
      reasons: ['Contended'],
    });
    expect(plan(desired(m1), observed).global).toEqual([]);
    expect(
      plan(desired({ merchantId: 'M-2' }), observed, { takeOver: ['theirs'] }).global[0]?.action,
    ).toBe('update');
  });
});
