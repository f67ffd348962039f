import { describe, expect, it } from 'vitest';

import type { Lane } from '../../../src/ports/index.ts';
import { createRateBudget, type RateBudget } from '../../../src/reconcile/rate-budget.ts';
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
});
