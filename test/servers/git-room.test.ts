import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { systemClock } from '../../src/cli/system.ts';
import type { ReconcileError } from '../../src/core/words/errors.ts';
import { bytesIn } from '../../src/source/git/room.ts';
import { createGit } from '../../src/source/git/run.ts';
import {
  changed,
  environment,
  never,
  nobody,
  program,
  useRepository,
} from '../integration/git-repository.ts';
import { startGitHttp, type GitHttp } from '../support/git-http.ts';

/* A repository that is larger than what its mirror may take, behind a real Git server. */

const mebibyte = 1024 * 1024;
const repository = useRepository();
const { put, commit, follow } = repository;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function serve(): Promise<GitHttp> {
  const server = await startGitHttp({ root: repository.root });
  ends.push(() => server.stop());
  return server;
}

const gitOf = (mirrorBytes: number) =>
  createGit({ environment, clock: systemClock, allowFileUrls: true, mirrorBytes });

/** Nothing compresses it. */
async function putRandom(path: string, mebibytes: number): Promise<void> {
  await put(path, randomBytes(mebibytes * mebibyte));
}

async function failure(work: Promise<unknown>): Promise<ReconcileError> {
  return work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: ReconcileError) => error,
  );
}

const mirrors = (): string => join(repository.root, 'state', 'git');

/** A server before the server, through which half a mebibyte comes at a time. */
async function slowly(target: string) {
  const seen = { bytes: 0 };
  const server = createServer((asked, answer) => {
    const { method, headers, url = '/' } = asked;
    const passed = request(new URL(url, target), { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.on('data', (chunk: Buffer) => {
        seen.bytes += chunk.byteLength;
        answer.write(chunk);
        reply.pause();
        setTimeout(() => reply.resume(), (chunk.byteLength / mebibyte) * 200);
      });
      reply.once('end', () => answer.end());
    });
    passed.on('error', () => answer.destroy());
    answer.once('close', () => passed.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

describe('a repository that is too large', () => {
  it('is refused with a reason, nothing of it stays, and what came before is still there', async () => {
    const server = await serve();
    const git = gitOf(2 * mebibyte);
    const url = `${server.url}/remote.git`;
    const source = follow({ url }, { git });
    await put('a.yaml', program('one'));
    const first = commit();
    await changed(source);
    const before = await bytesIn(mirrors());

    await putRandom('large.bin', 3);
    commit();
    const error = await failure(source.look(nobody, never));

    expect(error.code).toBe('SourceUnavailable');
    expect(error.nextStep).toContain('mirrorMebibytes');
    expect(await bytesIn(mirrors())).toBeLessThan(before + 4096);
    const restored = await follow({ url }, { git }).restore(never);
    expect(restored?.commit.id).toBe(first);
    execFileSync('git', ['--git-dir', repository.mirror(), 'fsck', '--no-dangling'], {
      stdio: 'pipe',
    });
  });

  it('comes into force once it is small enough', async () => {
    const server = await serve();
    const source = follow({ url: `${server.url}/remote.git` }, { git: gitOf(2 * mebibyte) });
    await put('a.yaml', program('one'));
    await putRandom('large.bin', 3);
    commit();
    await failure(source.look(nobody, never));

    await put('large.bin', 'small');
    const small = commit();

    expect((await changed(source)).commit.id).toBe(small);
  });

  it('is ended while it comes: not all of it is taken', async () => {
    const server = await serve();
    const proxy = await slowly(server.url);
    await put('a.yaml', program('one'));
    await putRandom('large.bin', 24);
    commit();
    const source = follow({ url: `${proxy.url}/remote.git` }, { git: gitOf(mebibyte) });

    const error = await failure(source.look(nobody, never));

    expect(error.nextStep).toContain('mirrorMebibytes');
    expect(proxy.seen.bytes).toBeLessThan(20 * mebibyte);
    expect(await bytesIn(mirrors())).toBeLessThan(mebibyte / 4);
  });

  it('shares its room with other repositories of who is not trusted', async () => {
    const server = await serve();
    const git = gitOf(4 * mebibyte);
    const isApart = true;
    await put('a.yaml', program('one'));
    await putRandom('large.bin', 3);
    commit();
    await changed(follow({ url: `${server.url}/remote.git` }, { git, isApart }));

    await symlink(repository.remote, join(repository.root, 'alias.git'));
    const again = follow({ url: `${server.url}/alias.git` }, { git, isApart, name: 'other' });
    const error = await failure(again.look(nobody, never));

    expect(error.nextStep).toContain('mirrorMebibytes');
    expect(await bytesIn(mirrors())).toBeLessThan(4 * mebibyte);
    const others = join(repository.root, 'others');
    const neighbour = { git, isApart, stateDirectory: others };
    await changed(follow({ url: `${server.url}/alias.git` }, neighbour));
  });
});

describe('a mirror with little room left', () => {
  it('keeps no earlier commit: large files that were replaced do not add up', async () => {
    const server = await serve();
    const source = follow({ url: `${server.url}/remote.git` }, { git: gitOf(5 * mebibyte) });
    await put('a.yaml', program('one'));

    for (let round = 0; round < 4; round += 1) {
      await putRandom('large.bin', 2);
      const id = commit();
      const { commit: came } = await changed(source);
      await source.completed(came.id);
      expect(came.id).toBe(id);
    }
  });
});
