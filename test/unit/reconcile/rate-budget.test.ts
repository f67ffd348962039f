import { describe, expect, it } from 'vitest';

import type { Transport } from '../../../src/ports/index.ts';
import { createRateBudget, paced } from '../../../src/reconcile/rate-budget.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const { signal } = new AbortController();

/** Moments, in milliseconds, at which `count` calls that ask at once are let through. */
async function moments(perSecond: number, count: number): Promise<readonly number[]> {
  const clock = createVirtualClock();
  const budget = createRateBudget(perSecond, clock);
  const start = clock.mono();
  const taken: number[] = [];
  const calls = Array.from({ length: count }, async () => {
    await budget.take(signal);
    taken.push(clock.mono() - start);
  });
  // The first call is let through without waiting, before time moves.
  await clock.advance(0);
  await new Promise(setImmediate);
  for (let ms = 0; ms < 2000; ms += 10) await clock.advance(10);
  await Promise.all(calls);
  return taken;
}

describe('the rate budget', () => {
  it('spaces calls evenly: no burst, and never more than the rate in any second', async () => {
    expect(await moments(10, 5)).toEqual([0, 100, 200, 300, 400]);
  });

  it('halves at each "too many", down to a sixteenth, and recovers by a twentieth a call', () => {
    const budget = createRateBudget(16, createVirtualClock());

    budget.slowDown();
    expect(budget.rate()).toBe(8);
    for (let i = 0; i < 10; i += 1) budget.slowDown();
    expect(budget.rate()).toBe(1);
    budget.speedUp();
    expect(budget.rate()).toBeCloseTo(1.8);
    for (let i = 0; i < 100; i += 1) budget.speedUp();
    expect(budget.rate()).toBe(16);
  });

  it('learns from the status of what comes back', async () => {
    const clock = createVirtualClock();
    const budget = createRateBudget(10, clock);
    const statuses = [429, 200];
    const transport: Transport = {
      send: () =>
        Promise.resolve({ status: statuses.shift() ?? 200, headers: {}, body: new Uint8Array() }),
    };
    const request = {
      method: 'POST',
      url: 'https://x.example/',
      headers: {},
      timeoutMs: 1,
      maxBytes: 1,
    } as const;

    await paced(transport, budget).send(request, signal);
    const slowed = budget.rate();
    const second = paced(transport, budget).send(request, signal);
    await clock.advance(1000);
    await second;

    expect(slowed).toBe(5);
    expect(budget.rate()).toBe(5.5);
  });
});
