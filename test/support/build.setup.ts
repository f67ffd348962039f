import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { bundle } from '../../tools/bundle.ts';
import { root } from '../../tools/files.ts';

/** Below node_modules, so that the launcher finds the checkout's own Node there as well. */
const folder = join(root, 'node_modules/.cache/fairlead', `test-${process.pid}`);

/** Builds the program once for all integration tests, away from dist/: several runs may go side by side. */
export async function setup(project: TestProject): Promise<void> {
  try {
    const metafile = await bundle(folder);
    project.provide('build', { ok: true, cli: join(folder, 'fairlead.js'), metafile });
  } catch (error) {
    project.provide('build', { ok: false, message: String(error) });
  }
}

export async function teardown(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
