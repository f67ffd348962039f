import type { Clock } from '../ports/index.ts';

/** A signal of its own that follows another one until it is released. */
export interface Linked {
  readonly signal: AbortSignal;
  readonly abort: (reason?: Error) => void;
  /** Leaves nothing on the signal that was followed. */
  readonly release: () => void;
}

/**
 * For what is short and follows what lives as long as the process: `AbortSignal.any` leaves its traces on the latter until
 * they are collected, and every call to the API server would leave some.
 */
export function linked(signal: AbortSignal): Linked {
  const own = new AbortController();
  const follow = (): void => {
    own.abort(signal.reason);
  };
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return {
    signal: own.signal,
    abort(reason) {
      own.abort(reason);
    },
    release() {
      signal.removeEventListener('abort', follow);
    },
  };
}

/**
 * Does something that ends in time.
 *
 * @param late  what it is ended with, when it takes longer than `ms`
 * @throws      `late`'s error, the signal's reason, or what the work throws
 */
export async function withDeadline<T>(
  limit: { readonly clock: Clock; readonly ms: number; readonly late: () => Error },
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const both = linked(signal);
  const done = new AbortController();
  limit.clock.sleep(limit.ms, done.signal).then(
    () => {
      both.abort(limit.late());
    },
    () => undefined,
  );
  try {
    return await untilAborted(work(both.signal), both.signal);
  } finally {
    // With a reason of its own: making the usual one, with its stack, costs more than the timer.
    done.abort(over);
    both.release();
  }
}

const over = new Error('over');

/** What a promise comes to, or the signal's reason if that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(asError(signal.reason));
    };
    const settle = (): void => {
      signal.removeEventListener('abort', stop);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).then(settle, settle);
  });
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
