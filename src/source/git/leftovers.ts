import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What git writes objects under until they are whole. @see git, `odb_mkstemp`; `gc` counts it as garbage */
const unfinished = /^(?:tmp_(?:obj|pack|idx|rev)_|\.tmp-\d+-pack|(?:tmp_objdir-)?incoming-)/;

/**
 * Takes away what a git that was ended left of the objects it received: as much as it had received, each time. To be
 * called while nobody else works on the repository. Never throws.
 *
 * @param directory  of the bare repository
 */
export async function dropLeftovers(directory: string): Promise<void> {
  const objects = join(directory, 'objects');
  const folders = [objects, ...(await namesIn(objects)).map((name) => join(objects, name))];
  for (const folder of folders)
    for (const name of (await namesIn(folder)).filter((one) => unfinished.test(one)))
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
