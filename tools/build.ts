import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { bundle } from './bundle.ts';
import { root } from './files.ts';

/** Built beside and moved in whole, so that dist/ never mixes two builds. */
const fresh = join(root, 'node_modules/.cache/fairlead', `dist-${process.pid}`);
const dist = join(root, 'dist');

try {
  const { outputs } = await bundle(fresh);
  await rm(dist, { recursive: true, force: true });
  await rename(fresh, dist);
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
  console.log(`dist/: ${Object.keys(outputs).length} modules, ${Math.round(bytes / 1024)} KiB`);
} catch (error) {
  await rm(fresh, { recursive: true, force: true });
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
