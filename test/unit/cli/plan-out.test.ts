import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { writeWhole } from '../../../src/cli/composition/plan-out.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-out-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a file that is written out', () => {
  it('takes the place of the old one, with its rights, and leaves nothing beside it', async () => {
    const file = join(folder, 'plan.json');
    await writeFile(file, 'old');
    await chmod(file, 0o600);

    await writeWhole(file, 'new');

    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['plan.json']);
  });

  it('never empties the old one before the new one is whole', async () => {
    const file = join(folder, 'plan.json');
    await writeFile(file, 'old');
    // What is in the way of the new file stands for a disk that has no room.
    await mkdir(`${file}.${String(process.pid)}.new`);

    await expect(writeWhole(file, 'new')).rejects.toMatchObject({ code: 'OutputFailed' });

    expect(await readFile(file, 'utf8')).toBe('old');
  });

  it('is not stopped by what a killed process left', async () => {
    const file = join(folder, 'plan.json');
    await writeFile(`${file}.${String(process.pid)}.new`, 'half');

    await writeWhole(file, 'new');

    expect(await readFile(file, 'utf8')).toBe('new');
  });

  it('goes where a link leads, and the link stays', async () => {
    const [file, link] = [join(folder, 'plan.json'), join(folder, 'link')];
    await writeFile(file, 'old');
    await symlink(file, link);

    await writeWhole(link, 'new');

    expect(await readFile(file, 'utf8')).toBe('new');
  });

  it('may be a device', async () => {
    await expect(writeWhole('/dev/null', 'new')).resolves.toBeUndefined();
  });

  it('is no folder, and the next step says what to name', async () => {
    await expect(writeWhole(folder, 'new')).rejects.toMatchObject({
      code: 'OutputFailed',
      nextStep: expect.stringContaining('name a file in that folder') as string,
    });
  });
});
