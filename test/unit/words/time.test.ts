import fc from 'fast-check';
import { expect, it } from 'vitest';
import { epochMs, isoDay, isoTime } from '../../../src/core/words/time.ts';

it.each([
  { time: 0, expected: '1970-01-01T00:00:00.000Z', why: 'the beginning' },
  { time: -1, expected: '1969-12-31T23:59:59.999Z', why: 'just before' },
  {
    time: 951_782_400_000,
    expected: '2000-02-29T00:00:00.000Z',
    why: 'a leap day of a full century',
  },
  { time: 4_107_542_399_999, expected: '2100-02-28T23:59:59.999Z', why: 'no leap day in 2100' },
  { time: 4_107_542_400_000, expected: '2100-03-01T00:00:00.000Z', why: 'the day after it' },
  { time: 1_798_761_599_000, expected: '2026-12-31T23:59:59.000Z', why: 'the end of a year' },
])('$expected: $why', ({ time, expected, why }) => {
  expect(isoTime(epochMs(time)), why).toBe(expected);
});

it('agrees with the calendar of the platform for four digits of years', () => {
  const any = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
  fc.assert(
    fc.property(any, (time) => {
      expect(isoTime(epochMs(time))).toBe(new Date(time).toISOString());
      expect(isoDay(epochMs(time))).toBe(new Date(time).toISOString().slice(0, 10));
    }),
    { numRuns: 2500 },
  );
});
