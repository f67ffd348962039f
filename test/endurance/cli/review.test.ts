import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import type { ReviewDocument } from '../../../src/core/render/review-schema.ts';
import { createPlace, type EmulatorProcess, type Place, type Ran } from '../../support/cli.ts';
import { coffee, world } from '../../support/cli-world.ts';

const exec = promisify(execFile);

interface Stage {
  readonly place: Place;
  readonly platform: EmulatorProcess;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** Writes a file of the checkout and commits everything. */
  readonly commit: (text: string, file?: string) => Promise<void>;
  readonly review: (...args: readonly string[]) => Promise<Ran>;
  readonly json: (...args: readonly string[]) => Promise<ReviewDocument>;
}

/** A checkout in `repo/` on branch `topic`, which left `main` where coffee was declared; settings stand beside it. */
async function stage(): Promise<Stage> {
  const place = await createPlace();
  const platform = await place.emulator(world);
  await mkdir(place.path('repo'), { recursive: true });
  const cwd = place.path('repo');
  const git = async (...args: readonly string[]) =>
    (await exec('git', [...args], { cwd, env: place.env })).stdout;
  const commit = async (text: string, file = 'coffee.yaml') => {
    await place.write(`repo/${file}`, text);
    await git('add', '.');
    await git('commit', '-q', '-m', 'change');
  };
  await git('init', '-q', '-b', 'main', '.');
  await commit(coffee);
  await git('checkout', '-q', '-b', 'topic');
  const review = async (...args: readonly string[]) =>
    inside(place, ['review', '--base', 'main', '--head', 'topic', ...args]);
  const json = async (...args: readonly string[]) => {
    const { stdout } = await review('--connections', '../connections.yaml', '-o', 'json', ...args);
    return JSON.parse(stdout) as ReviewDocument;
  };
  return { place, platform, git, commit, review, json };
}

/** Runs the program with `repo/` as working directory. */
async function inside(place: Place, args: readonly string[]): Promise<Ran> {
  const { built } = await import('../../support/built.ts');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [built().cli, ...args],
      { cwd: place.path('repo'), env: place.env },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, signal: null, stdout, stderr });
      },
    );
  });
}

const paid = coffee.replace('merchantId: M-77 }', 'merchantId: M-88 }');
const settings = ['--connections', '../connections.yaml'];

