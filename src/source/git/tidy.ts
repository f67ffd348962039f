import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReconcileError } from '../../core/words/errors.ts';
import { succeeds } from './history.ts';
import { cutCommits } from './commits.ts';
import { inMirror, openMirror, type Mirror } from './mirror.ts';
import { isPassed } from './room.ts';
import { isLate } from './run.ts';
import { isOid } from './strings.ts';

/**
 * Finds out whether it was the mirror's fault that something failed, and makes it good: locks that a killed git left are
 * taken away, a mirror whose objects are not whole starts anew. To be called while nobody else works on the mirror.
 *
 * @returns whether it is worth trying again
 */
export async function repair(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  const unlocked = await removeLocks(mirror.directory);
  if (!(await isBroken(mirror, signal))) return unlocked;
  await rm(mirror.directory, { recursive: true, force: true });
  await openMirror(mirror, signal);
  return true;
}

/** A check that did not come to its end proves nothing. */
async function isBroken(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  try {
    await inMirror(mirror, ['fsck', '--no-dangling', '--no-progress'], signal);
    return false;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    return !isLate(error);
  }
}

async function removeLocks(directory: string): Promise<boolean> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  const locks = names.filter((name) => name.endsWith('.lock'));
  await Promise.all(locks.map((name) => rm(join(directory, name), { force: true })));
  return locks.length > 0;
}

/** Folders of single objects that are counted, of 256; an id may begin with any of them. */
const sample = Array.from({ length: 16 }, (_, index) => `0${index.toString(16)}`);
/** About 400 single objects, and packs: more of either cost time at every call. */
const mostLoose = 25;
const mostPacks = 12;

/**
 * Now and then drops what no source needs: history before the oldest commit that each keeps, and objects that nothing
 * names. It never fails: a mirror that is not tidied is larger, nothing else.
 */
export async function tidy(
  mirror: Mirror,
  { isTight }: { readonly isTight: boolean },
  signal: AbortSignal,
): Promise<void> {
  if (!isTight && !(await isUntidy(mirror.directory))) return;
  await succeeds(signal, async () => {
    await cutHistory(mirror, signal);
    await inMirror(mirror, ['gc', '--prune=now', '--quiet'], signal);
  });
}

/** Half of the room is taken: then nothing is kept that nobody needs, before more comes. */
export async function hasLittleRoom({ room }: Mirror): Promise<boolean> {
  return room !== undefined && isPassed({ ...room, maxBytes: room.maxBytes / 2 });
}

async function isUntidy(directory: string): Promise<boolean> {
  const count = async (...path: string[]): Promise<number> =>
    (await readdir(join(directory, 'objects', ...path)).catch(() => [])).length;
  const packs = await count('pack');
  const loose = await Promise.all(sample.map((folder) => count(folder)));
  // A pack is three files, at times two.
  return packs > 3 * mostPacks || loose.reduce((sum, each) => sum + each, 0) > mostLoose;
}

/** Tells git that history ends with the oldest commit that each source keeps. */
async function cutHistory(mirror: Mirror, signal: AbortSignal): Promise<void> {
  const fields = '%(refname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)';
  const list = ['for-each-ref', '--sort=creatordate', `--format=${fields}`, 'refs/fairlead/'];
  const oldest = new Map<string, string>();
  for (const line of (await inMirror(mirror, list, signal)).split('\n')) {
    const [name = '', id = ''] = line.split(' ');
    const owner = name.split('/').slice(0, -1).join('/');
    if (isOid(id) && !oldest.has(owner)) oldest.set(owner, id);
  }
  const cut = new Set([...(await cutCommits(mirror)), ...oldest.values()]);
  const file = join(mirror.directory, 'shallow');
  await writeFile(
    `${file}.new`,
    [...cut]
      .toSorted()
      .map((id) => `${id}\n`)
      .join(''),
  );
  await rename(`${file}.new`, file);
}
