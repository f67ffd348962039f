import { describe, expect, it } from 'vitest';

import { checkArrows } from '../../../tools/arrows-check.ts';
import { readFiles } from '../../../tools/files.ts';

describe('the import arrows of the house', () => {
  it('hold for every import under src/', async () => {
    const files = await readFiles('src', /\.[cm]?[jt]s$/);

    expect(files.size, 'a walk over nothing proves nothing').toBeGreaterThan(0);
    expect(checkArrows(files)).toEqual([]);
  });
});

const planted = [
  {
    name: 'core importing a port',
    why: 'core is the inside; effects are arguments',
    files: { 'src/core/plan.ts': `import type { Clock } from '../ports/clock.ts';` },
    refused: ['src/core/plan.ts'],
  },
  {
    name: 'core importing the file system',
    why: 'of Node core may hash, nothing else',
    files: { 'src/core/read.ts': `import { readFile } from 'node:fs/promises';` },
    refused: ['src/core/read.ts'],
  },
  {
    name: 'core hashing',
    why: 'digests are core',
    files: { 'src/core/digest.ts': `import { createHash } from 'node:crypto';` },
    refused: [],
  },
  {
    name: 'words importing a step',
    why: 'protocol and emulator share words only, so words must not drag the steps in',
    files: { 'src/core/words/keys.ts': `import { makePlan } from '../plan.ts';` },
    refused: ['src/core/words/keys.ts'],
  },
  {
    name: 'one adapter importing another',
    why: 'adapters meet in the composition root only',
    files: { 'src/source/git.ts': `import { send } from '../platform/http.ts';` },
    refused: ['src/source/git.ts'],
  },
  {
    name: 'an adapter importing core, ports and protocol',
    why: 'that is what it translates between',
    files: {
      'src/platform/http.ts': `
        import type { ReleaseKey } from '../core/words/keys.ts';
        import type { Transport } from '../ports/transport.ts';
        export { sign } from '../protocol/signature.ts';`,
    },
    refused: [],
  },
  {
    name: 'an adapter importing the engine',
    why: 'the engine calls ports, adapters do not call back',
    files: { 'src/ledger/sqlite.ts': `import { execute } from '../engine/write.ts';` },
    refused: ['src/ledger/sqlite.ts'],
  },
  {
    name: 'review importing the writer',
    why: 'nothing in a review can write to the platform',
    files: { 'src/review/comment.ts': `import { execute } from '../engine/write.ts';` },
    refused: ['src/review/comment.ts', 'src/review/comment.ts'],
  },
  {
    name: 'review reaching the writer through the reader',
    why: 'a long chain is as good as a short one',
    files: {
      'src/review/comment.ts': `import { planProgram } from '../engine/read.ts';`,
      'src/engine/read.ts': `import { retry } from './retry.ts';`,
      'src/engine/retry.ts': `import { execute } from './write.ts';`,
    },
    refused: ['src/review/comment.ts', 'src/engine/read.ts'],
  },
  {
    name: 'review importing the reader',
    why: 'that is its arrow',
    files: { 'src/review/comment.ts': `import { planProgram } from '../engine/read.ts';` },
    refused: [],
  },
  {
    name: 'the emulator importing a step of core',
    why: 'its rules must be a second opinion',
    files: { 'src/emulator/world.ts': `import { lifecycle } from '../core/lifecycle.ts';` },
    refused: ['src/emulator/world.ts'],
  },
  {
    name: 'an import that only a type, an export or a call makes',
    why: 'each spelling is an arrow',
    files: {
      'src/core/a.ts': `export * from '../cli/main.ts';`,
      'src/core/b.ts': `export type Main = typeof import('../cli/main.ts');`,
      'src/core/c.ts': `export const load = () => import('../cli/main.ts');`,
      'src/core/d.ts': `import type { Main } from '../cli/main.ts';`,
    },
    refused: ['src/core/a.ts', 'src/core/b.ts', 'src/core/c.ts', 'src/core/d.ts'],
  },
  {
    name: 'the program importing a test',
    why: 'tests import the program',
    files: { 'src/cli/main.ts': `import { world } from '../../test/unit/world.ts';` },
    refused: ['src/cli/main.ts'],
  },
  {
    name: 'a file outside the areas',
    why: 'a new area needs a row, and so a decision',
    files: { 'src/misc/thing.ts': `import { join } from 'node:path';` },
    refused: ['src/misc/thing.ts'],
  },
  {
    name: 'a package away from its place',
    why: 'simple-git stands behind one module that builds fixed arguments',
    files: { 'src/platform/http.ts': `import { simpleGit } from 'simple-git';` },
    refused: ['src/platform/http.ts'],
  },
];

describe('a planted import is judged', () => {
  it.each(planted)('$name', ({ files, refused, why }) => {
    const violations = checkArrows(new Map(Object.entries(files)));

    expect(
      violations.map(({ file }) => file),
      why,
    ).toEqual(refused);
  });
});
