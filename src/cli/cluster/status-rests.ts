import type { ReconcileError } from '../../core/words/errors.ts';
import type { CacheHealth, ObjectRef } from '../../ports/cluster.ts';
import type { Clock, Random } from '../../ports/index.ts';
import { troubleOf } from './checks.ts';
import { refText } from './hub.ts';

/** Objects whose status could not be written, each with a rest of its own. */
export interface StatusRests {
  /** @returns whether it is the first time that this object fails in this way by its own fault */
  failed(ref: ObjectRef, error: ReconcileError): boolean;
  /** Its status was written, or nothing is to be written. Whoever failed for the same cause outside need not rest on. */
  passed(ref: ObjectRef, isWritten: boolean): void;
  isResting(key: string): boolean;
  /** Nothing is written at all: the API server does not answer, or asks for patience. */
  isPaused(): boolean;
  /** Objects whose rest is over; each is told once. */
  rested(): readonly string[];
  /** Somebody rests, or everybody. */
  isWaiting(): boolean;
  /** What keeps statuses from being written; undefined: nothing, or nothing that lasts, or what is wrong with single objects. */
  trouble(): CacheHealth['trouble'];
}

interface Failing {
  readonly ref: ObjectRef;
  readonly since: number;
  readonly times: number;
  readonly error: ReconcileError;
}

const firstMs = 1_000;
const longestMs = 30_000;
/** What is wrong with one object is seldom mended within seconds. */
const longestOfObjectMs = 120_000;
/** However many objects rest, this is how often one of them is tried: twenty times a second. */
const apartMs = 50;

/** An API server that does not answer for so long is told of here, too; a right that is missing at once. */
const lastingMs = 30_000;

export function createStatusRests({
  clock,
  random,
}: {
  readonly clock: Clock;
  readonly random: Random;
}): StatusRests {
  const failing = new Map<string, Failing>();
  /** When a rest is over. */
  const due = new Map<string, number>();
  let writtenAt = Number.NEGATIVE_INFINITY;
  let outages = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  function backOff(times: number, longest: number): number {
    const ms = Math.min(longest, firstMs * 2 ** Math.min(times - 1, 10));
    return Math.round(ms * (0.5 + random.next() / 2));
  }

  /** Of what went wrong while everybody waits already nothing new is to be learned. */
  function pause({ retryAfterMs = 0 }: ReconcileError): void {
    const now = clock.mono();
    if (now < pausedUntil) return;
    outages += 1;
    pausedUntil = now + Math.max(backOff(outages, longestMs), retryAfterMs);
  }

  /** A right was granted, or the API server is back. */
  function wakeAlike({ ref, error }: Failing): void {
    for (const [key, other] of failing) {
      const isAlike = other.error.code === error.code && other.ref.kind === ref.kind;
      const isBeside = isAlike && other.ref.namespace === ref.namespace;
      if (isBeside && scopeOf(other.error) !== 'object' && due.has(key)) due.set(key, clock.mono());
    }
  }

  /** Objects that have failed since before anything was written last, or for a cause that is known at once. */
  function lasting(): ReconcileError | undefined {
    const known = [...failing.values()];
    const right = known.find(({ error }) => scopeOf(error) === 'kind');
    if (right) return right.error;
    const now = clock.mono();
    const stuck = known.filter(({ since }) => writtenAt < since && now - since >= lastingMs);
    const world = stuck.find(({ error }) => scopeOf(error) === 'server');
    // Objects of one namespace are one's, who may have made them so that they cannot be written.
    const owners = new Set(stuck.map(({ ref }) => ref.namespace));
    return (world ?? (owners.size > 1 ? stuck[0] : undefined))?.error;
  }

  return {
    failed(ref, error) {
      const key = refText(ref);
      const before = failing.get(key);
      const scope = scopeOf(error);
      const times = (before?.times ?? 0) + 1;
      failing.set(key, { ref, times, error, since: before?.since ?? clock.mono() });
      const longest = Math.max(
        scope === 'object' ? longestOfObjectMs : longestMs,
        failing.size * apartMs,
      );
      due.set(key, clock.mono() + backOff(times, longest));
      if (scope === 'server') pause(error);
      return scope === 'object' && before?.error.message !== error.message;
    },
    passed(ref, isWritten) {
      const key = refText(ref);
      const before = failing.get(key);
      failing.delete(key);
      due.delete(key);
      if (!isWritten) return;
      writtenAt = clock.mono();
      outages = 0;
      if (before) wakeAlike(before);
    },
    isResting: (key) => due.has(key),
    isPaused: () => clock.mono() < pausedUntil,
    isWaiting: () => due.size > 0 || clock.mono() < pausedUntil,
    rested() {
      const now = clock.mono();
      const over = [...due].filter(([, at]) => at <= now).map(([key]) => key);
      for (const key of over) due.delete(key);
      return over;
    },
    trouble() {
      const error = lasting();
      return error && troubleOf(error);
    },
  };
}

/** Answers that speak of the one object that was written, or of what somebody's webhook thinks of it. */
const ofObject: ReadonlySet<string | undefined> = new Set(['400', '409', '413', '422', '500']);

/** Whose matter a failure is: the object's, the kind's (a right, a definition) or the API server's. */
function scopeOf({ code, resultCode }: ReconcileError): 'object' | 'kind' | 'server' {
  if (code === 'InternalError' || code === 'Contended' || ofObject.has(resultCode)) return 'object';
  return code === 'ClusterRefused' ? 'kind' : 'server';
}
