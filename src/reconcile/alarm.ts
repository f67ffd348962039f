import type { Clock } from '../ports/index.ts';

/** One moment that is waited for. */
export interface Alarm {
  /** Moves it to a moment of the monotonic clock; undefined: there is nothing to wait for. */
  set(atMs: number | undefined): void;
}

/** Timers of the platform end at 24.8 days: what is further away is looked at again on the way. */
const longestSleepMs = 86_400_000;

/**
 * Calls `ring` once a moment has come, or some time before it: whoever is called looks at the clock and sets it anew.
 *
 * There is never more than one timer.
 */
export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let sleeping: { readonly atMs: number; readonly stop: AbortController } | undefined;
  return {
    set(atMs) {
      if (sleeping?.atMs === atMs) return;
      sleeping?.stop.abort();
      sleeping = undefined;
      if (atMs === undefined) return;
      const mine = { atMs, stop: new AbortController() };
      sleeping = mine;
      const ms = Math.min(Math.max(atMs - clock.mono(), 0), longestSleepMs);
      clock.sleep(ms, mine.stop.signal).then(
        () => {
          if (sleeping !== mine) return;
          sleeping = undefined;
          ring();
        },
        () => {
          // Only we stop it, when it is no longer wanted.
        },
      );
    },
  };
}
