import type { Hints } from '../../ports/controller.ts';

export interface HintHub extends Hints {
  /** Something was pushed: the branch may have moved, and so may pull requests. */
  hint(source: string): void;
  hintPulls(source: string): void;
  /** Resolves at the next hint for the pull requests of this source, or when the signal is aborted. */
  nextPulls(source: string, signal: AbortSignal): Promise<void>;
}

/** No source has such a name. */
const pullsOf = (source: string): string => `pulls of ${source}`;

/** Joins those who hint with those who look. A hint that nobody waits for is kept: one, however many there were. */
export function createHints(): HintHub {
  const waiting = new Map<string, Set<() => void>>();
  const kept = new Set<string>();
  function wakeAll(name: string): void {
    const waiters = waiting.get(name);
    if (!waiters || waiters.size === 0) {
      kept.add(name);
      return;
    }
    waiting.delete(name);
    for (const wake of waiters) wake();
  }
  function next(name: string, signal: AbortSignal): Promise<void> {
    if (kept.delete(name) || signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const waiters = waiting.get(name) ?? new Set();
    const wake = (): void => {
      signal.removeEventListener('abort', wake);
      waiters.delete(wake);
      resolve(undefined);
    };
    waiting.set(name, waiters.add(wake));
    signal.addEventListener('abort', wake, { once: true });
    return promise;
  }
  return {
    hint(source) {
      wakeAll(source);
      wakeAll(pullsOf(source));
    },
    hintPulls: (source) => wakeAll(pullsOf(source)),
    next,
    nextPulls: (source, signal) => next(pullsOf(source), signal),
  };
}
