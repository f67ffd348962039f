import { describe, expect, it } from 'vitest';

import { epochMs } from '../../../src/core/words/time.ts';
import type { Random } from '../../../src/ports/index.ts';
import { atTicks, everyInterval, sleepUntil } from '../../../src/reconcile/schedule.ts';
import { seededRandom } from '../../support/random.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const always = (value: number): Random => ({ next: () => value });
const day = 86_400_000;

describe('an interval', () => {
  it.each([
    { name: 'least', random: 0, expected: 1090 },
    { name: 'middle', random: 0.5, expected: 1100 },
    { name: 'most', random: 0.999_99, expected: 1110 },
  ])('keeps each wait within a tenth of it: $name', ({ random, expected }) => {
    const schedule = everyInterval(100, always(random));

    expect(schedule.next(epochMs(1000), epochMs(1000))).toBe(expected);
  });

  it('spreads first runs over one whole interval', () => {
    const schedule = everyInterval(1000, seededRandom(7));

    const starts = Array.from({ length: 1000 }, () => schedule.next(epochMs(0), undefined));

    const tenths = new Set(starts.map((start) => Math.floor(start / 100)));
    expect([...tenths].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('catches up after a pause with one run at once, then goes on from there', () => {
    const schedule = everyInterval(100, always(0.5));

    const missed = schedule.next(epochMs(5000), epochMs(1000));
    const afterwards = schedule.next(epochMs(5001), missed);

    expect([missed, afterwards]).toEqual([5000, 5100]);
  });

  it('does not wait for a wall clock that was set back', () => {
    const schedule = everyInterval(100, always(0.5));

    expect(schedule.next(epochMs(1000), epochMs(day))).toBe(1100);
  });
});

describe('ticks', () => {
  const schedule = atTicks((after) => epochMs((Math.floor(after / 100) + 1) * 100));

  it.each([
    { name: 'never run', why: 'nothing was missed', after: 250, last: undefined, expected: 300 },
    { name: 'run at the last tick', why: 'on schedule', after: 250, last: 200, expected: 300 },
    { name: 'one tick missed', why: 'a run at once', after: 250, last: 199, expected: 250 },
    { name: 'many ticks missed', why: 'one run, not many', after: 950, last: 199, expected: 950 },
    {
      name: 'right after it was caught up',
      why: 'no second one',
      after: 951,
      last: 950,
      expected: 1000,
    },
    {
      name: 'a clock that was set back',
      why: 'no long silence',
      after: 250,
      last: 99_999,
      expected: 300,
    },
  ])('$name', ({ after, last, expected, why }) => {
    const known = last === undefined ? undefined : epochMs(last);

    expect(schedule.next(epochMs(after), known), why).toBe(expected);
  });
});

describe('waiting for a moment', () => {
  it('looks at the clock on the way, which may be set meanwhile', async () => {
    const clock = createVirtualClock({ auto: true });
    let jumped = 0;
    const set = { ...clock, wall: () => epochMs(clock.wall() + jumped) };
    const waited = sleepUntil(epochMs(clock.wall() + day), set, new AbortController().signal);

    jumped = day - 1000;
    await waited;

    expect(clock.mono()).toBe(30_000);
  });

  it('ends with its signal', async () => {
    const stop = new AbortController();
    const clock = createVirtualClock();
    const waited = sleepUntil(epochMs(clock.wall() + day), clock, stop.signal);

    stop.abort(new Error('stopped'));

    await expect(waited).rejects.toThrow('stopped');
  });
});
