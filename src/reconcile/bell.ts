import type { EpochMs } from '../core/words/time.ts';
import type { Clock } from '../ports/index.ts';
import { sleepUntil } from './schedule.ts';

/** Something that rings once. */
export interface Bell {
  readonly rung: Promise<void>;
  readonly ring: () => void;
}

export function createBell(): Bell {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { rung: promise, ring: () => resolve(undefined) };
}

/**
 * Sleeps until the bell rings or the moment has come, whichever is first.
 *
 * @throws the signal's reason when it is aborted
 */
export async function sleepUntilRung(
  rung: Promise<void>,
  { clock, at }: { readonly clock: Clock; readonly at: EpochMs },
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const slept = sleepUntil(at, clock, AbortSignal.any([signal, over.signal])).catch(
    () => undefined,
  );
  await Promise.race([rung, slept]);
  over.abort();
  await slept;
  signal.throwIfAborted();
}
