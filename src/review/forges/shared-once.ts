import { ReconcileError } from '../../core/words/errors.ts';
import type { Clock } from '../../ports/index.ts';

const attempts = 3;
/** Long enough for a write to be seen by a read that follows. */
const settleMs = 2_000;

/**
 * Creates something without doing it twice: where it is not known whether the forge did it, it is looked for before it
 * is tried again.
 *
 * @throws what `create` and `find` throw; ReconcileError `ForgeUnavailable` if it remains unknown
 */
export async function createOnce<T>(
  {
    create,
    find,
  }: { readonly create: () => Promise<T>; readonly find: () => Promise<T | undefined> },
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof ReconcileError) || error.code !== 'OutcomeUnknown') throw error;
      await clock.sleep(settleMs * attempt, signal);
      const found = await find();
      if (found !== undefined) return found;
      if (attempt === attempts)
        throw new ReconcileError('ForgeUnavailable', error.message, { cause: error });
    }
  }
}
