import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { Gitea, GiteaUser, NewRepository } from './gitea.ts';

const run = promisify(execFile);

/** Texts by path; `undefined` deletes. */
export type Files = Readonly<Record<string, string | undefined>>;

export interface NewPull {
  readonly as: GiteaUser;
  /** A branch, or `ann:branch` of a fork. */
  readonly from: string;
  /** `main`, if omitted. */
  readonly to?: string;
  readonly title?: string;
}

export interface GiteaComment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly id: number; readonly login: string };
}

/** A repository of a Gitea, with a work tree of its own. */
export interface GiteaRepository {
  /** `acme/shop` */
  readonly slug: string;
  /** Where Git fetches it, without a credential. */
  readonly cloneUrl: string;
  readonly owner: GiteaUser;
  /** The work tree. */
  readonly work: string;
  git(...args: readonly string[]): Promise<string>;
  /**
   * Commits these files onto a branch and pushes it, as the owner; a new branch begins at `main`. Then waits until
   * Gitea knows: it hears of pushes in the background, pull requests from this branch included.
   *
   * @returns the commit
   */
  commit(branch: string, files: Files, message?: string): Promise<string>;
  /** What `main` is now, after a merge at the forge, say. */
  pullMain(): Promise<string>;
  openPull(pull: NewPull): Promise<number>;
  comment(pull: number, as: GiteaUser, body: string): Promise<GiteaComment>;
  /** All of a pull request, oldest first. */
  comments(pull: number): Promise<readonly GiteaComment[]>;
  /** By a merge commit. @returns that commit */
  merge(pull: number): Promise<string>;
  close(pull: number): Promise<void>;
  addMember(user: GiteaUser, right: 'read' | 'write' | 'admin'): Promise<void>;
  /** Hints at pushes and pull requests go to this address of the loopback, signed with the secret. */
  addWebhook(url: string, secret: string): Promise<void>;
  /** A fork, with what is there now, and a work tree for it. */
  fork(user: GiteaUser): Promise<GiteaRepository>;
}

type Server = Pick<Gitea, 'url' | 'json'> & { readonly folder: string };

export async function createGiteaRepository(
  server: Server,
  owner: GiteaUser,
  name: string,
  { isPrivate = false }: NewRepository,
): Promise<GiteaRepository> {
  await server.json({ as: owner, path: '/user/repos', body: { name, private: isPrivate } });
  return repositoryOf(server, owner, name);
}

async function repositoryOf(
  server: Server,
  owner: GiteaUser,
  name: string,
): Promise<GiteaRepository> {
  const slug = `${owner.name}/${name}`;
  const cloneUrl = `${server.url}/${slug}.git`;
  const git = await workTree(server.folder, cloneUrl, owner);
  const api = `/repos/${slug}`;
  const { json } = server;
  return {
    ...{ slug, cloneUrl, owner, work: git.work, git: git.run },
    async commit(branch, files, message = 'Change') {
      const made = await commit(git, { branch, files, message });
      await until(
        () => isKnown(json, { owner, api, branch, commit: made }),
        `${branch} at ${made}`,
      );
      return made;
    },
    async pullMain() {
      await git.run('fetch', '-q', 'origin', 'main');
      return git.run('rev-parse', 'FETCH_HEAD');
    },
    async openPull({ as, from, to = 'main', title = 'Change' }) {
      const body = { head: from, base: to, title };
      const made = await json<{ readonly number: number }>({ as, path: `${api}/pulls`, body });
      return made.number;
    },
    comment: (pull, as, body) =>
      json({ as, path: `${api}/issues/${String(pull)}/comments`, body: { body } }),
    comments: (pull) => json({ as: owner, path: `${api}/issues/${String(pull)}/comments` }),
    async merge(pull) {
      await mergeOf(json, owner, `${api}/pulls/${String(pull)}/merge`);
      await git.run('fetch', '-q', 'origin', 'main');
      return git.run('rev-parse', 'FETCH_HEAD');
    },
    async close(pull) {
      const path = `${api}/pulls/${String(pull)}`;
      await json({ as: owner, method: 'PATCH', path, body: { state: 'closed' } });
    },
    async addMember(user, permission) {
      const path = `${api}/collaborators/${user.name}`;
      await json({ as: owner, method: 'PUT', path, body: { permission } });
    },
    async addWebhook(url, secret) {
      const config = { url, secret, content_type: 'json' };
      const events = ['push', 'pull_request', 'pull_request_sync'];
      const body = { type: 'gitea', active: true, events, config };
      await json({ as: owner, path: `${api}/hooks`, body });
    },
    async fork(user) {
      await json({ as: user, path: `${api}/forks`, body: {} });
      const fork = await repositoryOf(server, user, name);
      await fork.git('fetch', '-q', 'origin', 'main');
      await fork.git('checkout', '-q', '-B', 'main', 'FETCH_HEAD');
      return fork;
    },
  };
}

