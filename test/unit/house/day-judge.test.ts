import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import { root } from '../../../tools/files.ts';

const foreign = /^(node:.+|yaml)$/;

describe('the judge of a day', () => {
  it('imports nothing of ours: what it judges must not lend it its own mistakes', async () => {
    const text = await readFile(join(root, 'test/servers/day-judge.ts'), 'utf8');
    const imports = ts.preProcessFile(text, true, true).importedFiles;

    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter(({ fileName }) => !foreign.test(fileName))).toEqual([]);
  });
});
