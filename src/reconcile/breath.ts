import type { Clock } from '../ports/index.ts';

/** So long is worked without a pause; milliseconds. */
const atMostMs = 50;

/**
 * Lets timers and sockets have their turn now and then: passes that wait for nothing outside follow each other without
 * one, and a Lease that is not renewed meanwhile is lost. Whoever works takes the same pause.
 *
 * @returns called before a piece of work; resolves when it may begin
 */
export function createBreath(clock: Pick<Clock, 'mono' | 'sleep'>): () => Promise<void> {
  const never = new AbortController().signal;
  let since = clock.mono();
  let pause: Promise<void> | undefined;

  async function breathe(): Promise<void> {
    await clock.sleep(0, never);
    since = clock.mono();
    pause = undefined;
  }

  return async () => {
    if (pause === undefined && clock.mono() - since < atMostMs) return;
    pause ??= breathe();
    await pause;
  };
}
