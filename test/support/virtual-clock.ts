import { epochMs, type EpochMs } from '../../src/core/words/time.ts';
import type { Clock } from '../../src/ports/index.ts';

export interface VirtualClock extends Clock {
  /** Moves time, waking sleepers in the order of their moments. */
  advance(ms: number): Promise<void>;
  /** Milliseconds that were slept, one entry a sleep, in the order in which they began. */
  readonly slept: readonly number[];
}

interface Sleeper {
  readonly until: number;
  wake(): void;
}

const start = Date.UTC(2026, 0, 1);

/**
 * A clock that stands still until it is told to move.
 *
 * @param auto  whenever everything else is idle, time jumps to the next sleeper: nobody ever waits in a test
 */
export function createVirtualClock({
  auto = false,
}: { readonly auto?: boolean } = {}): VirtualClock {
  const slept: number[] = [];
  const sleepers = new Set<Sleeper>();
  let mono = 0;
  let jumping = false;

  function wakeNext(limit: number): boolean {
    const [next] = [...sleepers].sort((a, b) => a.until - b.until);
    if (!next || next.until > limit) return false;
    mono = Math.max(mono, next.until);
    sleepers.delete(next);
    next.wake();
    return true;
  }

  function jumpWhenIdle(): void {
    if (!auto || jumping) return;
    jumping = true;
    setImmediate(() => {
      jumping = false;
      if (wakeNext(Infinity) && sleepers.size > 0) jumpWhenIdle();
    });
  }

  return {
    slept,
    wall: (): EpochMs => epochMs(start + mono),
    mono: () => mono,
    sleep(ms, signal) {
      slept.push(ms);
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const stop = (): void => {
          sleepers.delete(sleeper);
          reject(signal.reason as Error);
        };
        const sleeper: Sleeper = {
          until: mono + ms,
          wake() {
            signal.removeEventListener('abort', stop);
            resolve();
          },
        };
        signal.addEventListener('abort', stop, { once: true });
        sleepers.add(sleeper);
        jumpWhenIdle();
      });
    },
    async advance(ms) {
      const until = mono + ms;
      while (wakeNext(until)) await new Promise((resolve) => setImmediate(resolve));
      mono = until;
    },
  };
}