interface WorkTree {
  readonly work: string;
  readonly run: (...args: readonly string[]) => Promise<string>;
}

/** The token goes with the environment: not into the address, not into the configuration. */
async function workTree(folder: string, cloneUrl: string, owner: GiteaUser): Promise<WorkTree> {
  const work = await mkdtemp(join(folder, 'work-'));
  const basic = Buffer.from(`${owner.name}:${owner.token}`).toString('base64');
  const env = {
    ...process.env,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
  const git = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run('git', ['-C', work, ...args], { env, timeout: 120_000 });
    return stdout.trim();
  };
  await git('init', '-q', '-b', 'main');
  await git('remote', 'add', 'origin', cloneUrl);
  return { work, run: git };
}

interface NewCommit {
  readonly branch: string;
  readonly files: Files;
  readonly message: string;
}

async function commit(git: WorkTree, { branch, files, message }: NewCommit): Promise<string> {
  const known = await git.run('branch', '--list', branch);
  const isUnborn = (await git.run('branch', '--list')) === '';
  if (!isUnborn && known === '') await git.run('checkout', '-q', '-b', branch, 'main');
  if (!isUnborn && known !== '') await git.run('checkout', '-q', branch);
  for (const [file, text] of Object.entries(files)) {
    const path = join(git.work, file);
    await mkdir(dirname(path), { recursive: true });
    if (text === undefined) await rm(path, { force: true });
    else await writeFile(path, text);
  }
  await git.run('add', '--all');
  await git.run('commit', '-q', '--allow-empty', '-m', message);
  await git.run('push', '-q', '--force', 'origin', `HEAD:refs/heads/${branch}`);
  return git.run('rev-parse', 'HEAD');
}

interface Pushed {
  readonly owner: GiteaUser;
  readonly api: string;
  readonly branch: string;
  readonly commit: string;
}

async function isKnown(json: Gitea['json'], pushed: Pushed): Promise<boolean> {
  const { owner: as, api, branch, commit } = pushed;
  const { empty } = await json<{ readonly empty: boolean }>({ as, path: api });
  if (empty) return false;
  interface Branch {
    readonly commit: { readonly id: string };
  }
  const path = `${api}/branches/${encodeURIComponent(branch)}`;
  const { commit: known } = await json<Branch>({ as, path });
  if (known.id !== commit) return false;
  interface Pull {
    readonly head: { readonly sha: string; readonly label: string };
  }
  const pulls = await json<readonly Pull[]>({ as, path: `${api}/pulls?state=open&limit=50` });
  return pulls.every(({ head }) => head.label !== branch || head.sha === commit);
}

/** Gitea looks for conflicts after it answered: until it has, it says 405 "try again later". */
async function mergeOf(json: Gitea['json'], as: GiteaUser, path: string): Promise<void> {
  await until(async () => {
    try {
      await json({ as, path, body: { Do: 'merge' } });
      return true;
    } catch (error) {
      if (error instanceof Error && error.message.includes(': 405 ')) return false;
      throw error;
    }
  }, `${path} to be possible`);
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited a minute for ${what}`);
    await sleep(50);
  }
}
