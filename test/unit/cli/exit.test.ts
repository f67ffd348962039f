import { describe, expect, it } from 'vitest';

import { firstThatApplies, type ExitCode } from '../../../src/cli/exit.ts';

describe('the exit code of a command', () => {
  it.each([
    { codes: [], expected: 0, why: 'nothing to say' },
    { codes: [2, 0], expected: 2, why: 'pending beats done' },
    { codes: [2, 4], expected: 4, why: 'a human can act on blocked' },
    { codes: [4, 3], expected: 3, why: 'held before blocked' },
    { codes: [3, 6], expected: 6, why: 'a stale plan says nothing about gates' },
    { codes: [6, 5], expected: 5, why: 'invalid declarations before everything they lead to' },
    { codes: [2, 3, 4, 5, 6, 1], expected: 1, why: 'an error comes first' },
  ] as const)('$codes: $expected', ({ codes, expected, why }) => {
    expect(firstThatApplies(codes as readonly ExitCode[]), why).toBe(expected);
  });
});
