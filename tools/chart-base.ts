import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { kustomizeBase } from './chart/kustomize-base.ts';
import { root } from './files.ts';

/* Rewrites deploy/kustomize/base from the chart. Apart from `npm run generate`, which needs no Helm; a test compares. */
for (const [path, text] of await kustomizeBase()) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  console.log(`wrote ${path}`);
}
