import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReconcileError } from '../../src/core/words/errors.ts';
import { SecretText } from '../../src/core/words/secret-text.ts';
import type { GitSource } from '../../src/core/kinds/index.ts';
import type { FollowOptions } from '../../src/source/git/follow.ts';
import {
  startGitHttp,
  type Behaviour,
  type GitHttp,
  type GitHttpOptions,
} from '../support/git-http.ts';
import { loopbackTls } from '../support/loopback-tls.ts';
import { changed, never, nobody, program, useRepository } from './git-repository.ts';

const repository = useRepository();
const { put, commit, follow } = repository;
const token = 'canary-token-7Qx!%2F';

const servers: GitHttp[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serve(options: Partial<GitHttpOptions> = {}): Promise<GitHttp> {
  const server = await startGitHttp({ root: repository.root, ...options });
  servers.push(server);
  return server;
}

function at(server: GitHttp, spec: Partial<GitSource['spec']> = {}, more?: Partial<FollowOptions>) {
  return follow({ url: `${server.url}/remote.git`, ...spec }, more);
}

const withToken = { credentials: async () => ({ token: new SecretText(token) }) };

async function failure(work: Promise<unknown>): Promise<ReconcileError> {
  return work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: ReconcileError) => error,
  );
}

/** Command lines of all processes that hold this text. */
function running(text: string): string {
  return spawnSync('ps', ['-eww', '-o', 'args'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes(text))
    .join('\n');
}

describe('a repository over http', () => {
  it('costs one ls-remote while its ref does not move', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve();
    const source = at(server);
    await changed(source);
    server.forget();

    const look = await source.look(nobody, never);

    expect(look).toEqual({ kind: 'unchanged' });
    expect(server.requests.map(({ method, command }) => [method, command])).toEqual([
      ['GET', undefined],
      ['POST', 'ls-refs'],
    ]);
  });

  it.each([1, 40])('costs no more than the thin pack when %i files change', async (count) => {
    for (let at = 0; at < 120; at += 1) await put(`dir${at % 7}/${at}.yaml`, program(`p${at}`));
    const before = commit();
    const server = await serve();
    const source = at(server);
    await changed(source);
    await source.completed(before);
    server.forget();
    for (let at = 0; at < count; at += 1)
      await put(`dir${at % 7}/${at}.yaml`, program(`changed${at}`));
    const after = commit();
    const thin = execFileSync(
      'git',
      [
        '-C',
        repository.work,
        'pack-objects',
        '--thin',
        '--stdout',
        '--revs',
        '--quiet',
        '--delta-base-offset',
      ],
      {
        input: `${after}\n^${before}\n`,
      },
    ).byteLength;

    const { documents } = await changed(source);

    const packs = server.requests.filter(({ command }) => command === 'fetch');
    const bytes = packs.reduce((sum, { packBytes }) => sum + packBytes, 0);
    expect(documents.documents).toHaveLength(120);
    expect(packs).toHaveLength(1);
    expect(bytes).toBeLessThanOrEqual(1.1 * thin);
  });
});

