import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/system.ts';
import type { GitSource } from '../../src/core/kinds/index.ts';
import { createRevision } from '../../src/source/git/revision.ts';
import { createGit, type Git } from '../../src/source/git/run.ts';
import { createGitSource } from '../../src/source/git/source.ts';

const never = new AbortController().signal;
let root = '';
let work = '';
let remote = '';

const environment = { path: process.env['PATH'] ?? '', home: '/nonexistent' };

function createTestGit(): Git {
  return createGit({ environment, clock: systemClock, allowFileUrls: true });
}

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', work, ...args], { encoding: 'utf8' }).trim();
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fairlead-git-'));
  work = join(root, 'work');
  remote = join(root, 'remote.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote]);
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', work]);
  git('remote', 'add', 'origin', remote);
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function program(name: string): string {
  return `apiVersion: fairlead.dev/v1alpha1\nkind: MiniProgram\nmetadata: { name: ${name} }\nspec: { workspace: acme, id: "3500020208396321" }\n`;
}

async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(join(work, path, '..'), { recursive: true });
  await writeFile(join(work, path), content);
}

function commit(message = 'change'): string {
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', message);
  git('push', '--quiet', '--force', 'origin', 'HEAD');
  return git('rev-parse', 'HEAD');
}

function source(spec: Partial<GitSource['spec']> = {}) {
  return createGitSource({
    name: 'team',
    spec: { url: `file://${remote}`, ...spec },
    stateDirectory: join(root, 'state'),
    git: createTestGit(),
    allowFileUrls: true,
  });
}

async function load(spec: Partial<GitSource['spec']> = {}) {
  const { sources } = await source(spec).load(never);
  const [found] = sources;
  if (!found || sources.length !== 1) throw new Error('one source was expected');
  return {
    ...found,
    names: found.documents.map(({ name }) => name),
    rules: found.problems.map(({ rule, origin }) => [
      rule,
      origin && 'file' in origin ? origin.file : '',
    ]),
  };
}

