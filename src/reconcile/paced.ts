import type { Clock, Lane, Transport, WireResponse } from '../ports/index.ts';
import type { RateBudget } from './rate-budget.ts';

/** One lane's view of a transport. */
export interface Paced {
  /**
   * Waited for before a call is composed: its time and signature must be of the moment at which it is sent, and its
   * deadline begins then.
   */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** Tells the budget what the platform answered. */
  readonly transport: Transport;
}

export interface Pacing {
  readonly budget: RateBudget;
  readonly clock: Clock;
  /** The wait in milliseconds that an answer asks for; undefined where it asks for none. */
  readonly retryAfter: (response: WireResponse) => number | undefined;
  /** Who wants the calls, where owners take turns. */
  readonly owner?: string;
}

const tooManyRequests = 429;
const unavailable = 503;

/** A transport whose calls keep to the budget, which learns from what the platform answers. */
export function paced(transport: Transport, pacing: Pacing, lane: Lane): Paced {
  const { budget, clock, owner } = pacing;
  return {
    turn: (signal) => budget.take(lane, signal, owner),
    transport: {
      send: async (request, signal) => {
        const sentAtMs = clock.mono();
        const response = await transport.send(request, signal);
        learn(response, pacing, sentAtMs);
        return response;
      },
    },
  };
}

function learn(
  response: WireResponse,
  { budget, clock, retryAfter }: Pacing,
  sentAtMs: number,
): void {
  const { status } = response;
  if (status === tooManyRequests) {
    budget.slowDown(retryAfter(response), sentAtMs);
    return;
  }
  // It may say when it comes back; that it is away says nothing about how fast we may ask.
  if (status === unavailable) budget.pauseUntil(clock.mono() + (retryAfter(response) ?? 0));
  else budget.speedUp();
}
