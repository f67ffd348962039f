import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { root } from './files.ts';
import { findStale, generateAll } from './generated.ts';

const files = await generateAll();
const stale = await findStale(files);

if (process.argv.includes('--check')) {
  for (const path of stale) console.error(`stale: ${path}`);
  if (stale.length > 0) console.error('Run: npm run generate');
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const path of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), files.get(path) ?? '');
    console.log(`wrote ${path}`);
  }
  console.log(`${files.size} generated files, ${stale.length} rewritten`);
}
