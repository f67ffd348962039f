import type { Clock } from '../ports/index.ts';

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
 * Sleeps until the bell rings or the time is over, whichever comes first.
 *
 * @throws the signal's reason when it is aborted
 */
export async function sleepUntilRung(
  rung: Promise<void>,
  { clock, ms }: { readonly clock: Clock; readonly ms: number },
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const slept = clock
    .sleep(Math.max(0, ms), AbortSignal.any([signal, over.signal]))
    .catch(() => undefined);
  await Promise.race([rung, slept]);
  over.abort();
  await slept;
  signal.throwIfAborted();
}
