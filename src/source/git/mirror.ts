import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../core/words/digests.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { epochMs, type EpochMs } from '../../core/words/time.ts';
import type { Git } from './run.ts';
import { isOid, oid, type Oid, type RefName, type RemoteUrl } from './strings.ts';

/** What is followed: one ref of one remote. */
export interface Followed {
  readonly url: RemoteUrl;
  readonly ref: RefName;
  readonly deadlineMs: number;
}

/** A bare repository on disk that holds what was fetched; never a work tree. */
export interface Mirror extends Followed {
  readonly directory: string;
}

/**
 * The mirror of a remote below the state directory, made if it is not there. Two URLs never share one: a name that
 * comes to mean another repository starts empty.
 *
 * @throws ReconcileError `SourceUnavailable`, `LocalFailure`
 */
export async function openMirror(
  git: Git,
  stateDirectory: string,
  followed: Followed,
  signal: AbortSignal,
): Promise<Mirror> {
  const directory = join(stateDirectory, 'git', digestOf(followed.url).slice(0, 22));
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ReconcileError(
      'LocalFailure',
      `the state directory ${stateDirectory} cannot be written`,
      { cause },
    );
  }
  if (!(await exists(join(directory, 'HEAD')))) {
    await git.text(
      { directory, args: ['init', '--bare', '--quiet'], deadlineMs: followed.deadlineMs },
      signal,
    );
  }
  return { ...followed, directory };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * The object id the ref has at the remote now, by one `ls-remote`. A tag object counts as the commit it names.
 *
 * @throws ReconcileError `SourceUnavailable`, also when the ref does not exist
 */
export async function resolveRef(git: Git, mirror: Mirror, signal: AbortSignal): Promise<Oid> {
  const { directory, url, ref, deadlineMs } = mirror;
  const args = ['ls-remote', '--quiet', '--', url, ref, `${ref}^{}`];
  const output = await git.text({ directory, args, deadlineMs }, signal);
  // A pattern of ls-remote matches the end of a name; only the very name counts.
  const found = new Map(
    output
      .split('\n')
      .map((each) => each.split('\t'))
      .map(([id, name]) => [name, id]),
  );
  const id = found.get(`${ref}^{}`) ?? found.get(ref);
  if (id === undefined) {
    throw new ReconcileError('SourceUnavailable', `the repository has no ${ref}`, {
      nextStep: 'correct ref of the GitSource, or push the branch',
    });
  }
  return oid(id);
}

/** Whether the mirror holds the commit already: then nothing needs to be fetched. */
async function holds(
  git: Git,
  { directory, deadlineMs }: Mirror,
  id: Oid,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await git.text(
      {
        directory,
        args: ['rev-parse', '--verify', '--quiet', `${fetchedRef(id)}^{tree}`],
        deadlineMs,
      },
      signal,
    );
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ReconcileError) return false;
    throw error;
  }
}

/** A ref is written only once a fetch is complete, and keeps what it names. */
function fetchedRef(id: Oid): string {
  return `refs/fairlead/${id}`;
}

/**
 * Brings one commit and its tree, without history.
 *
 * @throws ReconcileError `SourceUnavailable`
 */
export async function fetchCommit(
  git: Git,
  mirror: Mirror,
  id: Oid,
  signal: AbortSignal,
): Promise<void> {
  if (await holds(git, mirror, id, signal)) return;
  const { directory, url, deadlineMs } = mirror;
  const options = [
    '--quiet',
    '--depth=1',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--no-auto-maintenance',
  ];
  const args = ['fetch', ...options, '--', url, `+${id}:${fetchedRef(id)}`];
  await git.text({ directory, args, deadlineMs }, signal);
  await forget(git, mirror, id, signal);
}

/** Refs of earlier commits go, so that the mirror does not grow for ever. */
async function forget(
  git: Git,
  { directory, deadlineMs }: Mirror,
  keep: Oid,
  signal: AbortSignal,
): Promise<void> {
  const list = ['for-each-ref', '--format=%(objectname)', 'refs/fairlead/'];
  const old = (await git.text({ directory, args: list, deadlineMs }, signal))
    .split('\n')
    .filter((id) => isOid(id) && id !== keep);
  for (const id of old.filter(isOid)) {
    await git.text({ directory, args: ['update-ref', '-d', fetchedRef(id)], deadlineMs }, signal);
  }
}

/** When the commit was made, as its committer says. */
export async function commitTime(
  git: Git,
  {
    directory,
    commit,
    deadlineMs,
  }: { readonly directory: string; readonly commit: Oid; readonly deadlineMs: number },
  signal: AbortSignal,
): Promise<EpochMs> {
  const args = ['rev-list', '--max-count=1', '--no-commit-header', '--format=%ct', commit];
  const seconds = Number((await git.text({ directory, args, deadlineMs }, signal)).trim());
  if (!Number.isSafeInteger(seconds))
    throw new ReconcileError('SourceUnavailable', 'the commit has no time');
  return epochMs(seconds * 1000);
}
