import { mkdir } from 'node:fs/promises';
import { ReconcileError } from '../../core/words/errors.ts';
import { openMirror, type Mirror } from './mirror.ts';
import { hasNoRoom } from './room.ts';
import { repair } from './tidy.ts';

/**
 * Opens a mirror and works on it; one that is at fault is made good once, then the work is tried once more.
 *
 * @throws what the work throws; the signal's reason
 */
export async function repairing<T>(
  mirror: Mirror,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    await openMirror(mirror, signal);
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError) || error.code !== 'SourceUnavailable') throw error;
    if (hasNoRoom(error)) throw error;
    if (!(await repair(mirror, signal))) throw error;
    return work();
  }
}

/**
 * The folder that mirrors lie in.
 *
 * @throws ReconcileError `LocalFailure`
 */
export async function makeParent(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ReconcileError('LocalFailure', `${directory} cannot be made`, {
      cause,
      nextStep: 'let this user write the state directory, or give another one with --state',
    });
  }
}
