import type { Hints } from '../../ports/controller.ts';

export interface HintHub extends Hints {
  hint(source: string): void;
}

/** Joins those who hint with those who look. A hint that nobody waits for is kept: one, however many there were. */
export function createHints(): HintHub {
  const waiting = new Map<string, Set<() => void>>();
  const kept = new Set<string>();
  return {
    hint(source) {
      const waiters = waiting.get(source);
      if (!waiters || waiters.size === 0) {
        kept.add(source);
        return;
      }
      waiting.delete(source);
      for (const wake of waiters) wake();
    },
    next(source, signal) {
      if (kept.delete(source) || signal.aborted) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const waiters = waiting.get(source) ?? new Set();
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        waiters.delete(wake);
        resolve(undefined);
      };
      waiting.set(source, waiters.add(wake));
      signal.addEventListener('abort', wake, { once: true });
      return promise;
    },
  };
}
