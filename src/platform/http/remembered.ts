import { ReconcileError } from '../../core/words/errors.ts';

/**
 * A read that is done once and then remembered; callers at the same time share it. A failure is not remembered.
 *
 * A shared read that ends because another caller was aborted is done again for those who were not.
 */
export function remembered<T>(
  read: (signal: AbortSignal) => Promise<T>,
): (signal: AbortSignal) => Promise<T> {
  let pending: Promise<T> | undefined;
  return async (signal) => {
    for (;;) {
      signal.throwIfAborted();
      const mine = (pending ??= read(signal));
      try {
        return await mine;
      } catch (error) {
        if (pending === mine) pending = undefined;
        if (error instanceof ReconcileError || signal.aborted) throw error;
      }
    }
  };
}
