import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Metafile } from 'esbuild';

import { root } from './files.ts';

/** The licence texts of every package in the bundle, by package name. */
export async function noticesOf(metafile: Metafile): Promise<string> {
  const notices = await Promise.all(packageFolders(metafile).map(noticeOf));
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Folders of the packages in the bundle, sorted. */
export function packageFolders(metafile: Metafile): readonly string[] {
  const folders = Object.keys(metafile.inputs).flatMap((input) => packageFolderOf(input) ?? []);
  return [...new Set(folders)].toSorted();
}

/** `node_modules/a/node_modules/@b/c/x.js` -> `node_modules/a/node_modules/@b/c` */
function packageFolderOf(input: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

async function noticeOf(folder: string): Promise<string> {
  const manifest = JSON.parse(
    await readFile(join(root, folder, 'package.json'), 'utf8'),
  ) as Readonly<Record<'name' | 'version' | 'license', string>>;
  const names = await readdir(join(root, folder));
  const file = names.find((name) => /^(?:licen[cs]e|copying)(?:\.\w+)?$/i.test(name));
  const text = file === undefined ? '' : await readFile(join(root, folder, file), 'utf8');
  return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text.trim()}\n`;
}
