import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { root } from '../../../tools/files.ts';

const read = (path: string) => readFile(join(root, path), 'utf8');

const { scripts } = JSON.parse(await read('package.json')) as {
  scripts: Readonly<Record<string, string>>;
};

/** `.ci/run` asks for it by name before it runs it. */
const laterScript = 'test:servers';

/** Every script a text tells people to run: `npm run NAME`, `npm test`. */
function namedScripts(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(test)\b)/g)].map(
    ([, run, test]) => run ?? test ?? '',
  );
}

describe('the commands the documents promise', () => {
  it.each(['README.md', 'CONTRIBUTING.md', '.ci/run'])('exist, for %s', async (document) => {
    const named = namedScripts(await read(document));

    expect(named, 'a document without a command tells nobody how to start').toContain('test');
    expect(named.filter((name) => !(name in scripts) && name !== laterScript)).toEqual([]);
  });

  it('are the two set-up commands of the README, as one line each', async () => {
    const readme = await read('README.md');

    expect(readme).toContain('npm ci && npm run demo');
    expect(readme).toContain('npm ci && npm test');
  });

  it.each(Object.entries(scripts).filter(([, command]) => command.startsWith('node ')))(
    'run a file that is there: %s',
    async (_, command) => {
      const [, file = ''] = command.split(' ');

      await expect(access(join(root, file))).resolves.toBeUndefined();
    },
  );
});
