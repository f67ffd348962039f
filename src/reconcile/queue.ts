import type { Lane } from '../ports/index.ts';
import { createAlarm } from './alarm.ts';
import { createWishes, type Choice, type QueueSize, type Turn, type WishPorts } from './turns.ts';

/**
 * Keys that wait for work on them. Whatever is wished for one key collapses into a single turn: at the earliest moment,
 * in the better lane. A key is never given twice at a time; one that is wished while it is under way runs again after.
 * In a lane owners of keys take turns.
 *
 * Back-off belongs to the wish that failed: a hot `add` ends it, anything in the sweep lane waits for it.
 */
export interface Queue<Key extends string> {
  add(key: Key, lane: Lane): void;
  addAfter(key: Key, lane: Lane, delayMs: number): void;
  /**
   * Again after a failure: exponential, 1 s to 5 min, with jitter, never sooner than `atLeastMs` (an hour at most).
   * Call it before `done`.
   *
   * @returns the wait in milliseconds; 0 where a newer wish runs at once
   */
  retry(key: Key, lane: Lane, atLeastMs?: number): number;
  /** It went well: the next failure is a first one. */
  forget(key: Key): void;
  /** Nothing of the key is left. Work under way ends with `done` and is not repeated, unless `add` names the key anew. */
  drop(key: Key): void;
  /**
   * Waits for a turn; `done` ends it. No turn is given to an aborted signal.
   *
   * @throws  the signal's reason when it is aborted
   */
  next(signal: AbortSignal, choice?: Choice): Promise<Turn<Key>>;
  done(key: Key): void;
  size(): QueueSize;
  /** When a delayed key gets its turn, on the monotonic clock in milliseconds; undefined for one that is not delayed. */
  dueAt(key: Key): number | undefined;
}

/** Time passes only while somebody waits in `next`: with no worker there is no timer. */
export function createQueue<Key extends string>(ports: WishPorts<Key>): Queue<Key> {
  const wishes = createWishes<Key>(ports);
  const waiting = new Map<(turn: Turn<Key>) => void, Choice | undefined>();
  const alarm = createAlarm(ports.clock, serve);

  /** Gives turns to those who wait, and sets the alarm for the next moment while somebody still does. */
  function serve(): void {
    for (const [give, choice] of waiting) {
      const turn = wishes.take(choice);
      if (!turn) continue;
      waiting.delete(give);
      give(turn);
    }
    alarm.set(waiting.size > 0 ? wishes.earliestMs() : undefined);
  }

  return {
    add(key, lane) {
      wishes.add(key, lane);
      serve();
    },
    addAfter(key, lane, delayMs) {
      wishes.addAfter(key, lane, delayMs);
      serve();
    },
    retry(key, lane, atLeastMs) {
      const waitMs = wishes.retry(key, lane, atLeastMs);
      serve();
      return waitMs;
    },
    forget(key) {
      wishes.forget(key);
    },
    drop(key) {
      wishes.drop(key);
      serve();
    },
    next: (signal, choice) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const stop = (): void => {
          waiting.delete(give);
          reject(signal.reason as Error);
          serve();
        };
        const give = (turn: Turn<Key>): void => {
          signal.removeEventListener('abort', stop);
          resolve(turn);
        };
        signal.addEventListener('abort', stop, { once: true });
        waiting.set(give, choice);
        serve();
      }),
    done(key) {
      wishes.done(key);
      serve();
    },
    size: () => wishes.size(),
    dueAt: (key) => wishes.dueAt(key),
  };
}
