import { describe, expect, it } from 'vitest';

import { toHeadLine } from '../../../src/review/head-lines.ts';

const merged = ['# added', 'a: 1', 'b: 2', 'same', 'x', 'same'];

describe('a line of a merge, in the file of the branch', () => {
  it.each([
    { name: 'moved up', why: 'the base added one above', line: 2, head: ['a: 1', 'b: 2'], is: 1 },
    { name: 'stays', why: 'the text is there', line: 3, head: ['', '', 'b: 2'], is: 3 },
    {
      ...{ name: 'the nearest of several', why: 'lines repeat', line: 6 },
      ...{ head: ['same', '', '', '', 'same'], is: 5 },
    },
    { name: 'of the base alone', why: 'the branch has none', line: 1, head: ['a: 1'], is: 1 },
    {
      name: 'in a file of the base',
      why: 'the branch has no file',
      line: 2,
      head: undefined,
      is: 2,
    },
  ])('$name: $why', ({ line, head, is, why }) => {
    const origin = { file: 'a.yaml', line, column: 3 };
    const found = toHeadLine(
      origin,
      (_file, at) => merged[at - 1],
      () => head,
    );

    expect(found, why).toEqual({ ...origin, line: is });
  });
});
