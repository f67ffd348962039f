import { describe, expect, it } from 'vitest';

import {
  changedPrograms,
  completedAfter,
  writeCompleted,
} from '../../../src/cli/composition/completed.ts';
import type { Executed } from '../../../src/cli/composition/pass.ts';
import type { DesiredProgram } from '../../../src/core/model/desired.ts';
import { programId } from '../../../src/core/words/keys.ts';

const program = (miniProgram: string, digest: string): DesiredProgram => ({
  key: { platform: 'p', workspace: 'w', miniProgram },
  connection: 'default',
  names: [],
  releases: [],
  digest,
});

type Result = 'applied' | 'failed' | 'skipped';

function ran(desired: DesiredProgram, results: readonly Result[], refused = false): Executed {
  return {
    plan: { key: desired.key },
    decision: { apply: [], released: [], held: refused ? [{ reason: 'GateRefused' }] : [] },
    outcomes: results.map((result) => ({ result })),
  } as unknown as Executed;
}

const [a, b] = [program('a', 'new'), program('b', 'new')];
const old = { [programId(a.key)]: 'old', [programId(b.key)]: 'old' };
const programs = [a, b];

describe('what a pass remembers', () => {
  it('is an error where no folder can be made, and no endless attempt', async () => {
    await expect(writeCompleted('/proc/none/state', {})).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('counts the programs whose wish has changed since, or nothing where nothing is remembered', () => {
    expect(changedPrograms(programs, undefined)).toBeUndefined();
    expect(changedPrograms(programs, { ...old, [programId(a.key)]: 'new' })).toBe(1);
  });

  it.each([
    {
      name: 'all came through',
      executed: [ran(a, ['applied']), ran(b, [])],
      isMassChange: false,
      after: 0,
      why: 'nothing is new at the next pass',
    },
    {
      name: 'a refused mass change',
      executed: [ran(a, [], true), ran(b, [], true)],
      isMassChange: true,
      after: 2,
      why: 'the next pass must refuse it again, not let it slip through',
    },
    {
      name: 'a mass change of which one program was allowed',
      executed: [ran(a, ['applied']), ran(b, [], true)],
      isMassChange: true,
      after: 1,
      why: 'the allowed one is done',
    },
    {
      name: 'a field that a gate asks about, in no mass change',
      executed: [ran(a, [], true), ran(b, [])],
      isMassChange: false,
      after: 0,
      why: 'a question that stands for weeks must not add up to a mass change',
    },
    {
      name: 'a failed write',
      executed: [ran(a, ['applied', 'failed']), ran(b, [])],
      isMassChange: false,
      after: 1,
      why: 'it is still to be done',
    },
    {
      name: 'a program whose pass ended early',
      executed: [ran(b, [])],
      isMassChange: false,
      after: 1,
      why: 'nobody has seen what it would change',
    },
  ])('$name', ({ executed, isMassChange, after, why }) => {
    const completed = completedAfter(old, { executed, programs, isMassChange });

    expect(changedPrograms(programs, completed), why).toBe(after);
  });

  it('starts only with a pass of which all came through', () => {
    const executed = [ran(a, []), ran(b, ['failed'])];

    expect(completedAfter(undefined, { executed, programs, isMassChange: false })).toBeUndefined();
  });
});
