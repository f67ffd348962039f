import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Lane } from '../../../src/ports/index.ts';
import { createRateBudget, type RateBudget } from '../../../src/reconcile/rate-budget.ts';
import { hotWaits, mostInSecond, useBudget } from '../../support/budget-world.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const { signal } = new AbortController();

interface World {
  readonly clock: VirtualClock;
  readonly budget: RateBudget;
  /** What was let through, with the moment in milliseconds. */
  readonly sent: [name: string, atMs: number][];
  readonly ask: (name: string, lane: Lane, until?: AbortSignal) => Promise<void>;
}

function world(perSecond: number): World {
  const clock = createVirtualClock();
  const budget = createRateBudget(perSecond, clock);
  const sent: [string, number][] = [];
  return {
    clock,
    budget,
    sent,
    ask: async (name, lane, until = signal) => {
      await budget.take(lane, until);
      sent.push([name, Math.round(clock.mono())]);
    },
  };
}

async function pass({ clock }: World, ms: number): Promise<void> {
  await new Promise(setImmediate);
  await clock.advance(ms);
  await new Promise(setImmediate);
}

describe('the pace', () => {
  it('spaces calls evenly, a little wider than the rate, so that the network cannot make a second too full', async () => {
    const here = world(10);

    for (const name of ['a', 'b', 'c']) void here.ask(name, 'hot');
    await pass(here, 1000);

    expect(here.sent).toEqual([
      ['a', 0],
      ['b', 102],
      ['c', 203],
    ]);
  });

  it('does not save up while nobody asks', async () => {
    const here = world(10);
    await here.clock.advance(60_000);

    for (const name of ['a', 'b']) void here.ask(name, 'hot');
    await pass(here, 1000);

    expect(here.sent).toEqual([
      ['a', 60_000],
      ['b', 60_102],
    ]);
  });
});

describe('the lanes', () => {
  it('let a hot call go before every waiting call of the sweep', async () => {
    const here = world(10);
    for (let i = 0; i < 5; i += 1) void here.ask(`sweep${String(i)}`, 'sweep');
    await pass(here, 150);

    void here.ask('hot', 'hot');
    await pass(here, 60);

    expect(here.sent.map(([name]) => name)).toEqual(['sweep0', 'sweep1', 'hot']);
    expect(here.budget.waiting()).toEqual({ hot: 0, sweep: 3 });
    expect(here.budget.used()).toEqual({ hot: 1, sweep: 2 });
  });

  it('leave the sweep every eighth turn while hot calls never end', async () => {
    const here = world(10);
    for (let i = 0; i < 20; i += 1) {
      void here.ask('hot', 'hot');
      void here.ask('sweep', 'sweep');
    }

    await pass(here, 1700);

    expect(here.sent.map(([name]) => name.slice(0, 1)).join('')).toBe('hhhhhhhhshhhhhhhs');
  });

  it('P8: a hot call is sent within half a second while 10,000 of the sweep wait at 10 a second', async () => {
    const waits = await hotWaits(10_000, 10);

    expect(waits).toHaveLength(20);
    expect(Math.max(...waits)).toBeLessThan(500);
  });
});

describe('the use of the rate', () => {
  it.each([
    { name: 'good timers', lateMs: 2, least: 0.98 },
    { name: 'a busy process', lateMs: 20, least: 0.97 },
    { name: 'a very busy process', lateMs: 100, least: 0.9 },
  ])('P9: $name: never above it, no refusal by a platform that allows it', async (row) => {
    for (const perSecond of [1, 10, 100]) {
      const used = await useBudget({ perSecond, lateMs: row.lateMs, jitterMs: 10, seed: 3 }, 60);

      expect(used.share).toBeGreaterThanOrEqual(row.least);
      expect(used.mostInSecond).toBe(perSecond);
      expect(used.refused).toBe(0);
    }
  });

  it('finds the rate of a platform that allows half of it, and stays near it', async () => {
    const used = await useBudget(
      { perSecond: 10, allowed: 5, lateMs: 2, jitterMs: 10, seed: 3 },
      300,
    );

    expect(used.share).toBeGreaterThan(0.4);
    expect(used.refused / (used.share * 3000)).toBeLessThan(0.03);
  });

  it('is never above it in any second, whatever comes back and whenever is asked', async () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('ask' as const), count: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ kind: fc.constant('pass' as const), count: fc.integer({ min: 1, max: 1500 }) }),
      fc.record({ kind: fc.constant('slow' as const), count: fc.constant(1) }),
      fc.record({ kind: fc.constant('well' as const), count: fc.integer({ min: 1, max: 30 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.array(event, { maxLength: 30 }),
        async (perSecond, events) => {
          const here = world(perSecond);
          for (const { kind, count } of events) {
            if (kind === 'pass') await pass(here, count);
            if (kind === 'slow') here.budget.slowDown();
            for (let i = 0; i < count; i += 1) {
              if (kind === 'ask') void here.ask('a', i % 2 === 0 ? 'hot' : 'sweep');
              if (kind === 'well') here.budget.speedUp();
            }
          }
          await pass(here, 3000);

          expect(mostInSecond(here.sent.map(([, at]) => at))).toBeLessThanOrEqual(perSecond);
        },
      ),
      {
        numRuns: 500,
        examples: [
          [
            4,
            [
              { kind: 'slow', count: 1 },
              { kind: 'ask', count: 6 },
              { kind: 'well', count: 42 },
            ],
          ],
        ],
      },
    );
  });
});

