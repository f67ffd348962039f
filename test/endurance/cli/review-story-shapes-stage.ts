import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';

import { built } from '../../support/built.ts';
import { createPlace, type EmulatorProcess, type Place, type Ran } from '../../support/cli.ts';
import { startForgeFront } from '../../support/forge-front.ts';
import type { ForgeState, StatePull, Who } from '../../support/forge-shapes/forge-state.ts';
import { startGithub, type GithubShape } from '../../support/forge-shapes/github-shape.ts';
import { startGitlab, type GitlabShape } from '../../support/forge-shapes/gitlab-shape.ts';
import { type GitHttp, startGitHttp } from '../../support/git-http.ts';
import { pageText, plainPage } from '../../support/review-page.ts';
import { coffee, live, world } from '../../servers/review-story-world.ts';

const exec = promisify(execFile);

export type Files = Readonly<Record<string, string>>;
export type ShapeName = 'github' | 'gitlab';

const shapes = {
  github: {
    ...{ start: startGithub, repository: 'acme/wallets', below: '', user: 'x-access-token' },
    ref: (number: number) => `refs/pull/${String(number)}/head`,
  },
  gitlab: {
    ...{ start: startGitlab, repository: 'acme/shops/wallets', below: '/gitlab', user: 'oauth2' },
    ref: (number: number) => `refs/merge-requests/${String(number)}/head`,
  },
} as const;

export interface ReviewHow {
  readonly args?: readonly string[];
  /** `none`: the job holds nothing of the platform's. */
  readonly platform?: 'connection' | 'none';
  readonly env?: Readonly<Record<string, string>>;
}

export interface ShapeStory {
  readonly place: Place;
  readonly platform: EmulatorProcess;
  readonly shape: GithubShape | GitlabShape;
  readonly state: ForgeState;
  readonly git: GitHttp;
  /** A branch of the base, or of a fork, with one commit; opened as a pull request. */
  readonly open: (
    title: string,
    files: Files,
    how?: { readonly isFork: boolean },
  ) => Promise<StatePull>;
  readonly push: (pull: StatePull, files: Files) => Promise<string>;
  readonly merge: (pull: StatePull) => Promise<void>;
  /** As a fresh job of a CI, whose checkout has the base alone. */
  readonly review: (pull: StatePull, how?: ReviewHow) => Promise<Ran>;
  readonly own: (pull: StatePull) => readonly { readonly id: number; readonly body: string }[];
  readonly comment: (pull: StatePull, author: Who, body: string) => void;
  readonly page: (title: string, pull: StatePull) => string;
}

/** @param password  of Git at the forge; what is pushed to `refs/` of a pull request is given to nobody without it */
export async function shapeStory(name: ShapeName, password = 'token-of-ours'): Promise<ShapeStory> {
  const { start, repository, below, user, ref } = shapes[name];
  const place = await createPlace();
  const shape = await start();
  const root = place.path('forge');
  const bare = join(root, `${repository}.git`);
  const work = place.path('work');
  const git = await startGitHttp({ root, user, password });
  const front = await startForgeFront(shape.url, git.url, below);
  onTestFinished(async () => {
    await Promise.all([front.close(), git.stop(), shape.close()]);
    expect(shape.faults, 'every request and answer is as published').toEqual([]);
  });
  const run = async (...args: readonly string[]) =>
    (await exec('git', [...args], { cwd: work, env: place.env })).stdout.trim();
  const { state } = shape;

  const commit = async (files: Files): Promise<string> => {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(work, file)), { recursive: true });
      await writeFile(join(work, file), text);
    }
    await run('add', '-A');
    await run('commit', '-q', '--allow-empty', '-m', 'change');
    return run('rev-parse', 'HEAD');
  };
  const toMain = async (): Promise<void> => {
    state.base = await run('rev-parse', 'main');
    await run('push', '-q', bare, 'main');
  };
  const push = async (pull: StatePull, files: Files): Promise<string> => {
    await run('checkout', '-q', pull.branch);
    pull.head = await commit(files);
    await run('push', '-q', bare, `HEAD:${ref(pull.number)}`);
    await run('checkout', '-q', 'main');
    return pull.head;
  };

  await mkdir(dirname(bare), { recursive: true });
  await exec('git', ['init', '-q', '--bare', '-b', 'main', bare], { env: place.env });
  await exec('git', ['init', '-q', '-b', 'main', work], { env: place.env });
  await commit({ 'programs/coffee.yaml': coffee, 'releases/coffee-2.4.0.yaml': live });
  await toMain();
  const platform = await place.emulator(world, ['--data', place.path('platform')]);
  let jobs = 0;

  const own = (pull: StatePull) =>
    state.comments.filter((one) => one.pull === pull.number && one.author === 'ours');
  return {
    ...{ place, platform, shape, state, git, push, own },
    async open(title, files, { isFork } = { isFork: false }) {
      const pull = state.openPull({ title, isFork });
      pull.pipeline = ref(pull.number);
      await run('checkout', '-q', '-b', pull.branch, 'main');
      await push(pull, files);
      return pull;
    },
    async merge(pull) {
      await run('merge', '-q', '--no-ff', '-m', 'merge', pull.branch);
      await toMain();
      pull.state = 'merged';
    },
    async review(pull, { args = [], platform: with_ = 'connection', env = {} } = {}) {
      const checkout = place.path(`job-${String((jobs += 1))}`);
      const clone = ['clone', '-q', '--single-branch', '--branch', 'main', `file://${bare}`];
      await exec('git', [...clone, checkout], { env: place.env });
      const connections = ['--connections', place.path('connections.yaml')];
      const forge = ['--forge', name, '--forge-url', `${front.url}${below}`, '--repo', repository];
      return place.run(
        [
          ...['review', ...forge, '--pull', String(pull.number)],
          ...(with_ === 'none' ? [] : connections),
          ...args,
        ],
        {
          program: [
            '/bin/sh',
            '-c',
            'cd "$0" && exec "$@"',
            checkout,
            process.execPath,
            built().cli,
          ],
          env: { FAIRLEAD_FORGE_TOKEN: 'token-of-ours', ...env },
        },
      );
    },
    comment: (pull, author, body) => {
      state.comments.push({ id: state.nextId(), pull: pull.number, author, body });
    },
    page: (title, pull) =>
      plainPage(
        pageText(
          title,
          statusesAt(state, pull.head),
          own(pull).map(({ body }) => body),
        ),
        {
          [front.url]: 'https://forge.example.com',
          [new URL(platform.url).host]: 'platform.example.com',
        },
      ),
  };
}

function statusesAt({ statuses }: ForgeState, head: string) {
  const newest = new Map(
    statuses.filter(({ commit }) => commit === head).map((status) => [status.context, status]),
  );
  return [...newest.values()].toSorted((a, b) => (a.context < b.context ? -1 : 1));
}