describe('createGitSource', () => {
  it('reads the declarations of the branch, with its commit and time', async () => {
    await put('programs/coffee.yaml', program('coffee'));
    await put('README.md', '# no');
    const id = commit();

    const found = await load();

    expect([found.source, found.names, found.commit, found.complete]).toEqual([
      'team',
      ['coffee'],
      id,
      true,
    ]);
    const [document] = found.documents;
    expect(document?.origin).toMatchObject({ file: 'programs/coffee.yaml', commit: id });
    expect(document?.since).toBe(Number(git('show', '--no-patch', '--format=%ct', id)) * 1000);
  });

  it('follows the branch, and forgets what it left', async () => {
    await put('a.yaml', program('one'));
    const first = commit();
    expect((await load()).names).toEqual(['one']);
    await put('a.yaml', program('two'));
    const second = commit();

    expect((await load()).names).toEqual(['two']);
    const refs = spawnSync(
      'sh',
      [
        '-c',
        `cat "${root}"/state/git/*/packed-refs; find "${root}"/state/git -path '*refs/fairlead/*'`,
      ],
      { encoding: 'utf8' },
    ).stdout;
    expect(refs).toContain(second);
    expect(refs).not.toContain(first);
  });

  it('fetches nothing when the ref has not moved', async () => {
    await put('a.yaml', program('one'));
    commit();
    await load();
    // Without objects the remote can still say where its refs are, and nothing more.
    await rm(join(remote, 'objects'), { recursive: true });
    await mkdir(join(remote, 'objects'));

    expect((await load()).names).toEqual(['one']);
  });

  it('fetches no history', async () => {
    for (const name of ['one', 'two', 'three']) {
      await put('a.yaml', program(name));
      commit();
    }
    await load();
    const count = spawnSync('sh', ['-c', `git -C "${root}"/state/git/* rev-list --all --count`], {
      encoding: 'utf8',
    });

    expect(count.stdout.trim()).toBe('1');
  });

  it('follows an annotated tag to its commit', async () => {
    await put('a.yaml', program('one'));
    const id = commit();
    git('tag', '--annotate', '--message', 'release', 'v1.0.0');
    git('push', '--quiet', 'origin', 'v1.0.0');
    await put('a.yaml', program('two'));
    commit();

    const found = await load({ ref: { tag: 'v1.0.0' } });

    expect([found.names, found.commit]).toEqual([['one'], id]);
  });

  it('is not misled by a ref that only ends like the one it follows', async () => {
    await put('a.yaml', program('one'));
    const id = commit();
    await put('a.yaml', program('two'));
    commit();
    git(
      'push',
      '--quiet',
      '--force',
      'origin',
      `${id}:refs/heads/main`,
      'HEAD:refs/heads/refs/heads/main',
    );

    expect((await load()).names).toEqual(['one']);
  });

  it('keeps to path, include and exclude', async () => {
    await put('releases/a.yaml', program('a'));
    await put('releases/deep/b.yml', program('b'));
    await put('releases/old/c.yaml', program('c'));
    await put('other/d.yaml', program('d'));
    await put('releases/.hidden/e.yaml', program('e'));
    commit();

    const names = async (spec: Partial<GitSource['spec']>) => (await load(spec)).names;

    expect(await names({ path: 'releases' })).toEqual(['a', 'b', 'c']);
    expect(await names({ path: './releases/', exclude: ['old/**'] })).toEqual(['a', 'b']);
    expect(await names({ include: ['other/*.yaml'] })).toEqual(['d']);
    expect(await names({ path: 'missing' })).toEqual([]);
  });

  it('refuses what is no small regular file of text, one by one, and reads the rest', async () => {
    await put('good.yaml', program('good'));
    await symlink('/etc/passwd', join(work, 'link.yaml'));
    await put('big.yaml', Buffer.alloc(256 * 1024 + 1, 0x23));
    await put('lfs.yaml', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
    await writeFile(
      Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0x66, 0xff]), Buffer.from('.yaml')]),
      program('name'),
    );
    await put('control\u001b[31m.yaml', 'kind: [');
    git('add', '--all');
    git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module.yaml`);
    git('commit', '--quiet', '--message', 'all kinds of files');
    git('push', '--quiet', 'origin', 'HEAD');

    const { names, rules, complete } = await load();

    expect(names).toEqual(['good']);
    expect(rules.map(([rule]) => rule)).toEqual(
      expect.arrayContaining([
        'file-symlink',
        'yaml-size',
        'file-lfs',
        'file-name',
        'file-submodule',
      ]),
    );
    expect(rules.map(([, file]) => file).join('')).not.toContain('\u001b');
    expect(complete).toBe(true);
  });

  it.each([
    { name: 'a branch that does not exist', spec: { ref: { branch: 'nope' } } },
    { name: 'a repository that does not exist', spec: { url: 'file:///nonexistent/repository' } },
  ])('says so of $name', async ({ spec }) => {
    await put('a.yaml', program('one'));
    commit();

    await expect(load(spec)).rejects.toMatchObject({ code: 'SourceUnavailable' });
  });

  it('says so of an empty repository', async () => {
    await expect(load()).rejects.toMatchObject({ code: 'SourceUnavailable' });
  });

  it('says so of a corrupt object', async () => {
    await put('a.yaml', program('one'));
    commit();
    await load();
    const mirror = spawnSync('sh', ['-c', `echo "${root}"/state/git/*`], {
      encoding: 'utf8',
    }).stdout.trim();
    spawnSync('sh', [
      '-c',
      `for f in $(find "${mirror}/objects" -type f); do chmod u+w "$f"; printf broken > "$f"; done`,
    ]);

    await expect(load()).rejects.toMatchObject({ code: 'SourceUnavailable' });
  });

  it('runs no hook and asks nobody, whatever the remote or the mirror hold', async () => {
    await put('a.yaml', program('one'));
    commit();
    const trap = join(root, 'trap');
    await load();
    const mirror = spawnSync('sh', ['-c', `echo "${root}"/state/git/*`], {
      encoding: 'utf8',
    }).stdout.trim();
    await mkdir(join(mirror, 'hooks'), { recursive: true });
    for (const hook of ['reference-transaction', 'post-update', 'pre-auto-gc', 'post-checkout']) {
      await writeFile(join(mirror, 'hooks', hook), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    }
    await put('a.yaml', program('two'));
    commit();

    expect((await load()).names).toEqual(['two']);
    await expect(readFile(trap)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a hostile GitSource', () => {
  it.each([
    { name: 'ext helper', spec: { url: 'ext::sh -c touch% TRAP' } },
    { name: 'upload-pack option', spec: { url: '--upload-pack=touch TRAP' } },
    { name: 'short option', spec: { url: '-utouch TRAP' } },
    { name: 'proxy command in ssh host', spec: { url: 'ssh://-oProxyCommand=touch TRAP/x' } },
    { name: 'second line', spec: { url: 'https://git.example/a\r\ntouch TRAP' } },
    { name: 'option as branch', spec: { ref: { branch: '--upload-pack=touch TRAP' } } },
    { name: 'option as tag', spec: { ref: { tag: '-utouch TRAP' } } },
    { name: 'option as path', spec: { path: '--output=TRAP' } },
    { name: 'path out of the tree', spec: { path: '../../etc' } },
  ])('is refused for its $name before anything runs', async ({ spec }) => {
    const trap = join(root, 'trap');
    const armed = JSON.parse(JSON.stringify(spec).replaceAll('TRAP', trap)) as Partial<
      GitSource['spec']
    >;

    expect(() => source(armed)).toThrow(expect.objectContaining({ code: 'SettingsInvalid' }));
    await expect(readFile(trap)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('cannot use a protocol that the settings do not allow, even past our own check', async () => {
    const strict = createGit({ environment, clock: systemClock, allowFileUrls: false });
    const args = ['ls-remote', '--', `file://${remote}`, 'refs/heads/main'];

    await expect(
      strict.text({ directory: root, args, deadlineMs: 10_000 }, never),
    ).rejects.toMatchObject({
      code: 'SourceUnavailable',
    });
  });
});

describe('a Git server that never answers', () => {
  let server: Server;
  let port = 0;

  beforeEach(async () => {
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });
  afterEach(() => {
    server.close();
  });

  /** Processes that hold this test's port in their command line. */
  function survivors(): string {
    return spawnSync(
      'sh',
      ['-c', `ps -eo pid,args | grep '127.0.0.1:${port}' | grep -v grep || true`],
      { encoding: 'utf8' },
    ).stdout;
  }

  it('is left at the deadline, together with every process that spoke to it', async () => {
    const url = `https://127.0.0.1:${port}/team/releases`;

    await expect(source({ url, timeoutSeconds: 1 }).load(never)).rejects.toMatchObject({
      code: 'SourceUnavailable',
    });
    expect(survivors()).toBe('');
  });

  it('is left at once when we are told to stop', async () => {
    const stop = new AbortController();
    const url = `https://127.0.0.1:${port}/team/releases`;
    const loading = source({ url, timeoutSeconds: 60 }).load(stop.signal);
    const connected = new Promise((resolve) => server.once('connection', resolve));
    await connected;
    stop.abort(new Error('stop'));

    await expect(loading).rejects.toThrow('stop');
    expect(survivors()).toBe('');
  });
});

