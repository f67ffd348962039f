import type { Clock, Lane, Random } from '../ports/index.ts';
import { createAlarm } from './alarm.ts';
import { createDelays } from './delays.ts';
import { createLanes } from './lanes.ts';

export interface QueueSize {
  /** Waiting for their turn, by lane. */
  readonly hot: number;
  readonly sweep: number;
  /** Waiting for a moment. */
  readonly delayed: number;
  readonly processing: number;
}

/**
 * Keys that wait for work on them. Whatever is wished for one key collapses into a single turn: at the earliest moment,
 * in the better lane. A key is never given twice at a time; one that is wished while it is under way runs again after.
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
  /** Waits for a turn; `done` ends it. No turn is given to an aborted signal. @throws the signal's reason when it is aborted */
  next(signal: AbortSignal): Promise<{ readonly key: Key; readonly lane: Lane }>;
  done(key: Key): void;
  size(): QueueSize;
  /** When a delayed key gets its turn, on the monotonic clock in milliseconds; undefined for one that is not delayed. */
  dueAt(key: Key): number | undefined;
}

const firstBackOffMs = 1000;
const longestBackOffMs = 300_000;
const longestAskedMs = 3_600_000;

interface BackOff {
  readonly failures: number;
  readonly untilMs: number;
}

interface Turn<Key> {
  readonly key: Key;
  readonly lane: Lane;
}

interface Waiter<Key> {
  readonly give: (turn: Turn<Key>) => void;
}

/** Time passes only while somebody waits in `next`: with no worker there is no timer. */
export function createQueue<Key extends string>({
  clock,
  random,
}: {
  readonly clock: Clock;
  readonly random: Random;
}): Queue<Key> {
  const ready = createLanes<Key>();
  const delays = createDelays<Key>();
  /** Lanes of what waits for its moment, same keys as `delays`. */
  const delayedLanes = new Map<Key, Lane>();
  const backOffs = new Map<Key, BackOff>();
  /** Under way, with the lane in which it runs again, if it does. */
  const processing = new Map<Key, Lane | undefined>();
  /** Under way although nothing of it shall be left. */
  const gone = new Set<Key>();
  const waiters = new Set<Waiter<Key>>();
  const alarm = createAlarm(clock, serve);

  function undelay(key: Key): void {
    delays.delete(key);
    delayedLanes.delete(key);
  }

  /** The lane in which the key runs without waiting for any moment. */
  function dirtyLane(key: Key): Lane | undefined {
    return processing.get(key) ?? ready.laneOf(key);
  }

  function makeReady(key: Key, lane: Lane): void {
    const better = betterLane(betterLane(lane, dirtyLane(key)), delayedLanes.get(key));
    undelay(key);
    if (processing.has(key)) processing.set(key, better);
    else ready.add(key, better);
  }

  function unready(key: Key): void {
    ready.delete(key);
    if (processing.has(key)) processing.set(key, undefined);
  }

  function wish(key: Key, lane: Lane, wishedMs: number): void {
    const until = lane === 'sweep' ? (backOffs.get(key)?.untilMs ?? 0) : 0;
    const dueMs = Math.max(wishedMs, until);
    if (dueMs <= clock.mono() || dirtyLane(key)) {
      makeReady(key, lane);
      return;
    }
    const before = delays.dueAt(key);
    delayedLanes.set(key, betterLane(lane, delayedLanes.get(key)));
    if (before === undefined || dueMs < before) delays.set(key, dueMs);
  }

  /** What has become due takes its place in the lanes before anybody is served. */
  function promote(): void {
    const now = clock.mono();
    let first = delays.earliest();
    while (first && first.dueMs <= now) {
      makeReady(first.key, delayedLanes.get(first.key) ?? 'sweep');
      first = delays.earliest();
    }
  }

  function take(): Turn<Key> | undefined {
    promote();
    const turn = ready.take();
    if (!turn) return undefined;
    processing.set(turn.item, undefined);
    return { key: turn.item, lane: turn.lane };
  }

  /** Gives turns to those who wait, and sets the alarm for the next moment while somebody still does. */
  function serve(): void {
    for (const waiter of waiters) {
      const turn = take();
      if (!turn) break;
      waiters.delete(waiter);
      waiter.give(turn);
    }
    alarm.set(waiters.size > 0 ? delays.earliest()?.dueMs : undefined);
  }

  return {
    add(key, lane) {
      gone.delete(key);
      if (lane === 'hot') backOffs.delete(key);
      wish(key, lane, clock.mono());
      serve();
    },
    addAfter(key, lane, delayMs) {
      if (gone.has(key)) return;
      wish(key, lane, clock.mono() + delayMs);
      serve();
    },
    retry(key, lane, atLeastMs = 0) {
      if (gone.has(key) || dirtyLane(key) === 'hot') return 0;
      const failures = (backOffs.get(key)?.failures ?? 0) + 1;
      const delayMs = Math.max(backOffMs(failures, random), Math.min(atLeastMs, longestAskedMs));
      const untilMs = clock.mono() + delayMs;
      backOffs.set(key, { failures, untilMs });
      // A turn of the sweep that was already promised is part of the wait.
      unready(key);
      if (delayedLanes.get(key) === 'sweep') undelay(key);
      wish(key, lane, untilMs);
      const waitMs = (delays.dueAt(key) ?? untilMs) - clock.mono();
      serve();
      return waitMs;
    },
    forget: (key) => backOffs.delete(key),
    drop(key) {
      unready(key);
      undelay(key);
      backOffs.delete(key);
      if (processing.has(key)) gone.add(key);
      serve();
    },
    next: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const stop = (): void => {
          waiters.delete(waiter);
          reject(signal.reason as Error);
          serve();
        };
        const waiter: Waiter<Key> = {
          give: (turn) => {
            signal.removeEventListener('abort', stop);
            resolve(turn);
          },
        };
        signal.addEventListener('abort', stop, { once: true });
        waiters.add(waiter);
        serve();
      }),
    done(key) {
      const again = processing.get(key);
      processing.delete(key);
      gone.delete(key);
      if (again) ready.add(key, again);
      serve();
    },
    size() {
      promote();
      return {
        hot: ready.size('hot'),
        sweep: ready.size('sweep'),
        delayed: delays.size(),
        processing: processing.size,
      };
    },
    dueAt(key) {
      promote();
      return delays.dueAt(key);
    },
  };
}

function betterLane(a: Lane, b: Lane | undefined): Lane {
  return b === 'hot' ? b : a;
}

/** The whole range of a step is jitter: 1 to 2 s, 2 to 4 s, ... 150 to 300 s. */
function backOffMs(failures: number, random: Random): number {
  const least = Math.min(firstBackOffMs * 2 ** (failures - 1), longestBackOffMs / 2);
  return Math.round(least * (1 + random.next()));
}
