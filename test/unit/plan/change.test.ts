import { describe, expect, it } from 'vitest';
import {
  desiredProgram,
  desiredRelease,
  markOf,
  observedProgram,
  plan,
  planOne,
  record,
  type PlainConfig,
} from './fixtures.ts';

const m1: PlainConfig = { merchantId: 'M-1' };
const m2: PlainConfig = { merchantId: 'M-2' };
const marked = markOf(m1);

describe('what a change says', () => {
  it('names what cannot be undone', () => {
    expect(planOne({}, undefined).changes[0]?.undo).toMatch(/^Cannot be undone/);
    expect(planOne({ config: m2 }, { config: m1, mark: marked }).changes[0]?.undo).toMatch(
      /^Declare the earlier/,
    );
    expect(planOne({}, {}).changes[0]?.undo).toMatch(/^Nothing to undo/);
    expect(planOne({ config: m1 }, { config: m1, mark: marked }).changes[0]?.undo).toBeNull();
  });

  it('shows what is live on the same target', () => {
    const live = record({ version: '1.0.0', status: 'FullRelease', config: {}, frozen: m1 });
    const made = plan(
      desiredProgram([desiredRelease({ version: '2.0.0', config: m2 })]),
      observedProgram([live, record({ version: '1.1.0', status: 'Archived', frozen: m2 })]),
    );

    expect(made.changes[0]?.live).toEqual({
      version: '1.0.0',
      status: 'FullRelease',
      values: { merchantId: { state: 'value', value: 'M-1' } },
    });
  });

  it('lists marked records that nobody declares, once every record was read', () => {
    const records = [
      record({ version: '1.0.0', mark: markOf({}) }),
      record({ version: '1.1.0' }),
      record({ version: '2.0.0', mark: markOf({}, { installation: 'theirs' }) }),
    ];

    expect(
      plan(desiredProgram([]), observedProgram(records)).unmanaged?.map(({ key }) => key.version),
    ).toEqual(['1.0.0']);
    expect(
      plan(desiredProgram([]), observedProgram(records, { complete: false })).unmanaged,
    ).toBeNull();
  });

  it('has preconditions that say what was seen', () => {
    const seen = planOne({ config: m2 }, { config: m1, mark: marked, revision: 'r7' });
    const attested = planOne({ config: m2 }, { config: m1, mark: marked }, { attested: true });

    expect(seen.changes[0]?.precondition).toEqual({ kind: 'record', revision: 'r7', mark: marked });
    expect(planOne({}, undefined).changes[0]?.precondition).toEqual({ kind: 'absent' });
    expect(attested.changes[0]?.precondition).toEqual({ kind: 'notObserved' });
  });
});
