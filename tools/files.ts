import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const strangers = new Set(['node_modules', 'dist', 'coverage', '.git', '.cache']);

/** Repository-relative paths, with `/`, of all files below a folder; sorted; empty when it is missing. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(absent);
  const found = await Promise.all(
    entries
      .filter(({ name }) => !strangers.has(name))
      .map(async (entry) => {
        const path = posix.join(folder, entry.name);
        return entry.isDirectory() ? await listFiles(path) : [path];
      }),
  );
  return found.flat().toSorted();
}

/** The texts of all files below a folder whose path matches. */
export async function readFiles(folder: string, wanted: RegExp): Promise<Map<string, string>> {
  const paths = (await listFiles(folder)).filter((path) => wanted.test(path));
  const texts = await Promise.all(paths.map((path) => readFile(join(root, path), 'utf8')));
  return new Map(paths.map((path, index) => [path, texts[index] ?? '']));
}

function absent(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
