import { ReconcileError } from '../core/words/errors.ts';
import type { Clock, Lane } from '../ports/index.ts';
import { createAlarm } from './alarm.ts';
import { createLanes } from './lanes.ts';
import { createPace } from './pace.ts';

/** One rate budget of a connection, shared by everything that calls through it. */
export interface RateBudget {
  /**
   * Resolves when the next call may be sent. A hot call goes before waiting calls of the sweep, which still get every
   * eighth turn; within a lane owners take turns, and the calls of one go in the order in which they asked. An aborted wait
   * costs no turn.
   *
   * @param owner  who wants it; absent: nobody in particular, which is one more owner
   * @throws ReconcileError `RateLimited` while the platform wants more than ten seconds of silence: whoever calls
   *   decides anew after such a wait, and asks again whether it may write; the signal's reason when it is aborted
   */
  take(lane: Lane, signal: AbortSignal, owner?: string): Promise<void>;
  /**
   * The platform said "too many": halves the rate, and sends nothing before it asked for, a quarter of an hour at most.
   *
   * @param sentAtMs  when the refused call was let through, on the monotonic clock: one that was sent before the last
   *   slowing down says nothing about the rate since
   */
  slowDown(retryAfterMs?: number, sentAtMs?: number): void;
  /** Nothing is sent before this moment of the monotonic clock, a quarter of an hour from now at most. */
  pauseUntil(monoMs: number): void;
  /** A call went through: the rate recovers. */
  speedUp(): void;
  /** Calls per second that are allowed from now on; the share that the platform left us stays. */
  setRate(perSecond: number): void;
  /** Calls per second right now. */
  rate(): number;
  /** Calls in line. */
  waiting(): Readonly<Record<Lane, number>>;
  /** Calls let through since the beginning. */
  used(): Readonly<Record<Lane, number>>;
}

/** The rate never falls below this share of the full one, so that recovery is noticed. */
const floorShare = 1 / 16;
/** A call that went through gives back a twentieth of the full rate, ... */
const recoveryShare = 1 / 20;
/** ... and far less near the rate that was too much: else every tenth call would ask for the next refusal. */
const carefulShare = 1 / 400;
const carefulFrom = 3 / 4;

const longestPauseMs = 900_000;
/** The longest pause that calls wait for in line. */
const patienceMs = 10_000;

interface Waiter {
  readonly owner: string;
  readonly give: () => void;
  readonly refuse: (error: ReconcileError) => void;
}

/**
 * Spaces calls evenly, so that no second ever holds more than `perSecond` of them: no burst, no 429 that we caused.
 *
 * @param perSecond  calls per second, more than 0
 */
export function createRateBudget(perSecond: number, clock: Clock): RateBudget {
  const state = { full: valid(perSecond), share: 1, tooMuch: Infinity, slowedAt: -Infinity };
  const pace = createPace(rate);
  const line = createLanes<Waiter>(({ owner }) => owner);
  const used = { hot: 0, sweep: 0 };
  const alarm = createAlarm(clock, serve);
  let pausedUntil = -Infinity;

  function rate(): number {
    return state.full * state.share;
  }

  function inLine(): number {
    return line.size('hot') + line.size('sweep');
  }

  function serve(): void {
    const now = clock.mono();
    const refusal = refusalAt(now);
    while (inLine() > 0 && (refusal || nextAt() <= now)) {
      const turn = line.take();
      if (!turn) break;
      if (refusal) {
        turn.item.refuse(refusal);
        continue;
      }
      pace.sent(now);
      used[turn.lane] += 1;
      turn.item.give();
    }
    alarm.set(inLine() > 0 ? nextAt() : undefined);
  }

  function nextAt(): number {
    return Math.max(pace.nextAt(), pausedUntil);
  }

  function refusalAt(now: number): ReconcileError | undefined {
    const retryAfterMs = Math.ceil(pausedUntil - now);
    if (retryAfterMs <= patienceMs) return undefined;
    const seconds = String(Math.ceil(retryAfterMs / 1000));
    return new ReconcileError('RateLimited', `the platform wants no call for ${seconds} s`, {
      retryAfterMs,
      nextStep: 'wait, or lower requestsPerSecond of the connection',
    });
  }

  function pauseUntil(monoMs: number): void {
    const until = Math.min(monoMs, clock.mono() + longestPauseMs);
    if (until > pausedUntil) pausedUntil = until;
    serve();
  }

  return {
    rate,
    pauseUntil,
    take: (lane, signal, owner = '') =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const stop = (): void => {
          line.delete(waiter);
          reject(signal.reason as Error);
          serve();
        };
        const settled = (): void => {
          signal.removeEventListener('abort', stop);
        };
        const waiter: Waiter = {
          owner,
          give: () => {
            settled();
            resolve();
          },
          refuse: (error) => {
            settled();
            reject(error);
          },
        };
        signal.addEventListener('abort', stop, { once: true });
        line.add(waiter, lane);
        serve();
      }),
    slowDown(retryAfterMs, sentAtMs = clock.mono()) {
      if (sentAtMs >= state.slowedAt) {
        state.slowedAt = clock.mono();
        state.tooMuch = state.share;
        state.share = Math.max(floorShare, state.share / 2);
      }
      pauseUntil(clock.mono() + (retryAfterMs ?? 0));
    },
    speedUp() {
      const careful = state.share >= state.tooMuch * carefulFrom;
      state.share = Math.min(1, state.share + (careful ? carefulShare : recoveryShare));
      if (state.share === 1) state.tooMuch = Infinity;
    },
    setRate(next) {
      state.full = valid(next);
      serve();
    },
    waiting: () => ({ hot: line.size('hot'), sweep: line.size('sweep') }),
    used: () => ({ ...used }),
  };
}

function valid(perSecond: number): number {
  if (perSecond > 0 && Number.isFinite(perSecond)) return perSecond;
  throw new RangeError(`a rate is a number of calls per second above 0, not ${String(perSecond)}`);
}
