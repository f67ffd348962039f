import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ReconcileError } from '../../../core/words/errors.ts';
import type { EpochMs } from '../../../core/words/time.ts';

const prefix = 'verify-';
/** No verification lasts as long; what is older was left by a process that was killed. */
const leftBehindMs = 86_400_000;

/**
 * Works in a new folder for our eyes only, and removes it.
 *
 * @param parent  where it is made
 * @throws ReconcileError `LocalFailure`; what the work throws
 */
export async function inWorkshop<T>(
  parent: string,
  now: EpochMs,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await make(parent, now);
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function make(parent: string, now: EpochMs): Promise<string> {
  try {
    await removeOld(parent, now);
    return await mkdtemp(join(parent, prefix));
  } catch (cause) {
    throw new ReconcileError('LocalFailure', `the state directory ${parent} cannot be written`, {
      cause,
      nextStep: 'see whether the disk is full and this user may write it',
    });
  }
}

async function removeOld(parent: string, now: EpochMs): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(parent, name);
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs < now - leftBehindMs)
      await rm(path, { recursive: true, force: true });
  }
}
