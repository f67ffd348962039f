import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { writeNewFiles } from '../../../src/cli/composition/new-files.ts';

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-new-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const files = [
  { path: 'coffee/program.yaml', text: 'one\n' },
  { path: 'coffee/releases/a.yaml', text: 'two\n' },
];

describe('files that are not there yet', () => {
  it('are written with their folders, and named as people would type them', async () => {
    const dir = await folder();

    const written = await writeNewFiles(dir, files);

    expect(written).toEqual([
      join(dir, 'coffee/program.yaml'),
      join(dir, 'coffee/releases/a.yaml'),
    ]);
    expect(await readFile(join(dir, 'coffee/releases/a.yaml'), 'utf8')).toBe('two\n');
  });

  it('none is written when one is there already', async () => {
    const dir = await folder();
    await mkdir(join(dir, 'coffee/releases'), { recursive: true });
    await writeFile(join(dir, 'coffee/releases/a.yaml'), 'mine');

    await expect(writeNewFiles(dir, files)).rejects.toMatchObject({ code: 'FileExists' });

    expect(await readdir(join(dir, 'coffee'))).toEqual(['releases']);
    expect(await readFile(join(dir, 'coffee/releases/a.yaml'), 'utf8')).toBe('mine');
  });

  it('a link counts as a file, wherever it leads', async () => {
    const dir = await folder();
    await mkdir(join(dir, 'coffee'));
    await symlink(join(dir, 'elsewhere.yaml'), join(dir, 'coffee/program.yaml'));

    await expect(writeNewFiles(dir, files)).rejects.toMatchObject({ code: 'FileExists' });

    expect(await readdir(dir)).toEqual(['coffee']);
  });

  it('gives up where no folder can be made', async () => {
    await expect(writeNewFiles('/proc/none', files)).rejects.toMatchObject({
      code: 'OutputFailed',
      message: expect.stringContaining('nothing was written') as string,
    });
  });

  it('a failure names what was written before it', async () => {
    const dir = await folder();
    await writeFile(join(dir, 'file'), '');

    const attempt = writeNewFiles(dir, [
      { path: 'first.yaml', text: '' },
      { path: 'file/second.yaml', text: '' },
    ]);

    await expect(attempt).rejects.toMatchObject({
      code: 'OutputFailed',
      message: expect.stringContaining('first.yaml') as string,
    });
  });
});
