import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readAdministration } from '../../../src/cli/settings.ts';
import { root } from '../../../tools/files.ts';

const examples = join(root, 'examples');
const folders = await readdir(examples, { withFileTypes: true });
const planned: string[] = [];
for (const folder of folders.filter((entry) => entry.isDirectory())) {
  const files = await readdir(join(examples, folder.name));
  if (files.includes('plan.txt')) planned.push(folder.name);
}

describe('every example that has a plan', () => {
  it('is looked at', () => {
    expect(planned).toContain('quick-start');
  });

  it.each(planned)(
    '%s runs by itself: its connection is an emulator of its own world',
    async (name) => {
      const { connections, path } = await readAdministration(join(examples, name, 'settings.yaml'));

      expect(connections).toMatchObject([
        {
          name: 'default',
          spec: { driver: 'emulator', dataDir: '.emulator', worldFile: 'world.yaml' },
        },
      ]);
      await access(path('world.yaml'));
    },
  );
});
