import type { Clock, Telemetry } from '../../ports/index.ts';
import type { Completed } from '../../reconcile/ports.ts';
import { readCompleted, writeCompleted, type CompletedPass } from '../composition/completed.ts';
import { failureText } from '../composition/state-files.ts';

/** Milliseconds between two writes, at least. */
const pauseMs = 1_000;

export interface CompletedStoreOptions {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Ends the writing; what was given last is written by `flush`. */
  readonly signal: AbortSignal;
}

export interface CompletedStore extends Completed {
  /** Once the signal is aborted: writes what was given last, if it is not on disk yet. Never throws. */
  flush(): Promise<void>;
}

/**
 * `completed.json` as a controller keeps it: many programs come through at once, and each of them gives a whole new
 * state. One write at a time and one a second, always of the newest. Never throws: trouble with the disk is told once,
 * until it is over.
 */
export function completedStore(
  stateDir: string,
  { clock, telemetry, signal }: CompletedStoreOptions,
): CompletedStore {
  let newest: CompletedPass | undefined;
  let isDue = false;
  let isFailing = false;
  let writer: Promise<void> | undefined;
  let writtenAt = -Infinity;

  async function writeNewest(): Promise<void> {
    if (!isDue || !newest) return;
    isDue = false;
    writtenAt = clock.mono();
    try {
      await writeCompleted(stateDir, newest);
      isFailing = false;
    } catch (error) {
      isDue = true;
      if (isFailing) return;
      isFailing = true;
      const why = `what was completed cannot be written: ${failureText(error)}`;
      telemetry.emit({ kind: 'ignored', what: 'completed.json', why });
    }
  }

  /** Ends with the signal, or once everything that was given is on disk. */
  async function writeUntilDone(): Promise<void> {
    while (isDue && !signal.aborted) {
      const restMs = writtenAt + pauseMs - clock.mono();
      if (restMs > 0) await clock.sleep(restMs, signal).catch(() => undefined);
      if (!signal.aborted) await writeNewest();
    }
    writer = undefined;
  }

  return {
    // Other settings take over in the middle of a second: what was given counts, wherever it is.
    read: async () => newest ?? readCompleted(stateDir),
    write(digests) {
      newest = digests;
      isDue = true;
      if (!writer && !signal.aborted) writer = writeUntilDone();
      return Promise.resolve();
    },
    async flush() {
      await writer;
      await writeNewest();
    },
  };
}
