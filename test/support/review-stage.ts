import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

import { gitFor } from '../../src/cli/composition/git.ts';
import type { Checkout } from '../../src/cli/composition/review-merge.ts';
import type { Remote } from '../../src/cli/composition/review-objects.ts';
import { reviewAndPublish, type PullReviewWanted } from '../../src/cli/composition/review-pull.ts';

import type { PullReviewed } from '../../src/review/review-pull.ts';
import { remoteUrl } from '../../src/source/git/strings.ts';
import { type MemoryForge, memoryForge } from './forge-memory.ts';
import { fakeSession, type FakeSession } from './session.ts';

const exec = promisify(execFile);

/** A repository at a forge, what a job of CI has of it, and the forge in memory. */
export interface ReviewStage {
  readonly dir: string;
  readonly memory: MemoryForge;
  readonly checkout: Checkout;
  /** Git at the forge. */
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** Commits files on a branch that leaves `from` (main), pushes it as a pull request's ref, and gives its id. */
  readonly push: (
    number: number,
    files: Readonly<Record<string, string>>,
    from?: string,
  ) => Promise<string>;
  /** Clones what a job sees: the base alone. */
  readonly clone: (...args: readonly string[]) => Promise<Checkout>;
  readonly review: (
    wanted?: Partial<PullReviewWanted>,
    checkout?: Checkout,
    /** Settings of the administrator; absent: there are none. */
    connectionsFile?: string,
  ) => Promise<PullReviewed>;
  readonly log: string[];
  readonly session: FakeSession;
}

/** `files` is what the base branch `main` declares. Everything goes away when the test ends. */
export async function reviewStage(files: Readonly<Record<string, string>>): Promise<ReviewStage> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-review-test-'));
  onTestFinished(async () => rm(dir, { recursive: true, force: true }));
  const origin = join(dir, 'origin');
  await mkdir(origin);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test Author',
    GIT_AUTHOR_EMAIL: 'author@example.test',
    GIT_COMMITTER_NAME: 'Test Committer',
    GIT_COMMITTER_EMAIL: 'committer@example.test',
  };
  const run = async (cwd: string, args: readonly string[]) =>
    (await exec('git', [...args], { cwd, env })).stdout.trim();
  const git = async (...args: readonly string[]) => run(origin, args);
  const commit = async (changes: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(changes)) {
      await mkdir(dirname(join(origin, name)), { recursive: true });
      await writeFile(join(origin, name), text);
    }
    await git('add', '-A');
    await git('commit', '-q', '--allow-empty', '-m', 'change');
    return git('rev-parse', 'HEAD');
  };
  await git('init', '-q', '-b', 'main');
  const base = await commit(files);
  const memory = memoryForge({ base: { branch: 'main', commit: base } });
  const session = fakeSession({ variables: { PATH: env.PATH, HOME: dir } });
  const url = `file://${origin}`;
  let clones = 0;
  const clone = async (...args: readonly string[]): Promise<Checkout> => {
    clones += 1;
    const directory = join(dir, `job-${String(clones)}`);
    await run(dir, ['clone', '-q', ...args, url, directory]);
    const place = { directory, prefix: '', top: directory, signal: session.signal };
    return { git: gitFor(session, true), ...place };
  };
  const checkout = await clone('--single-branch', '--branch', 'main');
  const remote: Remote = { url: remoteUrl(url, true), git: undefined };
  const log: string[] = [];
  const defaults: PullReviewWanted = {
    ...{ number: 7, name: 'default', paths: [], snapshot: undefined, actAs: undefined },
    ...{ base: undefined, head: undefined },
  };
  return {
    ...{ dir, memory, checkout, git, clone, log, session },
    push: async (number, changes, from = 'main') => {
      await git('checkout', '-q', '-B', `topic-${String(number)}`, from);
      const id = await commit(changes);
      await git('update-ref', `refs/pull/${String(number)}/head`, id);
      await git('checkout', '-q', 'main');
      await git('branch', '-q', '-D', `topic-${String(number)}`);
      return id;
    },
    review: async (wanted = {}, at = checkout, connectionsFile = undefined) =>
      reviewAndPublish(
        { ...session, environment: { ...session.environment, connectionsFile } },
        { forge: memory.forge, remote, checkout: at, log: (line) => log.push(line) },
        { ...defaults, ...wanted },
      ),
  };
}
