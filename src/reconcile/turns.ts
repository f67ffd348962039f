import type { Clock, Lane, Random } from '../ports/index.ts';
import { createDelays } from './delays.ts';
import { createLanes } from './lanes.ts';

/** A key whose turn it is, and the lane in which it waited. */
export interface Turn<Key> {
  readonly key: Key;
  readonly lane: Lane;
}

/** Which turns somebody takes; absent: any. */
export interface Choice {
  readonly only?: Lane;
  /** Of those alone of whose nothing is under way. */
  readonly isSpare?: boolean;
}

export interface QueueSize {
  /** Waiting for their turn, by lane. */
  readonly hot: number;
  readonly sweep: number;
  /** Waiting for a moment. */
  readonly delayed: number;
  readonly processing: number;
}

/** What is wished for keys, and what becomes of it. Nobody waits here: see `Queue` for what the methods mean. */
export interface Wishes<Key extends string> {
  add(key: Key, lane: Lane): void;
  addAfter(key: Key, lane: Lane, delayMs: number): void;
  retry(key: Key, lane: Lane, atLeastMs?: number): number;
  forget(key: Key): void;
  drop(key: Key): void;
  /** Whose turn it is now; it is under way from then on. */
  take(choice?: Choice): Turn<Key> | undefined;
  done(key: Key): void;
  size(): QueueSize;
  dueAt(key: Key): number | undefined;
  /** When the next delayed key gets its turn, on the monotonic clock in milliseconds. */
  earliestMs(): number | undefined;
}

export interface WishPorts<Key extends string> {
  readonly clock: Clock;
  readonly random: Random;
  /** Whose the key is: owners take turns. Absent: all are one's. */
  readonly ownerOf?: (key: Key) => string;
}

const firstBackOffMs = 1000;
const longestBackOffMs = 300_000;
const longestAskedMs = 3_600_000;

interface BackOff {
  readonly failures: number;
  readonly untilMs: number;
}

export function createWishes<Key extends string>({
  clock,
  random,
  ownerOf = () => '',
}: WishPorts<Key>): Wishes<Key> {
  const ready = createLanes<Key>(ownerOf);
  const delays = createDelays<Key>();
  /** Lanes of what waits for its moment, same keys as `delays`. */
  const delayedLanes = new Map<Key, Lane>();
  const backOffs = new Map<Key, BackOff>();
  /** Under way, with the lane in which it runs again, if it does. */
  const processing = new Map<Key, Lane | undefined>();
  /** Whose each was when its turn began, same keys as `processing`, and how many of whose are under way. */
  const owners = new Map<Key, string>();
  const busy = new Map<string, number>();
  /** Under way although nothing of it shall be left. */
  const gone = new Set<Key>();

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

  const isIdle = (owner: string): boolean => !busy.has(owner);

  function take({ only, isSpare = false }: Choice = {}): Turn<Key> | undefined {
    promote();
    const turn = ready.take({ only, of: isSpare ? isIdle : undefined });
    if (!turn) return undefined;
    const owner = ownerOf(turn.item);
    processing.set(turn.item, undefined);
    owners.set(turn.item, owner);
    busy.set(owner, (busy.get(owner) ?? 0) + 1);
    return { key: turn.item, lane: turn.lane };
  }

  function leave(key: Key): void {
    const owner = owners.get(key);
    if (owner === undefined) return;
    owners.delete(key);
    const left = (busy.get(owner) ?? 1) - 1;
    if (left > 0) busy.set(owner, left);
    else busy.delete(owner);
  }

  return {
    take,
    add(key, lane) {
      gone.delete(key);
      if (lane === 'hot') backOffs.delete(key);
      wish(key, lane, clock.mono());
    },
    addAfter(key, lane, delayMs) {
      if (!gone.has(key)) wish(key, lane, clock.mono() + delayMs);
    },
    retry(key, lane, atLeastMs = 0) {
      if (gone.has(key) || dirtyLane(key) === 'hot') return 0;
      const now = clock.mono();
      const failures = (backOffs.get(key)?.failures ?? 0) + 1;
      const delayMs = Math.max(backOffMs(failures, random), Math.min(atLeastMs, longestAskedMs));
      const untilMs = now + delayMs;
      backOffs.set(key, { failures, untilMs });
      // A turn of the sweep that was already promised is part of the wait.
      unready(key);
      if (delayedLanes.get(key) === 'sweep') undelay(key);
      wish(key, lane, untilMs);
      return (delays.dueAt(key) ?? untilMs) - now;
    },
    forget(key) {
      backOffs.delete(key);
    },
    drop(key) {
      unready(key);
      undelay(key);
      backOffs.delete(key);
      if (processing.has(key)) gone.add(key);
    },
    done(key) {
      const again = processing.get(key);
      processing.delete(key);
      leave(key);
      gone.delete(key);
      if (again) ready.add(key, again);
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
    earliestMs: () => delays.earliest()?.dueMs,
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
