import type { Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';

import { loadedInputs, outputOf, staticChunks } from '../../../tools/loaded.ts';

type Output = Metafile['outputs'][string];

const output = (
  inputs: readonly string[],
  imports: Output['imports'],
  entryPoint?: string,
): Output => ({
  bytes: 1,
  inputs: Object.fromEntries(inputs.map((input) => [input, { bytesInOutput: 1 }])),
  imports,
  exports: [],
  ...(entryPoint === undefined ? {} : { entryPoint }),
});

const metafile: Metafile = {
  inputs: {},
  outputs: {
    'dist/main.mjs': output(
      ['src/cli/main.ts'],
      [
        { path: 'dist/chunks/shared.mjs', kind: 'import-statement' },
        { path: 'dist/chunks/plan.mjs', kind: 'dynamic-import' },
        { path: 'node:fs', kind: 'import-statement', external: true },
      ],
      'src/cli/main.ts',
    ),
    'dist/chunks/shared.mjs': output(
      ['src/core/words/keys.ts'],
      [{ path: 'dist/main.mjs', kind: 'import-statement' }],
    ),
    'dist/chunks/plan.mjs': output(
      ['src/cli/plan.ts', 'node_modules/yaml/index.js'],
      [{ path: 'dist/chunks/shared.mjs', kind: 'import-statement' }],
      'src/cli/plan.ts',
    ),
  },
};

describe('what a verb loads', () => {
  it('follows static imports, round in circles too, and not dynamic ones', () => {
    expect(staticChunks(metafile, 'dist/main.mjs')).toEqual([
      'dist/chunks/shared.mjs',
      'dist/main.mjs',
    ]);
  });

  it('names the sources and packages of the entry and of what the verb imports', () => {
    expect(loadedInputs(metafile, 'src/cli/main.ts')).toEqual([
      'src/cli/main.ts',
      'src/core/words/keys.ts',
    ]);
    expect(loadedInputs(metafile, 'src/cli/main.ts', 'src/cli/plan.ts')).toEqual([
      'node_modules/yaml/index.js',
      'src/cli/main.ts',
      'src/cli/plan.ts',
      'src/core/words/keys.ts',
    ]);
  });

  it('refuses a source that no chunk starts at, or the answer would be empty and so look good', () => {
    expect(() => outputOf(metafile, 'src/cli/gone.ts')).toThrow('no chunk starts at');
  });
});
