import { epochMs, type EpochMs } from '../../src/core/words/time.ts';
import type { Clock } from '../../src/ports/index.ts';

/** Time of a whole simulated world: one line of moments, on which everything that happens has its place. */
export interface SimTime {
  mono(): number;
  /** What the platform's clock and every honest wall say. */
  wall(): EpochMs;
  /** Does it at a moment of the monotonic clock, whoever has died until then. */
  at(mono: number, happen: () => void): void;
  advance(ms: number): Promise<void>;
  /** One process's view of it. */
  clock(): ProcessClock;
}

export interface ProcessClock extends Clock {
  /** Sets this machine's wall clock forward or back. */
  jump(ms: number): void;
  /** Nobody of this process ever wakes again. */
  kill(): void;
}

interface Moment {
  readonly mono: number;
  readonly seq: number;
  /** Undefined: it was called off. */
  happen: (() => void) | undefined;
}

const start = Date.UTC(2026, 0, 1);

export function createSimTime(): SimTime {
  const moments: Moment[] = [];
  let mono = 0;
  let seq = 0;

  function plan(at: number, happen: () => void): Moment {
    seq += 1;
    const moment: Moment = { mono: Math.max(at, mono), seq, happen };
    const place = moments.findLastIndex((other) => other.mono <= moment.mono);
    moments.splice(place + 1, 0, moment);
    return moment;
  }

  function sleeping(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const stop = (): void => {
        moment.happen = undefined;
        reject(signal.reason as Error);
      };
      const moment = plan(mono + ms, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  return {
    mono: () => mono,
    wall: () => epochMs(start + Math.floor(mono)),
    at: (moment, happen) => void plan(moment, happen),
    async advance(ms) {
      const until = mono + ms;
      await settled();
      for (let next = moments[0]; next && next.mono <= until; next = moments[0]) {
        moments.shift();
        if (!next.happen) continue;
        mono = next.mono;
        next.happen();
        await settled();
      }
      mono = until;
    },
    clock() {
      let skew = 0;
      let dead = false;
      return {
        mono: () => mono,
        wall: () => epochMs(start + Math.floor(mono) + skew),
        sleep: (ms, signal) => (dead ? new Promise(() => undefined) : alive(sleeping(ms, signal))),
        jump: (ms) => void (skew += ms),
        kill: () => void (dead = true),
      };
      function alive(slept: Promise<void>): Promise<void> {
        return new Promise((resolve, reject) => {
          slept.then(
            () => void (dead || resolve()),
            (reason: unknown) => void (dead || reject(reason as Error)),
          );
        });
      }
    },
  };
}

/** Lets everything run that waits for no moment. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
