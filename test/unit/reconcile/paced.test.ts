import { describe, expect, it } from 'vitest';

import type { Transport, WireRequest } from '../../../src/ports/index.ts';
import { paced } from '../../../src/reconcile/paced.ts';
import { createRateBudget } from '../../../src/reconcile/rate-budget.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const { signal } = new AbortController();
const request: WireRequest = {
  ...{ method: 'POST', url: 'https://x.example/', headers: {} },
  ...{ timeoutMs: 1, maxBytes: 1 },
};

/** A lane over a platform that gives one answer. */
function lane(status: number, retryAfterMs?: number) {
  const clock = createVirtualClock();
  const budget = createRateBudget(10, clock);
  const transport: Transport = {
    send: () => Promise.resolve({ status, headers: {}, body: new Uint8Array() }),
  };
  const pacing = { budget, clock, retryAfter: () => retryAfterMs };
  return {
    clock,
    budget,
    hot: paced(transport, pacing, 'hot'),
    sweep: paced(transport, pacing, 'sweep'),
  };
}

describe('a paced transport', () => {
  it.each([
    { name: 'success', status: 200, retryAfterMs: undefined, rate: 5.5, pausedMs: 0 },
    { name: 'too many', status: 429, retryAfterMs: undefined, rate: 2.5, pausedMs: 0 },
    { name: 'too many, for a while', status: 429, retryAfterMs: 7000, rate: 2.5, pausedMs: 7000 },
    { name: 'away, for a while', status: 503, retryAfterMs: 7000, rate: 5, pausedMs: 7000 },
    { name: 'away', status: 503, retryAfterMs: undefined, rate: 5, pausedMs: 0 },
    {
      name: 'a redirect that asks to wait',
      status: 302,
      retryAfterMs: 7000,
      rate: 5.5,
      pausedMs: 0,
    },
  ])('learns from what comes back: $name', async ({ status, retryAfterMs, rate, pausedMs }) => {
    const { budget, clock, hot, sweep } = lane(status, retryAfterMs);
    budget.slowDown();
    await clock.advance(1);

    await hot.transport.send(request, signal);

    expect(budget.rate()).toBeCloseTo(rate);
    let waited: number | undefined;
    const turn = sweep.turn(signal).then(() => (waited = clock.mono() - 1));
    await new Promise(setImmediate);
    await clock.advance(10_000);
    await turn;
    expect(waited).toBe(pausedMs);
  });

  it('waits in its own lane', async () => {
    const { budget, hot, sweep } = lane(200);
    await hot.turn(signal);
    void sweep.turn(signal);
    void hot.turn(signal);

    expect(budget.waiting()).toEqual({ hot: 1, sweep: 1 });
  });
});
