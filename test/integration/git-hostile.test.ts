import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/system.ts';
import type { GitSource } from '../../src/core/kinds/index.ts';
import { createGit } from '../../src/source/git/run.ts';
import { changed, environment, never, nobody, program, useRepository } from './git-repository.ts';

const repository = useRepository();
const { follow } = repository;

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
    { name: 'absolute path', spec: { path: '/etc' } },
    { name: 'path into .git', spec: { path: 'a/.GIT/hooks' } },
    { name: 'second line in a path', spec: { path: 'a\ntouch TRAP' } },
    { name: 'fd helper', spec: { url: 'fd::17/foo' } },
    { name: 'helper before a URL', spec: { url: 'sh::https://git.example/a' } },
    { name: 'git protocol', spec: { url: 'git://git.example/a' } },
    { name: 'plain path', spec: { url: '/etc' } },
    { name: 'http to another machine', spec: { url: 'http://git.example/a' } },
    {
      name: 'http to a name that begins like ours',
      spec: { url: 'http://127.0.0.1.git.example/a' },
    },
    { name: 'http to the metadata address', spec: { url: 'http://169.254.169.254/latest' } },
    { name: 'file on another machine', spec: { url: 'file://git.example/share/a' } },
    { name: 'credential in https', spec: { url: 'https://user:TRAP@git.example/a' } },
    { name: 'password in ssh', spec: { url: 'ssh://git:TRAP@git.example/a' } },
    { name: 'option as ssh user', spec: { url: 'ssh://-oProxyCommand=x@git.example/a' } },
    { name: 'option as scp host', spec: { url: '-oProxyCommand=touch:a' } },
    { name: 'command in ssh path', spec: { url: 'ssh://git@git.example/a;touch TRAP' } },
    { name: 'backquotes', spec: { url: 'https://git.example/`touch TRAP`' } },
    { name: 'query', spec: { url: 'https://git.example/a?x=TRAP' } },
    { name: 'refspec as branch', spec: { ref: { branch: '+refs/*:refs/*' } } },
    {
      name: 'second line in a branch',
      spec: { ref: { branch: 'main\n--upload-pack=touch TRAP' } },
    },
    { name: 'pattern as branch', spec: { ref: { branch: 'ma*' } } },
    { name: 'parents as tag', spec: { ref: { tag: 'v1^{}' } } },
    { name: 'lock file as branch', spec: { ref: { branch: 'main.lock' } } },
    { name: 'option as range', spec: { ref: { semver: '--upload-pack=touch TRAP' } } },
    { name: 'two refs', spec: { ref: { branch: 'main', semver: '1' } } },
  ])('is refused for its $name before anything runs', async ({ spec }) => {
    const trap = join(repository.root, 'trap');
    const armed = JSON.parse(JSON.stringify(spec).replaceAll('TRAP', trap)) as Partial<
      GitSource['spec']
    >;

    expect(() => follow(armed)).toThrow(expect.objectContaining({ code: 'SettingsInvalid' }));
    await expect(readFile(trap)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('cannot make git write anywhere by the names in its trees', async () => {
    const run = (args: readonly string[], input: string): string =>
      spawnSync('git', ['-C', repository.remote, ...args], {
        input,
        encoding: 'utf8',
      }).stdout.trim();
    const blob = run(['hash-object', '-w', '--stdin'], program('evil'));
    const inner = run(['mktree'], `100644 blob ${blob}\tx.yaml\n`);
    const names = ['..', '.', '.git', 'a\\b', '-c', '$(touch x)'];
    const lines = names.map((name) => `040000 tree ${inner}\t${name}\n`).join('');
    const tree = run(['mktree'], `${lines}100644 blob ${blob}\t--output=x.yaml\n`);
    const id = run(['commit-tree', tree, '-m', 'evil'], '');
    run(['update-ref', 'refs/heads/main', id], '');
    const before = readdirSync(repository.root).toSorted();

    const { files } = await changed(follow()).then(({ documents }) => ({
      files: documents.documents.map(({ origin }) => (origin.kind === 'file' ? origin.file : '')),
    }));

    expect(id).toMatch(/^[0-9a-f]{40}$/);
    expect(files).toContain('--output=x.yaml');
    expect(readdirSync(repository.root).toSorted()).toEqual([...before, 'state'].toSorted());
    expect(readdirSync(join(repository.root, 'state'))).toEqual(['git', 'sources']);
  });

  it('cannot use a protocol that the settings do not allow, even past our own check', async () => {
    const strict = createGit({ environment, clock: systemClock, allowFileUrls: false });
    const args = ['ls-remote', '--', `file://${repository.remote}`, 'refs/heads/main'];

    await expect(
      strict.text({ directory: repository.root, args, deadlineMs: 10_000 }, never),
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

    await expect(follow({ url, timeoutSeconds: 1 }).look(nobody, never)).rejects.toMatchObject({
      code: 'SourceUnavailable',
    });
    expect(survivors()).toBe('');
  });

  it('is left at once when we are told to stop', async () => {
    const stop = new AbortController();
    const url = `https://127.0.0.1:${port}/team/releases`;
    const loading = follow({ url, timeoutSeconds: 60 }).look(nobody, stop.signal);
    const connected = new Promise((resolve) => server.once('connection', resolve));
    await connected;
    stop.abort(new Error('stop'));

    await expect(loading).rejects.toThrow('stop');
    expect(survivors()).toBe('');
  });
});
