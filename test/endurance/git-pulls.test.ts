import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import {
  openPullRepository,
  prunePullRepositories,
  type PullHead,
  type PullRepository,
} from '../../src/source/git/pull-repository.ts';
import { ReconcileError } from '../../src/core/words/errors.ts';
import type { Git } from '../../src/source/git/run.ts';
import { remoteUrl } from '../../src/source/git/strings.ts';
import { createTestGit, never } from '../integration/git-repository.ts';

interface Scene {
  readonly state: string;
  readonly url: string;
  readonly pulls: PullRepository;
  /** Commits something anew on top of `from`, and names it by a ref. */
  readonly commit: (ref: string, from?: string) => string;
  readonly drop: (ref: string) => void;
  readonly holds: (commit: string) => boolean;
}

async function scene(own = createTestGit()): Promise<Scene> {
  const home = await mkdtemp(join(tmpdir(), 'fl-pulls-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const [remote, state] = [join(home, 'remote.git'), join(home, 'state')];
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  git('init', '-q', '--bare', '-b', 'main', remote);
  const tree = git('-C', remote, 'hash-object', '-t', 'tree', '-w', '/dev/null');
  let made = 0;
  const commit = (ref: string, from?: string): string => {
    made += 1;
    const parents = from === undefined ? [] : ['-p', from];
    const id = git('-C', remote, 'commit-tree', tree, ...parents, '-m', String(made));
    git('-C', remote, 'update-ref', ref, id);
    return id;
  };
  const url = `file://${remote}`;
  const pulls = openPullRepository({
    ...{ source: 'team', branch: 'main', stateDirectory: state, deadlineMs: 60_000 },
    url: remoteUrl(url, true),
    git: own,
    credentials: () => Promise.resolve({}),
  });
  return {
    ...{ state, url, pulls, commit },
    drop: (ref) => void git('-C', remote, 'update-ref', '-d', ref),
    holds: (id) => {
      try {
        git('--git-dir', pulls.directory, 'cat-file', '-e', `${id}^{commit}`);
        return true;
      } catch {
        return false;
      }
    },
  };
}

const head = (number: number, commit: string, fetchRef?: string): PullHead => ({
  ...{ number, commit },
  fetchRef: fetchRef ?? `refs/pull/${String(number)}/head`,
});

function refsOf({ directory }: PullRepository): readonly string[] {
  const args = ['--git-dir', directory, 'for-each-ref', '--format=%(refname)'];
  return execFileSync('git', args, { encoding: 'utf8' }).trim().split('\n');
}

describe('the repository of pull requests', () => {
  it('brings branch and heads with their history, and forgets who is no longer open', async () => {
    const { pulls, commit, holds } = await scene();
    const root = commit('refs/heads/main');
    const main = commit('refs/heads/main', root);
    const one = commit('refs/pull/1/head', root);
    const two = commit('refs/pull/2/head', root);

    const tip = await pulls.bring([head(1, one), head(2, two)], never);
    const both = refsOf(pulls);
    await pulls.bring([head(2, two)], never);

    expect(tip).toBe(main);
    expect([root, one, two].map(holds)).toEqual([true, true, true]);
    expect(both).toEqual([
      'refs/fairlead/pull/1',
      'refs/fairlead/pull/2',
      'refs/remotes/origin/main',
    ]);
    expect(refsOf(pulls)).toEqual(['refs/fairlead/pull/2', 'refs/remotes/origin/main']);
  });

  it('leaves out a head that is gone, and brings the others', async () => {
    const { pulls, commit, drop, holds } = await scene();
    const root = commit('refs/heads/main');
    const gone = commit('refs/pull/1/head', root);
    const there = commit('refs/pull/2/head', root);
    drop('refs/pull/1/head');

    await pulls.bring([head(1, gone), head(2, there)], never);

    expect([gone, there].map(holds)).toEqual([false, true]);
  });

  it('follows a head that was pushed over, and a branch that moved', async () => {
    const { pulls, commit, holds } = await scene();
    const root = commit('refs/heads/main');
    const old = commit('refs/pull/1/head', root);
    await pulls.bring([head(1, old)], never);

    const fresh = commit('refs/pull/1/head', root);
    const main = commit('refs/heads/main', root);
    await pulls.add(head(1, fresh), never);

    expect(holds(fresh)).toBe(true);
    expect(await pulls.bring([head(1, fresh)], never)).toBe(main);
  });

  it('fails where the branch is gone, whatever the heads are', async () => {
    const { pulls, commit } = await scene();
    const one = commit('refs/pull/1/head');

    await expect(pulls.bring([head(1, one)], never)).rejects.toMatchObject({
      code: 'SourceUnavailable',
    });
  });

  it.each([
    'refs/heads/main',
    'refs/pull/1/head:refs/remotes/origin/main',
    '--upload-pack=touch',
    'refs/pull/../heads/main',
    'refs/pull/1/merge',
  ])('takes %s for no head of a pull request', async (fetchRef) => {
    const { pulls, commit } = await scene();
    const main = commit('refs/heads/main');

    await expect(pulls.bring([head(1, main, fetchRef)], never)).rejects.toBeInstanceOf(
      ReconcileError,
    );
  });

  it('a head that takes too long keeps no other one waiting, and leaves nothing behind', async () => {
    const [asked, left] = [[] as string[], [] as string[]];
    const git = createTestGit();
    const slow: Git = {
      ...git,
      text: async (call, signal) => {
        if (!call.args.join(' ').includes('refs/pull/1/head')) return git.text(call, signal);
        asked.push(call.args.at(-1) ?? '');
        const folder = join(call.directory, 'objects/pack');
        left.push(join(folder, 'tmp_pack_a'), join(call.directory, 'objects/7f/tmp_obj_b'));
        for (const file of left) mkdirSync(dirname(file), { recursive: true });
        for (const file of left) writeFileSync(file, 'as much as was received');
        return git.text({ ...call, deadlineMs: 1 }, signal);
      },
    };
    const { pulls, commit, holds } = await scene(slow);
    const root = commit('refs/heads/main');
    const [one, two] = [commit('refs/pull/1/head', root), commit('refs/pull/2/head', root)];

    await pulls.bring([head(1, one), head(2, two)], never);
    const first = asked.length;
    await pulls.bring([head(1, one), head(2, two)], never);

    expect([holds(one), holds(two)]).toEqual([false, true]);
    expect(left.filter((file) => existsSync(file))).toEqual([]);
    expect(asked.length, 'the same commit is not waited for at every look').toBe(first);

    await pulls.add(head(1, one), never);
    expect(asked.length, 'its review asks once more').toBe(first + 1);
  });

  it('is made good when its objects are not whole', async () => {
    const { pulls, commit, holds } = await scene();
    const root = commit('refs/heads/main');
    await pulls.bring([], never);
    const objects = join(pulls.directory, 'objects');
    for (const entry of readdirSync(objects)) rmSync(join(objects, entry), { recursive: true });
    const one = commit('refs/pull/1/head', root);

    await pulls.bring([head(1, one)], never);

    expect(holds(one)).toBe(true);
  });

  it('goes when nobody reviews its source any more, and nothing else does', async () => {
    const { state, url, pulls, commit } = await scene();
    commit('refs/heads/main');
    await pulls.bring([], never);
    mkdirSync(join(state, 'pulls/notes'));
    writeFileSync(join(state, 'pulls/readme'), '');

    await prunePullRepositories(state, [{ source: 'team', url, allowFileUrls: true }]);
    const kept = readdirSync(join(state, 'pulls'));
    await prunePullRepositories(state, [{ source: 'other', url, allowFileUrls: true }]);

    expect(kept).toHaveLength(3);
    expect(readdirSync(join(state, 'pulls')).toSorted()).toEqual(['notes', 'readme']);
  });
});
