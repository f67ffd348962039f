import { eventsOf, sameStatus } from '../../core/status/index.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { CacheHealth, ClusterObject, ObjectRef } from '../../ports/cluster.ts';
import { withDeadline } from '../../kubernetes/deadline.ts';
import type { FollowedCluster } from './opened.ts';
import type { Clock, Random, Telemetry } from '../../ports/index.ts';
import { createLanes } from '../../reconcile/lanes.ts';
import type { Hub } from './hub.ts';
import { refText } from './hub.ts';
import { createStatusRests } from './status-rests.ts';

/** Makes the status of an object as it is now; undefined: nothing is to be said. */
export type MakeStatus = (object: ClusterObject) => object | undefined;

/**
 * Writes statuses: one write of an object at a time, the newest of what was wished for it, and none that changes nothing.
 * After a write nothing more is written to the object until the cache shows it. One that cannot be written rests by itself,
 * and holds up nobody.
 */
export interface StatusQueue {
  put(ref: ObjectRef, make: MakeStatus): void;
  /** Resolves once nothing of the object is wished or under way. */
  settled(ref: ObjectRef): Promise<void>;
  /** Writes until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  size(): number;
  /** Resolves once few enough wait to be written, or none of them can be. */
  room(signal: AbortSignal): Promise<void>;
  /** What keeps statuses from being written; undefined: nothing, or nothing that lasts. */
  trouble(): CacheHealth['trouble'];
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
/** Wishes that may stand in line while others go on making some: each may hold all that was found of a program. */
const longestLine = 1_000;
/** The cache shows our own write within so long, or is too far behind to wait for. */
const reachedWithinMs = 60_000;

/** How often it is looked whose rest is over. */
const tickMs = 250;

interface Wish {
  readonly ref: ObjectRef;
  readonly make: MakeStatus;
}

export function createStatusQueue(options: StatusQueueOptions): StatusQueue {
  const { hub, cluster, clock, telemetry } = options;
  const rests = createStatusRests(options);
  const wishes = new Map<string, Wish>();
  /** Of what is wished and not under way; namespaces take turns, so that one's many objects hold up no other's. */
  const line = createLanes<string>((key) => wishes.get(key)?.ref.namespace ?? '');
  const busy = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  const idle = new Set<() => void>();
  let isTicking = false;
  let untold: string | undefined;

  /** One wish is work for one. */
  function wakeWriter(): void {
    const [wake] = idle;
    if (!wake) return;
    idle.delete(wake);
    wake();
  }

  function settle(key: string): void {
    if (busy.has(key) || wishes.has(key)) return;
    for (const done of waiting.get(key) ?? []) done();
    waiting.delete(key);
  }

  function wish(key: string, what: Wish): void {
    wishes.set(key, what);
    stand(key);
  }

  function stand(key: string): void {
    if (wishes.has(key) && !busy.has(key) && !rests.isResting(key)) line.add(key, 'hot');
  }

  function next(): [string, Wish] | undefined {
    const key = rests.isPaused() ? undefined : line.take()?.item;
    const found = key === undefined ? undefined : wishes.get(key);
    if (key === undefined || !found) return undefined;
    wishes.delete(key);
    busy.add(key);
    return [key, found];
  }

  async function nextWish(signal: AbortSignal): Promise<[string, Wish]> {
    for (;;) {
      signal.throwIfAborted();
      const found = next();
      if (found) return found;
      await new Promise<void>((resolve) => {
        idle.add(resolve);
      });
    }
  }

  function free(key: string): void {
    busy.delete(key);
    stand(key);
    wakeWriter();
    settle(key);
  }

  /** @returns the version to wait for; undefined: nothing was written */
  async function write({ ref, make }: Wish, signal: AbortSignal): Promise<string | undefined> {
    const object = hub.get(ref);
    const status = object && make(object);
    if (!object || !status || sameStatus(object.status, status)) return undefined;
    const version = await cluster.writer.applyStatus(ref, object.uid, status, signal);
    if (version === undefined) return undefined;
    const about = { ...ref, uid: object.uid, resourceVersion: version };
    for (const event of eventsOf(object.status, status))
      void cluster.writer.event({ about, ...event }, signal).then(tellUntold, () => undefined);
    return version;
  }

  /** Events that cannot be made leave everything as it is; whoever looks for them should know why there are none. */
  function tellUntold(error: ReconcileError | undefined): void {
    const why = error && [error.message, ...(error.nextStep ? [error.nextStep] : [])].join('; ');
    if (why !== undefined && why !== untold)
      telemetry.emit({ kind: 'ignored', what: 'events of objects', why });
    untold = why;
  }

  async function reach({ ref }: Wish, version: string, signal: AbortSignal): Promise<void> {
    const cache = cluster.caches.get(ref.kind);
    if (!cache) return;
    const limit = { clock, ms: reachedWithinMs, late: () => new Error('the cache is far behind') };
    await withDeadline(limit, signal, (both) => cache.reached(ref, version, both)).catch(
      () => undefined,
    );
  }

  /** What was wished stays wished, unless something newer is; the writer is free for others. */
  function fail(key: string, made: Wish, error: ReconcileError, signal: AbortSignal): void {
    const { ref } = made;
    const isNews = rests.failed(ref, error);
    wishes.set(key, wishes.get(key) ?? made);
    const what = `the status of ${ref.kind} ${ref.namespace ?? ''}/${ref.name}`;
    if (isNews) telemetry.emit({ kind: 'ignored', what, why: whyOf(error) });
    tick(signal).catch(() => undefined);
  }

  /** One sleep for all that rest: each of them leaves nothing on the signal. */
  async function tick(signal: AbortSignal): Promise<void> {
    if (isTicking) return;
    isTicking = true;
    while (rests.isWaiting()) {
      await clock.sleep(tickMs, signal);
      for (const key of rests.rested()) stand(key);
      if (!rests.isPaused()) for (let free = 0; free < writers; free += 1) wakeWriter();
    }
    isTicking = false;
  }

  async function writeOne(key: string, made: Wish, signal: AbortSignal): Promise<void> {
    try {
      const version = await write(made, signal);
      rests.passed(made.ref, version !== undefined);
      // Whoever waits for the cache holds up nobody else.
      if (version === undefined) free(key);
      else void reach(made, version, signal).finally(() => free(key));
    } catch (error) {
      signal.throwIfAborted();
      busy.delete(key);
      fail(key, made, asFailure(error), signal);
    }
  }

  async function writeAlways(signal: AbortSignal): Promise<void> {
    for (;;) {
      const [key, made] = await nextWish(signal);
      await writeOne(key, made, signal);
    }
  }

  return {
    trouble: () => rests.trouble(),
    size: () => wishes.size + busy.size,
    async room(signal) {
      while (line.size('hot') >= longestLine && !rests.isPaused())
        await clock.sleep(tickMs, signal);
    },
    put(ref, make) {
      wish(refText(ref), { ref, make });
      wakeWriter();
    },
    settled(ref) {
      const key = refText(ref);
      if (!busy.has(key) && !wishes.has(key)) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.set(key, [...(waiting.get(key) ?? []), resolve]);
      });
    },
    async run(signal) {
      const leave = (): void => {
        for (const wake of idle) wake();
      };
      // One listener for all: what waits for a wish leaves nothing on the signal.
      signal.addEventListener('abort', leave, { once: true });
      await Promise.all(Array.from({ length: writers }, () => writeAlways(signal)));
    },
  };
}

function whyOf({ message, nextStep, cause }: ReconcileError): string {
  const bug = cause instanceof Error ? [cause.stack ?? cause.name] : [];
  return ['not written', message, ...(nextStep ? [nextStep] : []), ...bug].join('; ');
}

/** A bug in what is said of one object takes the word of that one, and of nobody else. */
function asFailure(thrown: unknown): ReconcileError {
  if (thrown instanceof ReconcileError) return thrown;
  return new ReconcileError('InternalError', 'a bug in Fairlead', { cause: thrown });
}
