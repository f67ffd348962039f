import { setTimeout as sleep } from 'node:timers/promises';
import { epochMs } from '../core/words/time.ts';
import type { Clock, Random } from '../ports/index.ts';

/** The machine's own clock. */
export const systemClock: Clock = {
  wall: () => epochMs(Date.now()),
  mono: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

export const systemRandom: Random = { next: () => Math.random() };
