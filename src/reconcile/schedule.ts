import { epochMs, type EpochMs } from '../core/words/time.ts';
import type { Clock, Random } from '../ports/index.ts';

/** When something that is done again and again is done next. */
export interface Schedule {
  /**
   * Ask once per wait: the jitter is drawn anew each time.
   *
   * @param after  now
   * @param last   when it was last begun; undefined: never, as far as is known
   * @returns      `after` itself where a run was missed, however many were: they are caught up with one
   */
  next(after: EpochMs, last: EpochMs | undefined): EpochMs;
}

const jitterShare = 0.1;

/**
 * Every `intervalMs`, each wait within a tenth of it. First runs are spread over one whole interval, so that many things
 * that begin together do not go on together.
 */
export function everyInterval(intervalMs: number, random: Random): Schedule {
  return {
    next(after, last) {
      if (last === undefined) return epochMs(after + Math.floor(random.next() * intervalMs));
      const wait = intervalMs * (1 + jitterShare * (2 * random.next() - 1));
      return caughtUp(after, epochMs(begunBy(last, after) + Math.round(wait)));
    },
  };
}

/** At moments that are given, without jitter: whoever names a moment means it. @param ticks  the first one after a moment */
export function atTicks(ticks: (after: EpochMs) => EpochMs): Schedule {
  return {
    next: (after, last) =>
      last === undefined ? ticks(after) : caughtUp(after, ticks(begunBy(last, after))),
  };
}

function caughtUp(after: EpochMs, due: EpochMs): EpochMs {
  return due > after ? due : after;
}

/** A wall clock that was set back must not make us wait until it is where it was. */
function begunBy(last: EpochMs, after: EpochMs): EpochMs {
  return last < after ? last : after;
}

/** A machine that slept, or whose clock was set, is noticed within this time. */
const longestLookMs = 30_000;

/**
 * Waits for a moment of the wall clock, which may be set meanwhile: forward, and the moment comes sooner; back, and it
 * comes when it would have come without that.
 *
 * @throws the signal's reason when it is aborted
 */
export async function sleepUntil(at: EpochMs, clock: Clock, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const latest = clock.mono() + at - clock.wall();
  const left = () => Math.min(at - clock.wall(), latest - clock.mono());
  for (let ms = left(); ms > 0; ms = left()) {
    await clock.sleep(Math.min(ms, longestLookMs), signal);
  }
}
