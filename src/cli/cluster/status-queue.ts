import { eventsOf, sameStatus } from '../../core/status/index.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { CacheHealth, ClusterObject, ObjectRef } from '../../ports/cluster.ts';
import { withDeadline } from '../../kubernetes/deadline.ts';
import type { FollowedCluster } from './opened.ts';
import type { Clock, Random, Telemetry } from '../../ports/index.ts';
import { createLanes } from '../../reconcile/lanes.ts';
import type { Hub } from './hub.ts';
import { refText } from './hub.ts';
import { troubleOf } from './checks.ts';

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
const firstRestMs = 1_000;
const longestRestMs = 30_000;
/** The cache shows our own write within so long, or is too far behind to wait for. */
const reachedWithinMs = 60_000;

/** An API server that does not answer for so long is told of here, too; a refusal at once. */
const lastingMs = 30_000;

interface Failing {
  readonly since: number;
  readonly error: ReconcileError;
}

interface Wish {
  readonly ref: ObjectRef;
  readonly make: MakeStatus;
}

export function createStatusQueue(options: StatusQueueOptions): StatusQueue {
  const { hub, cluster, clock, random, telemetry } = options;
  const failing = new Map<string, Failing>();
  const wishes = new Map<string, Wish>();
  /** Of what is wished and not under way; namespaces take turns, so that one's many objects hold up no other's. */
  const line = createLanes<string>((key) => wishes.get(key)?.ref.namespace ?? '');
  const busy = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  const idle = new Set<() => void>();
  let failures = 0;
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
    if (!busy.has(key)) line.add(key, 'hot');
  }

  function next(): [string, Wish] | undefined {
    const key = line.take()?.item;
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
    if (wishes.has(key)) {
      line.add(key, 'hot');
      wakeWriter();
    }
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

  /** The API server is away or refuses: what was wished stays wished, unless something newer is. */
  async function rest(key: string, made: Wish, error: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    wish(key, wishes.get(key) ?? made);
    failures += 1;
    failing.set(key, { since: failing.get(key)?.since ?? clock.mono(), error });
    const ms = Math.min(longestRestMs, firstRestMs * 2 ** Math.min(failures - 1, 10));
    await clock.sleep(Math.round(ms * (0.5 + random.next() / 2)), signal);
  }

  async function writeAlways(signal: AbortSignal): Promise<void> {
    for (;;) {
      const [key, made] = await nextWish(signal);
      try {
        const version = await write(made, signal);
        failures = 0;
        failing.delete(key);
        // Whoever waits for the cache holds up nobody else.
        if (version === undefined) free(key);
        else void reach(made, version, signal).finally(() => free(key));
      } catch (error) {
        busy.delete(key);
        await rest(key, made, error, signal);
      }
    }
  }

  function lasting(): ReconcileError | undefined {
    const known = [...failing.values()];
    const refused = known.find(({ error }) => error.code === 'ClusterRefused');
    return (refused ?? known.find(({ since }) => clock.mono() - since >= lastingMs))?.error;
  }

  return {
    trouble() {
      const error = lasting();
      return error && troubleOf(error);
    },
    size: () => wishes.size + busy.size,
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
