import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Access, withAccess } from '../../source/git/access.ts';
import { isOid, type RemoteUrl } from '../../source/git/strings.ts';
import type { SecretText } from '../../core/words/secret-text.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { besideObjects, type Checkout, deadlineMs } from './review-merge.ts';

/** Where a repository's objects can be fetched. */
export interface Remote {
  readonly url: RemoteUrl;
  /** Asked anew for each fetch, and only where something is fetched; undefined: nothing is shown. */
  readonly git: ((signal: AbortSignal) => Promise<GitPassword>) | undefined;
}

export interface GitPassword {
  readonly username: string;
  readonly token: SecretText;
}

/** A commit, and the ref of the remote that holds it. */
export interface WantedCommit {
  readonly commit: string;
  readonly ref: string;
}

/**
 * Works with a repository that also has these commits, as far as the remote gives them: as objects in a folder that goes
 * away. Nothing is checked out, no ref is written, and the repository itself stays as it is.
 *
 * @param use  gets the commits that are still missing: refs that are gone, or moved on
 * @throws what the remote's credential throws
 */
export async function withCommits<T>(
  checkout: Checkout,
  remote: Remote | undefined,
  wanted: readonly WantedCommit[],
  use: (checkout: Checkout, missing: ReadonlySet<string>) => Promise<T>,
): Promise<T> {
  const missing = await missingOf(checkout, wanted);
  if (missing.length === 0 || !remote) return use(checkout, idsOf(missing));
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-objects-'));
  try {
    const variables = await besideObjects(checkout, folder);
    const beside: Checkout = { ...checkout, variables };
    await fetchAll(beside, remote, missing);
    return await use(beside, idsOf(await missingOf(beside, missing)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function idsOf(wanted: readonly WantedCommit[]): ReadonlySet<string> {
  return new Set(wanted.map(({ commit }) => commit));
}

/** One question for all of them. */
async function missingOf(
  { git, directory, variables = {}, signal }: Checkout,
  wanted: readonly WantedCommit[],
): Promise<readonly WantedCommit[]> {
  const known = wanted.filter(({ commit }) => isOid(commit));
  if (known.length === 0) return wanted;
  const input = Buffer.from(known.map(({ commit }) => `${commit}^{commit}\n`).join(''));
  const args = ['cat-file', '--batch-check=%(objectname) %(objecttype)'];
  const output = await git.text({ directory, args, deadlineMs, variables, input }, signal);
  const there = new Set(
    output.split('\n').flatMap((line) => {
      const [id = '', type] = line.split(' ');
      return type === 'commit' ? [id] : [];
    }),
  );
  return wanted.filter(({ commit }) => !there.has(commit));
}

/** A ref that is gone fails the whole fetch: then each is asked for by itself. */
async function fetchAll(
  checkout: Checkout,
  remote: Remote,
  wanted: readonly WantedCommit[],
): Promise<void> {
  const refs = wanted.map(({ ref }) => ref).filter(isFetchRef);
  if (refs.length === 0 || (await fetched(checkout, remote, refs)) || refs.length === 1) return;
  for (const ref of refs) await fetched(checkout, remote, [ref]);
}

const refPattern = /^refs\/(heads|pull|merge-requests)\/[\p{L}\p{N}_][\p{L}\p{N}_.+@=#/-]*$/u;

function isFetchRef(ref: string): boolean {
  return refPattern.test(ref) && !ref.includes('..') && ref.length <= 255;
}

async function fetched(
  checkout: Checkout,
  remote: Remote,
  refs: readonly string[],
): Promise<boolean> {
  const { directory, signal } = checkout;
  const options = [
    // Not quiet: simple-git waits a while after a command that says nothing.
    '--no-progress',
    ...['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-maintenance'],
  ];
  const args = ['fetch', ...options, '--', remote.url, ...refs];
  // Outside: a credential that nobody gives is told, and does not pass for a ref that is gone.
  const password = await remote.git?.(signal);
  try {
    await withRemote(remote.url, password, async ({ variables, hidden }) =>
      checkout.git.text(
        {
          ...{ directory, args, deadlineMs, hidden },
          variables: { ...checkout.variables, ...variables },
        },
        signal,
      ),
    );
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    return false;
  }
}

/** The header goes to git as a variable of its process, and in place of one that the checkout keeps. */
async function withRemote<T>(
  url: RemoteUrl,
  password: GitPassword | undefined,
  work: (access: Access) => Promise<T>,
): Promise<T> {
  const credentials = password ?? {};
  const reaching = { url, credentials: () => Promise.resolve(credentials), keyDirectory: tmpdir() };
  return withAccess(reaching, async (access) => {
    const { GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: header } = access.variables;
    if (key === undefined || header === undefined) return work(access);
    return work({
      hidden: access.hidden,
      variables: {
        ...access.variables,
        GIT_CONFIG_COUNT: '2',
        // An empty one takes away what stands before it: two headers would be refused.
        ...{ GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: '' },
        ...{ GIT_CONFIG_KEY_1: key, GIT_CONFIG_VALUE_1: header },
      },
    });
  });
}
