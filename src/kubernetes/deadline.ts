import type { Clock } from '../ports/index.ts';

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
  const over = new AbortController();
  const done = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  limit.clock.sleep(limit.ms, AbortSignal.any([done.signal, signal])).then(
    () => {
      over.abort(limit.late());
    },
    () => undefined,
  );
  try {
    return await untilAborted(work(both), both);
  } finally {
    done.abort();
  }
}

/** What a promise comes to, or the signal's reason if that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(asError(signal.reason));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
