import type { Clock, Transport } from '../ports/index.ts';

/** One rate budget of a connection, shared by everything that calls through it. */
export interface RateBudget {
  /** Resolves when the next call may be sent; calls go in the order in which they asked. */
  take(signal: AbortSignal): Promise<void>;
  /** The platform said "too many": halves the rate at once. */
  slowDown(): void;
  /** A call went through: the rate recovers by a twentieth of its full value. */
  speedUp(): void;
  /** Calls per second right now. */
  rate(): number;
}

/** The rate never falls below this share of the full one, so that recovery is noticed. */
const floorShare = 1 / 16;
const recoveryShare = 1 / 20;

/**
 * Spaces calls evenly, so that no second ever holds more than `perSecond` of them: no burst, no 429 that we caused.
 *
 * @param perSecond  calls per second, more than 0
 */
export function createRateBudget(perSecond: number, clock: Clock): RateBudget {
  const state = { rate: perSecond, nextAt: 0 };
  return {
    take: async (signal) => {
      const now = clock.mono();
      const at = Math.max(now, state.nextAt);
      state.nextAt = at + 1000 / state.rate;
      if (at > now) await clock.sleep(at - now, signal);
    },
    slowDown: () => {
      state.rate = Math.max(perSecond * floorShare, state.rate / 2);
    },
    speedUp: () => {
      state.rate = Math.min(perSecond, state.rate + perSecond * recoveryShare);
    },
    rate: () => state.rate,
  };
}

const tooManyRequests = 429;

/** A transport that keeps to a budget and learns from what the platform answers. */
export function paced(transport: Transport, budget: RateBudget): Transport {
  return {
    send: async (request, signal) => {
      await budget.take(signal);
      const response = await transport.send(request, signal);
      if (response.status === tooManyRequests) budget.slowDown();
      else budget.speedUp();
      return response;
    },
  };
}
