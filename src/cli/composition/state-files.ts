import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WholeFile {
  readonly file: string;
  readonly text: string;
  /** Where it is written first: in the same folder, by a name that no reader takes for a whole file. */
  readonly temporary: string;
  /** Survives a power cut, too, at the price of waiting for the disk. */
  readonly durable: boolean;
}

/** Only the user who runs the controller. */
const fileMode = 0o600;
const folderMode = 0o700;

/**
 * Writes a file whole or not at all, readable by its owner alone. Where root writes into another user's folder, the file
 * is that user's: the controller must be able to read what an administrator told it.
 *
 * @throws  as the file system does; nothing is left behind
 */
export async function writeWhole({ file, text, temporary, durable }: WholeFile): Promise<void> {
  const folder = dirname(file);
  await rm(temporary, { force: true });
  try {
    const handle = await open(temporary, 'wx', fileMode);
    try {
      await handle.writeFile(text);
      await giveToOwnerOf(folder, handle);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  if (durable) await syncFolder(folder);
}

/** Makes a folder that nobody else may look into, and those above it. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: folderMode });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    // Not `recursive`: where a folder can never be made, as in /proc, Node would try for ever.
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder, { mode: folderMode });
  }
  await handOver(folder);
}

/** A name is in a folder for good only when the folder was written, too. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems cannot; the name is there all the same.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}

/** `ENOENT` and its like; `unknown` for what is no failure of the system. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** A failure of the file system in words. */
export function failureText(error: unknown): string {
  const code = codeOf(error);
  return words[code] ?? code;
}

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of the path is no folder',
  EIO: 'the disk does not answer',
};

async function handOver(folder: string): Promise<void> {
  if (!isRoot()) return;
  const handle = await open(
    folder,
    constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
  );
  try {
    await giveToOwnerOf(dirname(folder), handle);
  } finally {
    await handle.close();
  }
}

/** By handle, never by name: whoever owns the folder could put a link to somebody else's file in its place. */
async function giveToOwnerOf(folder: string, handle: FileHandle): Promise<void> {
  if (!isRoot()) return;
  const { uid, gid } = await stat(folder);
  if (uid !== 0) await handle.chown(uid, gid);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