describe('a token', () => {
  it('opens the repository, is read anew each time, and is told of when it is wrong', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve({ user: 'git', password: token });
    const held = { token };
    const source = at(
      server,
      {},
      { credentials: async () => ({ token: new SecretText(held.token) }) },
    );
    await changed(source);
    server.setPassword('after the rotation');

    const refused = await failure(source.look(nobody, never));
    held.token = 'after the rotation';
    const look = await source.look(nobody, never);

    expect(refused).toMatchObject({ code: 'SourceUnavailable' });
    expect(refused.nextStep).toContain('credentials');
    expect(look).toEqual({ kind: 'unchanged' });
  });

  it('goes with the user name that is given', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve({ user: 'robot', password: 'secret' });
    const source = at(
      server,
      {},
      {
        credentials: async () => ({ username: 'robot', password: new SecretText('secret') }),
      },
    );

    expect((await changed(source)).documents.documents).toHaveLength(1);
  });

  it('goes to no other server, wherever the first one sends us', async () => {
    await put('a.yaml', program('one'));
    commit();
    const other = await serve();
    const server = await serve();
    server.behave('redirect', other.url);

    const error = await failure(at(server, {}, withToken).look(nobody, never));

    expect(error).toMatchObject({ code: 'SourceUnavailable' });
    expect(error.message).toContain('redirect');
    expect(server.requests.map(({ authorization }) => authorization)).not.toEqual([undefined]);
    expect(other.requests).toEqual([]);
  });

  it('stands in no command line, no message and no file', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve({ user: 'git', password: token });
    const source = at(server, { timeoutSeconds: 2 }, withToken);
    await changed(source);
    server.behave('hang');
    const looking = failure(source.look(nobody, never));
    await expect.poll(() => running(server.url)).not.toBe('');
    const commands = running(server.url);
    const late = await looking;
    server.behave('echo');
    const echoed = await failure(source.look(nobody, never));

    const said = [late, echoed].map(({ message, nextStep, cause }) =>
      JSON.stringify([message, nextStep, String(cause)]),
    );
    const files = readdirSync(join(repository.root, 'state'), {
      recursive: true,
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    const everything = [commands, ...said, ...files].join('\n');
    const encoded = Buffer.from(`git:${token}`).toString('base64');
    expect(echoed.message).toContain('(secret)');
    for (const secret of [token, encoded, encodeURIComponent(token)])
      expect(everything).not.toContain(secret);
  });

  it('that cannot be read now is tried again at the next look', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve({ user: 'git', password: token });
    const { ReconcileError: Failure } = await import('../../src/core/words/errors.ts');
    const held = { there: false };
    const source = at(
      server,
      {},
      {
        credentials: async () => {
          if (!held.there)
            throw new Failure('SecretUnavailable', 'file token cannot be read (ENOENT)');
          return { token: new SecretText(token) };
        },
      },
    );

    expect(await failure(source.look(nobody, never))).toMatchObject({ code: 'SourceUnavailable' });
    held.there = true;
    expect((await changed(source)).documents.documents).toHaveLength(1);
  });
});

describe('a certificate authority', () => {
  it('of our own is believed where it is given, and nowhere else', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve({ tls: loopbackTls });
    const caFile = join(repository.root, 'ca.pem');
    await writeFile(caFile, loopbackTls.cert);

    const error = await failure(at(server).look(nobody, never));
    const found = await changed(at(server, {}, { caFile }));

    expect(error).toMatchObject({ code: 'SourceUnavailable' });
    expect(error.nextStep).toContain('caFile');
    expect(found.documents.documents).toHaveLength(1);
  });
});

describe('a server that', () => {
  const behaviours: readonly Behaviour[] = [
    ...(['hang', 'trickle', 'garbage', 'redirect', 'reset'] as const),
    ...(['truncate', 'echo', 'unavailable'] as const),
  ];

  it.each(behaviours)(
    'does "%s" changes nothing, and is read again when it serves',
    async (behaviour) => {
      await put('a.yaml', program('one'));
      const first = commit();
      const server = await serve();
      const source = at(server, { timeoutSeconds: 2 });
      await changed(source);
      await source.completed(first);
      await put('a.yaml', program('two'));
      commit();
      server.behave(behaviour, server.url);

      const error = await failure(source.look(nobody, never));
      const restored = await source.restore(never);
      server.behave('serve');
      const { documents } = await changed(source);

      expect(error).toMatchObject({ code: 'SourceUnavailable' });
      expect(error.nextStep).not.toBe(undefined);
      expect(running(server.url)).toBe('');
      expect(restored?.commit.id).toBe(first);
      expect(documents.documents.map(({ name }) => name)).toEqual(['two']);
    },
  );

  it('vanishes and comes back', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve();
    const source = at(server);
    await changed(source);

    server.outage(true);
    const error = await failure(source.look(nobody, never));
    server.outage(false);

    expect(error).toMatchObject({ code: 'SourceUnavailable' });
    expect(await source.look(nobody, never)).toEqual({ kind: 'unchanged' });
  });
});