describe('createRevision', () => {
  async function read(revision: string, paths: readonly string[] = []) {
    const { sources } = await createRevision({
      directory: work,
      revision,
      paths,
      source: 'cli',
      git: createTestGit(),
    }).load(never);
    return sources[0]?.documents.map(({ name }) => name);
  }

  it('reads a commit of a checkout as it was, whatever the work tree holds', async () => {
    await put('a.yaml', program('one'));
    commit();
    await put('a.yaml', program('two'));
    commit();
    await put('a.yaml', program('uncommitted'));

    expect(await read('HEAD~1')).toEqual(['one']);
    expect(await read('main')).toEqual(['two']);
  });

  it('keeps to the paths it is given', async () => {
    await put('a/one.yaml', program('one'));
    await put('b/two.yaml', program('two'));
    await put('b.yaml', program('three'));
    commit();

    expect(await read('HEAD', ['b'])).toEqual(['two']);
    expect(await read('HEAD', ['a/one.yaml', 'b.yaml'])).toEqual(['one', 'three']);
  });

  it.each([
    { revision: 'nope', code: 'SourceUnavailable' },
    { revision: '--all', code: 'LocalFailure' },
    { revision: 'HEAD:a.yaml', code: 'LocalFailure' },
  ])('refuses $revision', async ({ revision, code }) => {
    await put('a.yaml', program('one'));
    commit();

    await expect(async () => read(revision)).rejects.toMatchObject({ code });
  });
});
