import { ReconcileError } from '../../../core/words/errors.ts';
import type { Git } from '../run.ts';
import { isOid, oid, quoted, type Oid } from '../strings.ts';

/** What is to be verified. */
export interface CommitRange {
  /** Every commit that the head holds and the start does not, parents before children. */
  readonly commits: readonly Oid[];
  /** Commits outside of it that are parents in it. */
  readonly before: readonly Oid[];
  /** Both: a parent that is not among them was never fetched. */
  readonly known: ReadonlySet<string>;
}

export interface RangeOptions {
  readonly git: Git;
  readonly directory: string;
  readonly deadlineMs: number;
  readonly head: Oid;
  readonly base: Oid | undefined;
  readonly since: string | undefined;
}

/** More are not verified at once; some minutes of work. */
const maxCommits = 20_000;

/**
 * The commits since the last completed one; where there is none, or the head does not hold it, since `since`; where
 * there is no `since` either, all of them.
 *
 * @returns the failure where the head does not hold the start, as far as the mirror knows
 * @throws ReconcileError `SourceRefused` for a range that is too long, `SettingsInvalid`
 */
export async function commitRange(
  options: RangeOptions,
  signal: AbortSignal,
): Promise<CommitRange | ReconcileError> {
  const { base, since } = options;
  if (base !== undefined && (await isHeld(options, base, signal))) {
    return list(options, base, signal);
  }
  if (since !== undefined) {
    const start = startOf(since);
    if (await isHeld(options, start, signal)) return list(options, start, signal);
    return notHeld(start, 'signatures.since');
  }
  if (base !== undefined) return notHeld(base, 'the last completed commit');
  return list(options, undefined, signal);
}

function startOf(since: string): Oid {
  if (isOid(since)) return since;
  throw new ReconcileError('SettingsInvalid', `${quoted(since)} is no whole commit id`, {
    nextStep: 'give signatures.since as git rev-parse prints it',
  });
}

/** A head that is older than the start would otherwise pass with nothing to verify. */
function notHeld(start: Oid, name: string): ReconcileError {
  return new ReconcileError(
    'SourceRefused',
    `the ref does not hold ${name} (${start.slice(0, 12)}), after which everything must be signed`,
    { nextStep: 'let the ref hold it again, or name in signatures.since a commit that it holds' },
  );
}

/** Whether the commit is the head or one before it, as far as the mirror knows. */
async function isHeld(options: RangeOptions, commit: Oid, signal: AbortSignal): Promise<boolean> {
  const { git, directory, deadlineMs, head } = options;
  const args = ['rev-list', '--max-count=1', commit, `^${head}`, '--'];
  try {
    return (await git.text({ directory, args, deadlineMs }, signal)).trim() === '';
  } catch (error) {
    signal.throwIfAborted();
    // A commit that is not even there.
    if (error instanceof ReconcileError) return false;
    throw error;
  }
}

async function list(
  options: RangeOptions,
  start: Oid | undefined,
  signal: AbortSignal,
): Promise<CommitRange> {
  const { git, directory, deadlineMs, head } = options;
  const args = [
    ...['rev-list', '--topo-order', '--reverse', '--boundary', `--max-count=${maxCommits + 1}`],
    ...[head, ...(start === undefined ? [] : [`^${start}`]), '--'],
  ];
  const lines = (await git.text({ directory, args, deadlineMs }, signal)).split('\n');
  const commits = lines.filter((line) => line !== '' && !line.startsWith('-')).map(oid);
  if (commits.length > maxCommits) throw tooMany(start);
  const before = lines.filter((line) => line.startsWith('-')).map((line) => oid(line.slice(1)));
  return { commits, before, known: new Set([...commits, ...before]) };
}

function tooMany(start: Oid | undefined): ReconcileError {
  const since = start === undefined ? '' : ` since ${start.slice(0, 12)}`;
  return new ReconcileError(
    'SourceRefused',
    `more than ${maxCommits} commits${since} would have to be verified`,
    { nextStep: 'name in signatures.since a newer commit that you trust' },
  );
}
