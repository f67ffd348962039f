import { eventsOf, sameStatus } from '../../core/status/index.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { ClusterObject, ObjectRef } from '../../ports/cluster.ts';
import type { FollowedCluster } from './opened.ts';
import type { Clock, Random, Telemetry } from '../../ports/index.ts';
import type { Hub } from './hub.ts';
import { refText } from './hub.ts';

/** Makes the status of an object as it is now; undefined: nothing is to be said. */
export type MakeStatus = (object: ClusterObject) => object | undefined;

/**
 * Writes statuses: one write of an object at a time, the newest of what was wished for it, and none that changes nothing.
 * After a write nothing more is written to the object until the cache shows it.
 */
export interface StatusQueue {
  put(ref: ObjectRef, make: MakeStatus): void;
  /** Resolves once nothing of the object is wished or under way. */
  settled(ref: ObjectRef): Promise<void>;
  /** Writes until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  size(): number;
}

export interface StatusQueueOptions {
  readonly hub: Pick<Hub, 'get'>;
  readonly cluster: Pick<FollowedCluster, 'caches' | 'writer'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}

/** Writes at a time. */
const writers = 8;
const firstRestMs = 1_000;
const longestRestMs = 30_000;
/** The cache shows our own write within so long, or is too far behind to wait for. */
const reachedWithinMs = 60_000;

interface Wish {
  readonly ref: ObjectRef;
  readonly make: MakeStatus;
}

export function createStatusQueue(options: StatusQueueOptions): StatusQueue {
  const { hub, cluster, clock, random, telemetry } = options;
  const wishes = new Map<string, Wish>();
  const busy = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  const idle = new Set<() => void>();
  let failures = 0;

  function wakeWriters(): void {
    for (const wake of idle) wake();
    idle.clear();
  }

  function settle(key: string): void {
    if (busy.has(key) || wishes.has(key)) return;
    for (const done of waiting.get(key) ?? []) done();
    waiting.delete(key);
  }

  function next(): [string, Wish] | undefined {
    for (const [key, wish] of wishes) {
      if (busy.has(key)) continue;
      wishes.delete(key);
      busy.add(key);
      return [key, wish];
    }
    return undefined;
  }

  async function nextWish(signal: AbortSignal): Promise<[string, Wish]> {
    for (;;) {
      signal.throwIfAborted();
      const found = next();
      if (found) return found;
      await new Promise<void>((resolve) => {
        idle.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  function free(key: string): void {
    busy.delete(key);
    if (wishes.has(key)) wakeWriters();
    settle(key);
  }

  /** @returns the version to wait for; undefined: nothing was written */
  async function write({ ref, make }: Wish, signal: AbortSignal): Promise<string | undefined> {
    const object = hub.get(ref);
    const status = object && make(object);
    if (!object || !status || sameStatus(object.status, status)) return undefined;
    const version = await cluster.writer.applyStatus(ref, object.uid, status, signal);
    if (version === undefined) return undefined;
    const { uid } = object;
    for (const event of eventsOf(object.status, status))
      void cluster.writer
        .event({ about: { ...ref, uid, resourceVersion: version }, ...event }, signal)
        .catch(() => undefined);
    return version;
  }

  async function reach({ ref }: Wish, version: string, signal: AbortSignal): Promise<void> {
    const late = new AbortController();
    const reached = cluster.caches
      .get(ref.kind)
      ?.reached(ref, version, AbortSignal.any([signal, late.signal]));
    const timer = clock.sleep(reachedWithinMs, AbortSignal.any([signal, late.signal]));
    await Promise.race([reached, timer]).catch(() => undefined);
    late.abort();
    await Promise.allSettled([reached, timer]);
  }

  /** The API server is away or refuses: what was wished stays wished, unless something newer is. */
  async function rest(key: string, wish: Wish, error: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    if (!wishes.has(key)) wishes.set(key, wish);
    failures += 1;
    if (failures === 1)
      telemetry.emit({ kind: 'ignored', what: `status of ${key}`, why: error.message });
    const ms = Math.min(longestRestMs, firstRestMs * 2 ** Math.min(failures - 1, 10));
    await clock.sleep(Math.round(ms * (0.5 + random.next() / 2)), signal);
  }

  async function writeAlways(signal: AbortSignal): Promise<void> {
    for (;;) {
      const [key, wish] = await nextWish(signal);
      try {
        const version = await write(wish, signal);
        failures = 0;
        // Whoever waits for the cache holds up nobody else.
        if (version === undefined) free(key);
        else void reach(wish, version, signal).finally(() => free(key));
      } catch (error) {
        busy.delete(key);
        await rest(key, wish, error, signal);
      }
    }
  }

  return {
    size: () => wishes.size + busy.size,
    put(ref, make) {
      wishes.set(refText(ref), { ref, make });
      wakeWriters();
    },
    settled(ref) {
      const key = refText(ref);
      if (!busy.has(key) && !wishes.has(key)) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.set(key, [...(waiting.get(key) ?? []), resolve]);
      });
    },
    async run(signal) {
      await Promise.all(Array.from({ length: writers }, () => writeAlways(signal)));
    },
  };
}
