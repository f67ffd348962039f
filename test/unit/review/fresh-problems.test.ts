import { describe, expect, it } from 'vitest';

import type { Problem } from '../../../src/core/words/problems.ts';
import { freshProblems, type ProblemSide } from '../../../src/review/fresh-problems.ts';

const at = (line: number, rule = 'rule', file = 'a.yaml'): Problem => ({
  ...{ rule, severity: 'error', message: 'wrong' },
  origin: { file, line, column: 1 },
});

function side(lines: readonly string[], problems: readonly Problem[]): ProblemSide {
  return { problems, lineOf: (_file, line) => lines[line - 1] };
}

describe('whose a problem is', () => {
  it.each([
    {
      ...{ name: 'the same line, further down', why: 'lines move' },
      before: side(['bad: 1'], [at(1)]),
      after: side(['x', 'bad: 1'], [at(2)]),
      fresh: [],
    },
    {
      ...{ name: 'the same line in another file', why: 'files are renamed' },
      before: side(['bad: 1'], [at(1)]),
      after: side(['bad: 1'], [at(1, 'rule', 'b.yaml')]),
      fresh: [],
    },
    {
      ...{ name: 'a line that was touched and is still wrong', why: 'who touches it mends it' },
      before: side(['bad: 1'], [at(1)]),
      after: side(['bad: 2'], [at(1)]),
      fresh: [1],
    },
    {
      ...{ name: 'once more the same', why: 'of two alike one is new' },
      before: side(['bad: 1', ''], [at(1)]),
      after: side(['bad: 1', 'bad: 1'], [at(1), at(2)]),
      fresh: [2],
    },
    {
      ...{ name: 'another rule', why: 'it is another mistake' },
      before: side(['bad: 1'], [at(1)]),
      after: side(['bad: 1'], [at(1), at(1, 'other')]),
      fresh: [1],
    },
  ])('$name: $why', ({ before, after, fresh, why }) => {
    const found = freshProblems(before, after, () => false);

    expect(
      found.fresh.map(({ origin }) => (origin && 'file' in origin ? origin.line : 0)),
      why,
    ).toEqual(fresh);
    expect(found.fresh.length + found.older.length).toBe(after.problems.length);
  });
});
