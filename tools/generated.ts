import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import prettier from 'prettier';

import { listFiles, root } from './files.ts';

/** What every module in `tools/generators/` exports. */
export interface Generator {
  /** Repository-relative paths to texts; formatted afterwards, by file type. Same sources, same texts. */
  generate(): Promise<ReadonlyMap<string, string>>;
}

/** Everything the generators make, formatted as `npm run format` would. */
export async function generateAll(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const modules = (await listFiles('tools/generators')).filter((path) =>
    /^tools\/generators\/[^/]+\.ts$/.test(path),
  );
  for (const path of modules) {
    const generator = (await import(pathToFileURL(join(root, path)).href)) as Generator;
    for (const [file, text] of await generator.generate()) {
      if (files.has(file)) throw new Error(`${path}: ${file} is already made by another generator`);
      files.set(file, await format(file, text));
    }
  }
  return files;
}

/** The paths whose file on disk is missing or different, sorted. */
export async function findStale(files: ReadonlyMap<string, string>): Promise<string[]> {
  const stale = await Promise.all(
    [...files].map(async ([path, text]) => {
      const found = await readFile(join(root, path), 'utf8').catch(() => undefined);
      return found === text ? [] : [path];
    }),
  );
  return stale.flat().toSorted();
}

/** Text as is when Prettier does not know the type (SVG) or is told to leave the path alone. */
async function format(path: string, text: string): Promise<string> {
  const file = join(root, path);
  const info = await prettier.getFileInfo(file, { ignorePath: join(root, '.prettierignore') });
  if (info.ignored || info.inferredParser === null) return text;
  const options = await prettier.resolveConfig(file);
  return prettier.format(text, { ...options, filepath: file });
}
