import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const mode = 0o700;

/**
 * Makes a folder that only its owner may look into, and those above it.
 *
 * @throws as the file system does
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    // Not `recursive`: where a folder can never be made, as in /proc, Node would try for ever.
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    mkdirSync(folder, { mode });
  }
}
