import { constants } from 'node:fs';
import { lstat, mkdir, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
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

/**
 * Why what is in a folder cannot be relied on, as a sentence's end and the command that mends it; undefined where it can:
 * it is a folder, or a link to it of this user's or root's; nobody but its owner may write to it, and the owner is this user or root.
 *
 * @throws  as the file system does
 */
export async function distrustOf(
  folder: string,
): Promise<{ readonly why: string; readonly mend: string } | undefined> {
  const me = process.getuid?.();
  const isStrange = (uid: number): boolean => me !== undefined && uid !== 0 && uid !== me;
  const named = await lstat(folder);
  // A link of root's own is how systemd gives a state directory to a user that exists only while it runs.
  if (named.isSymbolicLink() && isStrange(named.uid))
    return {
      why: `it is a link of user ${String(named.uid)}`,
      mend: `name the folder itself: ${await realpath(folder)}`,
    };
  const found = await stat(folder);
  if (isStrange(found.uid))
    return {
      why: `it belongs to user ${String(found.uid)}`,
      mend: `chown ${String(me)} ${folder}`,
    };
  if ((found.mode & writableByOthers) !== 0)
    return { why: 'others than its owner may write to it', mend: `chmod go-w ${folder}` };
  return undefined;
}

/**
 * Whether a file in a folder may be believed: it belongs to the folder's owner, this user or root, and nobody else may
 * write to it. By handle, never by name.
 *
 * @throws  as the file system does
 */
export async function isTrusted(folder: string, handle: FileHandle): Promise<boolean> {
  const [{ uid: owner }, { uid, mode }] = await Promise.all([stat(folder), handle.stat()]);
  const me = process.getuid?.();
  if (me === undefined) return true;
  return [owner, me, 0].includes(uid) && (mode & writableByOthers) === 0;
}

const writableByOthers = 0o022;

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