describe('a platform that says "too many"', () => {
  it('halves the rate, down to a sixteenth', () => {
    const { budget } = world(16);

    budget.slowDown();
    expect(budget.rate()).toBe(8);
    for (let i = 0; i < 10; i += 1) budget.slowDown();
    expect(budget.rate()).toBe(1);
  });

  it('gets the rate back by twentieths, and carefully near what was too much', () => {
    const { budget } = world(16);
    budget.slowDown();

    for (let i = 0; i < 5; i += 1) budget.speedUp();
    expect(budget.rate()).toBeCloseTo(12);
    budget.speedUp();
    expect(budget.rate()).toBeCloseTo(12.04);
    for (let i = 0; i < 200; i += 1) budget.speedUp();
    expect(budget.rate()).toBe(16);
  });

  it('halves once for all calls that were on their way together', async () => {
    const { budget, clock } = world(16);
    await clock.advance(100);

    budget.slowDown(undefined, 90);
    budget.slowDown(undefined, 95);
    expect(budget.rate()).toBe(8);
    await clock.advance(100);
    budget.slowDown(undefined, 150);
    expect(budget.rate()).toBe(4);
  });

  it('is sent nothing, in either lane, before it wants to be asked again', async () => {
    const here = world(10);
    here.budget.slowDown(5000);
    void here.ask('sweep', 'sweep');
    void here.ask('hot', 'hot');

    await pass(here, 4999);
    expect(here.sent).toEqual([]);
    await pass(here, 1000);

    expect(here.sent).toEqual([
      ['hot', 5000],
      ['sweep', 5203],
    ]);
  });

  it('is not asked sooner because it says something shorter later', async () => {
    const here = world(10);
    here.budget.slowDown(5000);
    here.budget.slowDown(10);
    here.budget.pauseUntil(-Infinity);
    void here.ask('hot', 'hot');

    await pass(here, 6000);

    expect(here.sent).toEqual([['hot', 5000]]);
  });

  it('is believed for a quarter of an hour, and nobody stands in line for more than ten seconds of it', async () => {
    const here = world(10);
    const waits = here.ask('waits', 'hot').then(async () => here.ask('waits', 'hot'));
    await new Promise(setImmediate);

    here.budget.slowDown(Infinity);

    await expect(waits).rejects.toMatchObject({ code: 'RateLimited', retryAfterMs: 900_000 });
    await here.clock.advance(600_000);
    await expect(here.ask('asks', 'sweep')).rejects.toMatchObject({ retryAfterMs: 300_000 });
    await here.clock.advance(290_000);
    void here.ask('later', 'sweep');
    await pass(here, 10_000);
    expect(here.sent.map(([name]) => name)).toEqual(['waits', 'later']);
    expect(here.sent[1]?.[1]).toBe(900_000);
  });
});

describe('a wait in line', () => {
  it('that is aborted ends at once and costs no turn', async () => {
    const here = world(10);
    const stop = new AbortController();
    void here.ask('first', 'hot');
    const left = here.ask('left', 'hot', stop.signal).catch(String);
    void here.ask('last', 'hot');

    stop.abort(new Error('stopped'));
    await pass(here, 150);

    expect(await left).toBe('Error: stopped');
    expect(here.sent).toEqual([
      ['first', 0],
      ['last', 102],
    ]);
    expect(here.budget.waiting()).toEqual({ hot: 0, sweep: 0 });
  });

  it('that was aborted before it began is none', async () => {
    const here = world(10);

    await expect(here.ask('a', 'hot', AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
      'stopped',
    );
    expect(here.budget.used()).toEqual({ hot: 0, sweep: 0 });
  });
});

describe('a new rate', () => {
  it('counts from the next call on, for those in line as well', async () => {
    const here = world(1);
    for (const name of ['a', 'b', 'c']) void here.ask(name, 'hot');
    await pass(here, 10);

    here.budget.setRate(10);
    await pass(here, 1000);

    expect(here.sent).toEqual([
      ['a', 0],
      ['b', 102],
      ['c', 203],
    ]);
  });

  it('keeps the share that the platform left us', () => {
    const { budget } = world(16);
    budget.slowDown();

    budget.setRate(8);

    expect(budget.rate()).toBe(4);
  });

  it.each([0, -1, Number.NaN, Infinity])('is no rate: %d', (perSecond) => {
    expect(() => world(perSecond)).toThrow(RangeError);
    expect(() => {
      world(1).budget.setRate(perSecond);
    }).toThrow(RangeError);
  });
});
