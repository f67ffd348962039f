import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ReconcileError } from '../../src/core/words/errors.ts';
import { SecretText } from '../../src/core/words/secret-text.ts';
import type { GitCredentials } from '../../src/source/git/access.ts';
import { makeSshKey, startGitSsh, type GitSsh } from '../support/git-ssh.ts';
import { changed, never, nobody, program, useRepository } from '../integration/git-repository.ts';

beforeAll(() => {
  if (spawnSync('ssh', ['-V']).status !== 0) {
    throw new Error('ssh is missing: install openssh-client');
  }
});

const repository = useRepository();
const { put, commit, follow } = repository;
const own = makeSshKey();

const servers: GitSsh[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serve(): Promise<GitSsh> {
  const server = await startGitSsh({ root: repository.root, authorizedKey: own.public });
  servers.push(server);
  return server;
}

function at(server: GitSsh, given: GitCredentials, timeoutSeconds = 20) {
  const spec = { url: `${server.url}/remote.git`, timeoutSeconds };
  return follow(spec, { credentials: async () => given });
}

const sshKey = new SecretText(own.private);

function leftovers(): readonly string[] {
  return readdirSync(join(repository.root, 'state', 'git')).filter((name) =>
    name.startsWith('ssh-'),
  );
}

/** The one thing that git's and ssh's command lines have in common. */
function portOf({ url }: GitSsh): string {
  return new URL(url).port;
}

function running(text: string): string {
  return spawnSync('ps', ['-eww', '-o', 'args'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes(text))
    .join('\n');
}

describe('a repository over ssh', () => {
  it('is read with our key from the host that is known, again and again', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve();
    const source = at(server, { sshKey, knownHosts: server.knownHosts });

    const first = await changed(source);
    const same = await source.look(nobody, never);
    await source.completed(first.commit.id);
    await put('a.yaml', program('two'));
    commit();
    const second = await changed(source);

    expect(first.documents.documents.map(({ name }) => name)).toEqual(['one']);
    expect(same).toEqual({ kind: 'unchanged' });
    expect(second.documents.documents.map(({ name }) => name)).toEqual(['two']);
    // Two looks that fetched, one that did not.
    expect(server.commands).toHaveLength(5);
    expect(leftovers()).toEqual([]);
  });

  it.each([
    {
      name: 'a host with another key than the known one',
      given: (server: GitSsh) => ({
        sshKey,
        knownHosts: server.knownHosts.replace(/ ssh-ed25519 .*/, ` ${makeSshKey().public}`),
      }),
      next: 'knownHosts',
    },
    { name: 'a host of which nothing is known', given: () => ({ sshKey }), next: 'knownHosts' },
    {
      name: 'a key that the server does not let in',
      given: (server: GitSsh) => ({
        sshKey: new SecretText(makeSshKey().private),
        knownHosts: server.knownHosts,
      }),
      next: 'sshKey',
    },
    {
      name: 'what is no key',
      given: (server: GitSsh) => ({
        sshKey: new SecretText('no key'),
        knownHosts: server.knownHosts,
      }),
      next: 'sshKey',
    },
  ])('refuses $name, and runs nothing', async ({ given, next }) => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve();

    const error = await at(server, given(server))
      .look(nobody, never)
      .catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(ReconcileError);
    expect(error).toMatchObject({ code: 'SourceUnavailable' });
    expect((error as ReconcileError).nextStep).toContain(next);
    expect(server.commands).toEqual([]);
    expect(leftovers()).toEqual([]);
  });

  it('that hangs is left at the deadline, with ssh and everything', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve();
    server.hang(true);
    const source = at(server, { sshKey, knownHosts: server.knownHosts }, 3);
    const looking = source.look(nobody, never).catch((caught: unknown) => caught);
    await expect.poll(() => server.commands.length).toBe(1);
    const commands = running(portOf(server));

    const error = await looking;
    server.hang(false);
    const { documents } = await changed(source);

    expect(error).toMatchObject({ code: 'SourceUnavailable' });
    expect(commands).toContain('StrictHostKeyChecking="yes"');
    expect(commands).not.toContain(own.private.split('\n')[1]);
    expect(running(portOf(server))).toBe('');
    expect(documents.documents).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  it('whose server is out changes nothing, and is read again afterwards', async () => {
    await put('a.yaml', program('one'));
    commit();
    const server = await serve();
    const source = at(server, { sshKey, knownHosts: server.knownHosts });
    await changed(source);

    server.outage(true);
    const error = await source.look(nobody, never).catch((caught: unknown) => caught);
    server.outage(false);

    expect(error).toMatchObject({ code: 'SourceUnavailable' });
    expect(await source.look(nobody, never)).toEqual({ kind: 'unchanged' });
  });
});
