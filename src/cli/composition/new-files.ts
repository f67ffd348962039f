import { lstat, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CliError } from '../exit.ts';

export interface NewFile {
  /** Relative to the folder they go to, with `/`. */
  readonly path: string;
  readonly text: string;
}

/**
 * Writes files that are not there yet: all, or none if one of them is.
 *
 * @returns their paths, the folder included
 * @throws CliError `FileExists` before anything is written; `OutputFailed` naming what was written before it
 */
export async function writeNewFiles(
  folder: string,
  files: readonly NewFile[],
): Promise<readonly string[]> {
  const paths = files.map(({ path }) => join(folder, path));
  const existing = (await Promise.all(paths.map(exists))).flatMap((found) => found ?? []);
  if (existing.length > 0) {
    throw new CliError('FileExists', `nothing was written: ${existing.join(', ')} exists already`, {
      nextStep: 'name another folder with --out, or move the file away; nothing is overwritten',
    });
  }
  const written: string[] = [];
  for (const [index, { text }] of files.entries()) {
    const path = paths[index] ?? '';
    try {
      await writeNew(path, text);
    } catch (cause) {
      throw failed(path, written, cause);
    }
    written.push(path);
  }
  return written;
}

async function exists(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found && path;
}

/** Not `recursive`: where a folder can never be made, as in /proc, Node would try for ever. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  // `wx`: what came into being since the check is not overwritten either, and no link is followed.
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function failed(path: string, written: readonly string[], cause: unknown): CliError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const why = code === 'ENOSPC' ? 'the disk is full' : code;
  const before =
    written.length === 0 ? 'nothing was written' : `written before it: ${written.join(', ')}`;
  return new CliError('OutputFailed', `${path} could not be written (${why}); ${before}`, {
    cause,
    nextStep: 'name a folder that you may write to, or free some space',
  });
}