describe('review', () => {
  it('says what the pull request brings, and what would have happened anyway', async () => {
    const { commit, json, review } = await stage();
    await commit(coffee.replace('"2088002"]', '"2088002", "2088003"]'));

    const found = await json();
    const { stdout, code } = await review(...settings);

    expect(code).toBe(0);
    expect(
      found.targets.map(({ effect, fields }) => [effect, fields.map(({ path }) => path)]),
    ).toEqual([
      ['update', ['testers']],
      ['update', ['testers']],
    ]);
    expect(found.targets.map(({ riding }) => riding)).toEqual([['merchantId'], ['merchantId']]);
    expect(found.ridesAlong).toHaveLength(2);
    expect(stdout).toMatch(/^### Fairlead: .*\*\*Production on 1\*\*/);
    expect(stdout).toContain('by `Test Author` onto `main`');
    expect(stdout + JSON.stringify(found)).not.toContain('2088003');
  });

  it('says that a payment change in Production will ask, though the record was to go anyway', async () => {
    const { commit, json, review } = await stage();
    await commit(paid);

    const { targets } = await json();

    expect(targets).toMatchObject([
      { effect: 'held', key: { app: 'megapay', environment: 'Production' } },
    ]);
    expect((await review(...settings, '--detailed-exitcode')).code).toBe(3);
  });

  it('has ids that approve the same change once it is merged', async () => {
    const { place, commit, json } = await stage();
    await commit(paid);

    const found = await json();
    const planned = await inside(place, ['plan', 'coffee.yaml', ...settings, '-o', 'json']);

    expect(found.changeId).toBe((JSON.parse(planned.stdout) as { changeId: string }).changeId);
  });

  it('says nothing in one line where nothing is declared otherwise', async () => {
    const { commit, review, platform } = await stage();
    await commit('hello', 'README.md');

    const { code, stdout } = await review(...settings);

    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect((await platform.calls()).filter(({ operation }) => operation !== 'getPlatform')).toEqual(
      [],
    );
  });

  it('reads the platform once for both sides, and writes nothing', async () => {
    const { commit, json, platform } = await stage();
    await commit(paid);
    await json();

    const operations = (await platform.calls()).map(({ operation }) => operation);

    expect(operations.toSorted()).toEqual([
      'getPlatform',
      'listReleases',
      'listTargets',
      'listVersions',
    ]);
  });

  it('judges what merging would leave, not what the branch looks like', async () => {
    const { git, commit, json } = await stage();
    await commit(paid);
    await git('checkout', '-q', 'main');
    await commit(coffee.replace('"2088002"', '"2088009"'));

    const found = await json();

    expect(found.problems).toEqual([]);
    expect(found.targets).toMatchObject([{ key: { environment: 'Production' }, effect: 'held' }]);
    expect(found.targets[0]?.fields[0]).toMatchObject({ after: { value: 'M-88' } });
  });

  it('points at the lines of the branch, also where the base moved them', async () => {
    const { git, commit, json } = await stage();
    await commit(paid);
    await git('checkout', '-q', 'main');
    await commit(`# one\n# two\n# three\n${coffee}`);

    const { targets, annotations } = await json();

    expect(targets[0]?.fields[0]?.origins).toMatchObject([{ file: 'coffee.yaml', line: 9 }]);
    expect(annotations).toContainEqual(
      expect.objectContaining({ file: 'coffee.yaml', line: 9, title: 'review-payee' }),
    );
  });

  it('leaves the checkout as it is, merged objects included', async () => {
    const { place, git, commit, json } = await stage();
    await commit(paid);
    await git('checkout', '-q', 'main');
    await commit(coffee.replace('"2088002"', '"2088009"'));
    const objects = () => readdir(place.path('repo/.git/objects'), { recursive: true });
    const before = await objects();

    await json();

    expect(await objects()).toEqual(before);
  });

  it('a conflict is an error of the pull request', async () => {
    const { git, commit, review } = await stage();
    await commit(paid);
    await git('checkout', '-q', 'main');
    await commit(coffee.replace('merchantId: M-77 }', 'merchantId: M-66 }'));

    const { code, stdout } = await review(...settings);

    expect(code).toBe(5);
    expect(stdout).toContain('merge-conflict');
  });

  it('blames nobody for errors that stood there before', async () => {
    const { git, commit, review, json } = await stage();
    await git('checkout', '-q', 'main');
    await commit('kind: MiniProgram\nspec: { nonsense: 1 }\n', 'old.yaml');
    await git('checkout', '-q', '-B', 'topic');
    await commit(paid);

    const found = await json();

    expect((await review(...settings)).code).toBe(0);
    expect(found.problems).toEqual([]);
    expect(found.olderProblems.errors).toBeGreaterThan(0);
  });

  it('exit codes: 5 for an error it brings, 2 for what is pending, with sarif at the line', async () => {
    const { commit, review } = await stage();
    await commit(coffee.replace('"2088002"]', '"2088002", "2088003"]'));
    const pending = await review(...settings, '--detailed-exitcode');
    await commit(paid.replace('merchantId: M-88', 'merchantID: M-88'));
    const invalid = await review(...settings);
    const sarif = await review(...settings, '-o', 'sarif');

    expect([pending.code, invalid.code, sarif.code]).toEqual([2, 5, 5]);
    expect(invalid.stdout).toContain('`coffee.yaml:9`');
    expect(sarif.stdout).toContain('"startLine": 9');
  });

  it('without settings it says what is declared, and that nobody was asked', async () => {
    const { commit, review } = await stage();
    await commit(paid);

    const { code, stdout } = await review();

    expect(code).toBe(0);
    expect(stdout).toContain('No platform was asked');
    expect(stdout).toContain('`M-77` → `M-88`');
  });

  it('stands on a snapshot without any credential', async () => {
    const { place, commit, review } = await stage();
    const out = ['snapshot', 'coffee.yaml', '--out', '../platform.yaml', ...settings];
    expect((await inside(place, out)).code).toBe(0);
    await commit(paid);

    const { code, stdout, stderr } = await review('--snapshot', '../platform.yaml');

    expect(code, stderr).toBe(0);
    expect(stdout).toContain('this stands on a snapshot of');
    expect(stdout).toMatch(/^### Fairlead: .*; held: \*\*Production\*\* of /);
    expect(stdout).not.toContain('snapshot-in-checkout');

    await commit(await place.read('platform.yaml'), 'kept/platform.yaml');
    const kept = await review('--snapshot', 'kept/platform.yaml', 'coffee.yaml');
    expect(kept.stdout).toContain('snapshot-in-checkout');
  });

  it('never a good word without a verdict: a platform that is down is exit 1', async () => {
    const { commit, review, platform } = await stage();
    await commit(paid);
    await platform.stop();

    const { code, stdout } = await review(...settings);

    expect(code).toBe(1);
    expect(stdout).toMatch(/^### Fairlead: \*\*no verdict\*\*/);
  });

  it('a connection nobody knows is no verdict for its program, and no failure of the others', async () => {
    const { commit, json, review } = await stage();
    await commit(coffee.replace('"2088002"]', '"2088002", "2088003"]'));
    await commit(
      coffee
        .replaceAll('name: coffee', 'name: tea')
        .replace('miniProgram: coffee', 'miniProgram: tea')
        .replace('3500020208396321', '3500020208396399')
        .replace('workspace: acme', 'workspace: acme\n  connection: nowhere'),
      'tea.yaml',
    );

    const found = await json();

    expect((await review(...settings)).code).toBe(1);
    expect(found.unjudged).toMatchObject([{ name: 'tea', code: 'SettingsInvalid' }]);
    expect(found.targets.filter(({ effect }) => effect === 'update')).toHaveLength(2);
    expect(found.statuses[0]).toMatchObject({ verdict: 'unjudged' });
  });

  it('a shallow checkout is told with the way out', async () => {
    const { place, git, commit } = await stage();
    await commit(paid);
    await git('checkout', '-q', 'main');
    await commit(coffee, 'again.yaml');
    await exec(
      'git',
      ['clone', '-q', '--depth=1', '--no-single-branch', `file://${place.path('repo')}`, 'shallow'],
      { cwd: place.dir, env: place.env },
    );
    await rm(place.path('repo'), { recursive: true });
    await exec('mv', ['shallow', 'repo'], { cwd: place.dir });

    const args = ['review', '--base', 'origin/main', '--head', 'origin/topic'];
    const { code, stderr } = await inside(place, args);

    expect(code).toBe(1);
    expect(stderr).toContain('fetch-depth: 0');
  });

  it.each([
    { name: 'a path that nobody has', args: ['nowhere'], code: 'Usage' },
    { name: 'a path outside of the checkout', args: ['../connections.yaml'], code: 'Usage' },
    {
      name: 'a connection that nobody has',
      args: ['--connection', 'typo'],
      code: 'ConnectionNotFound',
    },
  ])('$name is no "nothing to do"', async ({ args, code }) => {
    const { commit, review } = await stage();
    await commit(paid);

    const { stdout } = await review(...settings, '-o', 'json', ...args);

    expect(JSON.parse(stdout)).toMatchObject({ kind: 'Error', error: { code } });
  });

  it('outside of a checkout it says where it must run', async () => {
    const place = await createPlace();

    const args = ['review', '--base', 'main', '--head', 'topic', '-o', 'json'];
    const { code, stdout } = await place.run(args);

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NoCheckout' } });
  });

  it('a revision that is not there is told with the way out', async () => {
    const { place } = await stage();

    const args = ['review', '--base', 'gone', '--head', 'topic', '-o', 'json'];
    const { code, stdout } = await inside(place, args);

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'RevisionNotFound' } });
  });
});

