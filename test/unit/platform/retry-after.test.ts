import { describe, expect, it } from 'vitest';

import { epochMs } from '../../../src/core/words/time.ts';
import { parseRetryAfter } from '../../../src/platform/http/retry-after.ts';

// Fri, 02 Jan 2026 03:04:05 GMT
const now = epochMs(1_767_323_045_000);

describe('Retry-After', () => {
  it.each([
    { name: 'seconds', text: '7', expected: 7_000 },
    { name: 'zero', text: '0', expected: 0 },
    { name: 'blanks around', text: ' 2 ', expected: 2_000 },
    { name: 'a fraction is rounded up', text: '0.0004', expected: 1 },
    { name: 'a date', text: 'Fri, 02 Jan 2026 03:04:35 GMT', expected: 30_000 },
    { name: 'a date of RFC 850', text: 'Friday, 02-Jan-26 03:04:35 GMT', expected: 30_000 },
    { name: 'a date of asctime', text: 'Fri Jan  2 03:04:35 2026', expected: 30_000 },
    { name: 'a past date', text: 'Fri, 02 Jan 2026 03:00:00 GMT', expected: 0 },
    { name: 'huge seconds', text: '999999999', expected: 3_600_000 },
    { name: 'more digits than a number holds', text: '9'.repeat(400), expected: 3_600_000 },
    {
      name: 'a date in another century',
      text: 'Sat, 02 Jan 2126 03:04:35 GMT',
      expected: 3_600_000,
    },
    { name: 'negative seconds', text: '-5', expected: undefined },
    { name: 'words', text: 'soon', expected: undefined },
    { name: 'an ISO date', text: '2026-01-02T03:04:35Z', expected: undefined },
    { name: 'an impossible date', text: 'Fri, 99 Foo 2026 03:04:35 GMT', expected: undefined },
    { name: 'hexadecimal', text: '0x10', expected: undefined },
    { name: 'empty', text: '', expected: undefined },
    { name: 'absent', text: undefined, expected: undefined },
  ])('$name', ({ text, expected }) => {
    expect(parseRetryAfter(text, undefined, now)).toBe(expected);
  });

  it('counts a date from the clock of whoever sent it', () => {
    const theirs = 'Fri, 02 Jan 2026 02:00:00 GMT';

    expect(parseRetryAfter('Fri, 02 Jan 2026 02:00:10 GMT', theirs, now)).toBe(10_000);
    expect(parseRetryAfter('Fri, 02 Jan 2026 03:04:15 GMT', 'nonsense', now)).toBe(10_000);
  });
});
