import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { createPlace, type EmulatorProcess, type Place } from '../../support/cli.ts';
import { coffee, world } from '../../support/cli-world.ts';

const exec = promisify(execFile);
const once = ['run', '--config', 'fairlead.yaml', '--once', '--state', 'state'];

const books = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: books }
spec: { workspace: acme, id: "3500020208396399" }
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: books-1.0.0 }
spec:
  miniProgram: books
  version: 1.0.0
  targets: [{ app: rapipay, environment: Sandbox, config: { merchantId: B-1 } }]
`;

async function git(place: Place, name: string, ...args: string[]): Promise<void> {
  await exec('git', args, { cwd: place.path(name), env: place.env });
}

async function commit(
  place: Place,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [file, text] of Object.entries(files)) await place.write(`${name}/${file}`, text);
  await git(place, name, 'init', '-q', '-b', 'main');
  await git(place, name, 'add', '.');
  await git(place, name, 'commit', '-qm', 'Change');
}

/** Two sources of one platform, granted a program each. */
async function twoSources(
  second: { readonly path?: string } = {},
): Promise<{ place: Place; platform: EmulatorProcess }> {
  const place = await createPlace();
  const platform = await place.emulator(world);
  await commit(place, 'one', { 'coffee.yaml': coffee });
  await commit(place, 'two', { 'books.yaml': books });
  const source = (name: string, path?: string): string =>
    `---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: ${name} }
spec: { url: "file://${place.path(name)}"${path === undefined ? '' : `, path: ${path}`} }
`;
  const connection = (await place.read('connections.yaml')).trimEnd();
  await place.write(
    'fairlead.yaml',
    `${connection}
  grants:
    - { sources: [one], miniPrograms: ["3500020208396321"] }
    - { sources: [two], miniPrograms: ["3500020208396399"] }
${source('one')}${source('two', second.path)}---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec: { allowFileUrls: true }
`,
  );
  return { place, platform };
}

async function created(platform: EmulatorProcess): Promise<readonly string[]> {
  return (await platform.calls())
    .filter(({ operation }) => operation === 'createRelease')
    .map(({ key }) => key)
    .toSorted();
}

const coffeeKeys = [
  'acme/3500020208396321/2.4.0/megapay/Production',
  'acme/3500020208396321/2.4.0/megapay/Sandbox',
];
const booksKey = 'acme/3500020208396399/1.0.0/rapipay/Sandbox';

describe('run --once over several sources', () => {
  it('writes what each source may declare', async () => {
    const { place, platform } = await twoSources();

    const { code, stderr } = await place.run(once);

    expect(code, stderr).toBe(0);
    expect(stderr).toContain('source one at commit');
    expect(await created(platform)).toEqual([...coffeeKeys, booksKey]);
  });

  it('lets a source that cannot be read change nothing, and the others go on', async () => {
    const { place, platform } = await twoSources();
    await exec('mv', [place.path('two'), place.path('gone')]);

    const { code, stderr } = await place.run(once);

    expect(code, 'a source that failed is an error').toBe(1);
    expect(stderr).toContain('source two could not be read');
    expect(await created(platform)).toEqual(coffeeKeys);
  });

  it('says that a path is not there: it is misspelt more often than emptied', async () => {
    const { place, platform } = await twoSources({ path: 'nowhere' });

    const { code, stdout, stderr } = await place.run(once);

    expect(code, stderr).toBe(1);
    expect(stdout + stderr).toContain('path "nowhere" does not exist in commit');
    expect(await created(platform)).toEqual(coffeeKeys);
  });

  it('leaves out what is invalid, says where, and reconciles the rest', async () => {
    const { place, platform } = await twoSources();
    await commit(place, 'two', { 'books.yaml': books.replace('merchantId', 'merchandId') });

    const { code, stdout } = await place.run(once);

    expect(code).toBe(5);
    expect(stdout).toContain('books.yaml:');
    expect(await created(platform)).toEqual(coffeeKeys);
  });

  it('writes nothing of what a source may not declare', async () => {
    const { place, platform } = await twoSources();
    await commit(place, 'two', {
      'books.yaml': books.replace('3500020208396399', '3500020208396321'),
    });

    const { code } = await place.run(once);

    expect(code, 'blocked: NotGranted').toBe(4);
    expect(await created(platform)).toEqual(coffeeKeys);
  });

  it('leaves a platform that cannot be reached alone, and says which', async () => {
    const { place, platform } = await twoSources();
    await platform.stop();

    const { code, stderr } = await place.run(once);

    expect(code).toBe(1);
    expect(stderr).toContain('default (http://127.0.0.1:');
  });
});

describe('what must not look like nothing to do', () => {
  it.each([
    {
      name: 'a connection that does not exist',
      args: ['plan', 'coffee.yaml', '--connection', 'prod'],
      code: 1,
      says: 'no PlatformConnection is named prod',
    },
    {
      name: 'a source that does not exist',
      args: ['plan', 'coffee.yaml', '--as', 'nobody'],
      code: 1,
      says: 'no GitSource is named nobody',
    },
    {
      name: 'an approval that names nothing',
      args: ['apply', 'coffee.yaml', '--yes', '--allow', 'c-0123456789ab'],
      code: 0,
      says: 'names no change',
    },
    {
      name: 'an empty folder',
      args: ['plan', 'nothing'],
      code: 0,
      says: 'nothing is declared in nothing',
    },
  ])('$name', async ({ args, code, says }) => {
    const place = await createPlace();
    await place.emulator(world);
    await place.write('coffee.yaml', coffee);
    await place.write('nothing/readme.txt', '');

    const ran = await place.run([...args, '--connections', 'connections.yaml']);

    expect(ran.code, ran.stderr).toBe(code);
    expect(ran.stderr).toContain(says);
  });
});
