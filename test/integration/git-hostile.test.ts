import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/system.ts';
import type { GitSource } from '../../src/core/kinds/index.ts';
import { createGit } from '../../src/source/git/run.ts';
import { environment, never, nobody, useRepository } from './git-repository.ts';

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
  ])('is refused for its $name before anything runs', async ({ spec }) => {
    const trap = join(repository.root, 'trap');
    const armed = JSON.parse(JSON.stringify(spec).replaceAll('TRAP', trap)) as Partial<
      GitSource['spec']
    >;

    expect(() => follow(armed)).toThrow(expect.objectContaining({ code: 'SettingsInvalid' }));
    await expect(readFile(trap)).rejects.toMatchObject({ code: 'ENOENT' });
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