describe('what a review may not do', () => {
  it.each([
    { name: 'named on the command line', args: ['--connections', 'connections.yaml'], env: {} },
    { name: 'through a link that leads into it', args: ['--connections', '../link.yaml'], env: {} },
  ])('read settings of the checkout, $name', async ({ args }) => {
    const { place, commit, review } = await stage();
    await commit(await place.read('connections.yaml'), 'connections.yaml');
    await exec('ln', ['-s', 'repo/connections.yaml', 'link.yaml'], { cwd: place.dir });

    const { code, stdout } = await review(...args, '-o', 'json');

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'SettingsInCheckout' } });
  });

  it('use a key of the checkout, whoever named it', async () => {
    const { place, commit, review } = await stage();
    await commit('anything', 'key.pem');
    const text = await place.read('connections.yaml');
    await place.write('admin.yaml', text.replace(/file: .*platform\.pem/, 'file: repo/key.pem'));

    const { stdout } = await review('--connections', '../admin.yaml', '-o', 'json');

    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'SettingsInCheckout' } });
  });

  it('take a connection that a pull request declares', async () => {
    const { place, commit, review } = await stage();
    await commit(await place.read('connections.yaml'), 'connections.yaml');
    await commit(paid);

    const { code, stdout } = await review();

    expect(code).toBe(5);
    expect(stdout).toContain('No platform was asked');
  });

  it('open a secret: a variable that would give it is never looked at', async () => {
    const { place, platform, commit, review } = await stage();
    const canary = 'canary-4f1d9';
    await place.write(
      'admin.yaml',
      [
        await place.read('connections.yaml'),
        '---',
        'apiVersion: fairlead.dev/v1alpha1',
        'kind: Settings',
        'metadata: { name: settings }',
        'spec:',
        '  secrets:',
        '    - name: coffee-keys',
        '      keys: { apiKey: { file: canary.txt } }',
      ].join('\n'),
    );
    await place.write('canary.txt', canary);
    await commit(
      coffee.replace(
        '  config: { testers',
        '  config: { environmentVariables: [{ name: API_KEY, valueFrom: { secretKeyRef: { name: coffee-keys, key: apiKey } } }], testers',
      ),
    );

    const args = ['--connections', '../admin.yaml'];
    const shown = await review(...args);
    const data = await review(...args, '-o', 'json');

    expect(shown.stdout, shown.stderr).toContain('`coffee-keys/apiKey`');
    expect(shown.stdout).not.toContain('until somebody approves');
    for (const { stdout, stderr } of [shown, data]) {
      expect(stdout + stderr).not.toContain(canary);
      expect(stdout).not.toMatch(/"state": "secret"/);
    }
    expect(
      (await platform.calls()).filter(({ operation }) => /^(create|patch)/.test(operation)),
    ).toEqual([]);
  });
});
