import { ReconcileError } from '../../core/words/errors.ts';
import { epochMs, type EpochMs } from '../../core/words/time.ts';
import type { Declarations } from '../../ports/index.ts';
import { documentsOf } from '../files.ts';
import type { Git } from './run.ts';
import { oid, quoted, revisionName, treePath, type Oid, type Revision } from './strings.ts';
import { readTree, type CommitPlace } from './tree.ts';

const deadlineMs = 60_000;

/** The two ends of `BASE..HEAD`. */
export interface RevisionRange {
  readonly base: Revision;
  readonly head: Revision;
}

/** @throws ReconcileError `LocalFailure` */
export function parseRange(text: string): RevisionRange {
  const ends = text.includes('...') ? [] : text.split('..');
  const [base, head] = ends;
  if (ends.length !== 2 || !base || !head) {
    throw new ReconcileError('LocalFailure', `${quoted(text)} is no range of revisions`, {
      nextStep: text.includes('...')
        ? 'use two dots: BASE..HEAD, such as main..HEAD'
        : 'give BASE..HEAD, such as main..HEAD',
    });
  }
  return { base: revisionName(base), head: revisionName(head) };
}

export interface RevisionOptions {
  /** A folder of the checkout. */
  readonly directory: string;
  readonly revision: string;
  /** Files and folders, relative to the top of the repository; none is everything. */
  readonly paths: readonly string[];
  readonly source: string;
  readonly git: Git;
}

/** Declarations as a commit of a checkout holds them; the work tree is neither read nor touched. */
export function createRevision({
  directory,
  revision,
  paths,
  source,
  git,
}: RevisionOptions): Declarations {
  const name = revisionName(revision);
  const below = paths.length === 0 ? [treePath('')] : paths.map(treePath);
  return {
    async load(signal) {
      const commit = await resolveRevision(git, directory, name, signal);
      const place = { directory, commit, deadlineMs };
      const files = await readTree(git, { ...place, below, wanted: notInDotFolder }, signal);
      const since = await commitTime(git, place, signal);
      return { sources: [documentsOf(files, { source, commit, since })] };
    },
  };
}

/** @throws ReconcileError `SourceUnavailable` when the checkout does not hold it */
async function resolveRevision(
  git: Git,
  directory: string,
  revision: Revision,
  signal: AbortSignal,
): Promise<Oid> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  try {
    return oid((await git.text({ directory, args, deadlineMs }, signal)).trim());
  } catch (cause) {
    signal.throwIfAborted();
    throw new ReconcileError(
      'SourceUnavailable',
      `this checkout holds no revision ${quoted(revision)}`,
      {
        cause,
        nextStep: 'fetch it first; a shallow checkout of a CI may need a greater depth',
      },
    );
  }
}

/** When the commit was made, as its committer says. */
async function commitTime(
  git: Git,
  { commit, ...place }: CommitPlace,
  signal: AbortSignal,
): Promise<EpochMs> {
  const args = ['rev-list', '--max-count=1', '--no-commit-header', '--format=%ct', commit];
  const seconds = Number((await git.text({ ...place, args }, signal)).trim());
  if (!Number.isSafeInteger(seconds))
    throw new ReconcileError('SourceUnavailable', 'the commit has no time');
  return epochMs(seconds * 1000);
}

function notInDotFolder(path: string): boolean {
  return path
    .split('/')
    .slice(0, -1)
    .every((part) => !part.startsWith('.'));
}
