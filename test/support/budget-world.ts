import type { Clock, Lane, Transport, WireRequest, WireResponse } from '../../src/ports/index.ts';
import { paced, type Paced } from '../../src/reconcile/paced.ts';
import { createRateBudget, type RateBudget } from '../../src/reconcile/rate-budget.ts';
import { seededRandom } from './random.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** A platform that counts, and allows so many calls in any one second as they reach it. */
export interface LimitedPlatform {
  /** Moments at which calls were sent, in milliseconds. */
  readonly sentMs: readonly number[];
  /** Moments at which they reached the platform, and whether it refused them. */
  readonly arrivals: readonly { readonly atMs: number; readonly refused: boolean }[];
}

export interface Conditions {
  readonly perSecond: number;
  /** What the platform allows; as much as we think, where absent. */
  readonly allowed?: number;
  /** The longest a timer comes late, in milliseconds. */
  readonly lateMs: number;
  /** By how much the way to the platform differs from call to call, in milliseconds. */
  readonly jitterMs: number;
  readonly seed: number;
}

export interface BudgetWorld extends LimitedPlatform {
  readonly clock: VirtualClock;
  readonly budget: RateBudget;
  /** Calls in a lane, one after another, until the signal says stop. */
  readonly work: (lane: Lane, signal: AbortSignal) => Promise<void>;
}

const request: WireRequest = {
  ...{ method: 'POST', url: 'https://platform.example/', headers: {} },
  ...{ timeoutMs: 1000, maxBytes: 1 },
};

/** A budget, and a platform that keeps count, under a clock whose timers come late. */
function createBudgetWorld(conditions: Conditions): BudgetWorld {
  const { perSecond, allowed = perSecond, lateMs, jitterMs, seed } = conditions;
  const random = seededRandom(seed);
  const still = createVirtualClock();
  const clock: Clock = {
    ...still,
    sleep: (ms, signal) => still.sleep(ms + random.next() * lateMs, signal),
  };
  const sentMs: number[] = [];
  const arrivals: { atMs: number; refused: boolean }[] = [];
  const platform: Transport = {
    send: async (_request, signal) => {
      sentMs.push(clock.mono());
      await still.sleep(20 + random.next() * jitterMs, signal);
      const atMs = still.mono();
      const recent = arrivals.slice(-allowed - 1).filter(({ atMs: at }) => at > atMs - 1000);
      const refused = recent.length >= allowed;
      arrivals.push({ atMs, refused });
      await still.sleep(20, signal);
      return answer(refused ? 429 : 200);
    },
  };
  const budget = createRateBudget(perSecond, clock);
  const lanes: Record<Lane, Paced> = {
    hot: paced(platform, { budget, clock, retryAfter: () => undefined }, 'hot'),
    sweep: paced(platform, { budget, clock, retryAfter: () => undefined }, 'sweep'),
  };
  const work = async (lane: Lane, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await lanes[lane].turn(signal);
      await lanes[lane].transport.send(request, signal);
    }
  };
  return { clock: still, budget, sentMs, arrivals, work };
}

function answer(status: number): WireResponse {
  return { status, headers: {}, body: new Uint8Array() };
}

/** What a budget made of its rate while there was always something to send. */
export interface Used {
  /** Calls that were sent, of those the rate allows. */
  readonly share: number;
  /** Most calls that were sent within one second. */
  readonly mostInSecond: number;
  readonly refused: number;
}

/** Lets workers call without pause for a while. */
export async function useBudget(conditions: Conditions, seconds: number): Promise<Used> {
  const world = createBudgetWorld(conditions);
  const stop = new AbortController();
  const workers = Array.from({ length: Math.max(8, conditions.perSecond / 10) }, () =>
    world.work('sweep', stop.signal).catch(() => undefined),
  );
  // The first call is on its way before time moves.
  await new Promise(setImmediate);
  for (let second = 0; second < seconds; second += 1) await world.clock.advance(1000);
  stop.abort();
  await Promise.all(workers);
  return {
    share: world.sentMs.length / (conditions.perSecond * seconds),
    mostInSecond: mostInSecond(world.sentMs),
    refused: world.arrivals.filter(({ refused }) => refused).length,
  };
}

export function mostInSecond(momentsMs: readonly number[]): number {
  let [most, first] = [0, 0];
  for (const [index, at] of momentsMs.entries()) {
    while ((momentsMs[first] ?? at) <= at - 1000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/**
 * How long a hot call waits for its turn while calls of the sweep wait in line.
 *
 * @returns milliseconds, of calls that come at different moments of a second
 */
export async function hotWaits(waiting: number, perSecond: number): Promise<readonly number[]> {
  const clock = createVirtualClock();
  const budget = createRateBudget(perSecond, clock);
  const stop = new AbortController();
  const sweep = Array.from({ length: waiting }, () =>
    budget.take('sweep', stop.signal).catch(() => undefined),
  );
  const waits: number[] = [];
  for (let offset = 0; offset < 20; offset += 1) {
    await clock.advance(1037);
    const asked = clock.mono();
    const turn = budget.take('hot', stop.signal).then(() => waits.push(clock.mono() - asked));
    await clock.advance(3000);
    await turn;
  }
  stop.abort();
  await Promise.all(sweep);
  return waits;
}
