import type { DesiredProgram } from '../../core/model/desired.ts';
import type { OtherPulls } from '../../core/render/review.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Forge, PullRequest } from '../../ports/forge.ts';
import { overlapsOf } from '../../review/claims.ts';
import { touchedPrograms } from '../../review/pairs.ts';
import { isDeclarationFile } from '../../source/files.ts';
import { oid, type Oid } from '../../source/git/strings.ts';
import { CliError } from '../exit.ts';
import { type Checkout, inCheckout } from './review-merge.ts';
import { type Remote, withCommits } from './review-objects.ts';
import type { OwnPart } from './review.ts';

/** Newer ones are more likely to be merged soon. */
const mostPulls = 20;
/** All of them together: a review does not wait longer for what others want. */
const deadlineMs = 20_000;

export interface OthersAsked {
  readonly forge: Forge;
  readonly pull: PullRequest;
  readonly checkout: Checkout;
  readonly remote: Remote | undefined;
}

/**
 * What other open pull requests into the same branch want of the same records.
 *
 * Their branches are fetched as objects and read as text. What cannot be read is counted, and no failure of the review.
 *
 * @throws the signal's reason; what is a bug
 */
export async function otherPulls(asked: OthersAsked, own: OwnPart): Promise<OtherPulls> {
  const { pull, checkout, remote } = asked;
  const open = await listed(asked);
  if (!open) return { overlaps: [], isListed: false, unread: [], left: 0 };
  const all = open.filter(({ number }) => number !== pull.number);
  const pulls = all.slice(0, mostPulls);
  const none = { overlaps: [], isListed: true, unread: [], left: all.length - pulls.length };
  if (pulls.length === 0) return none;
  const bases: Bases = new Map();
  const late = AbortSignal.any([checkout.signal, AbortSignal.timeout(deadlineMs)]);
  const hurried: Checkout = { ...checkout, signal: late };
  const wanted = pulls.map(({ head, fetchRef }) => ({ commit: head.commit, ref: fetchRef }));
  try {
    return await withCommits(hurried, remote, wanted, async (beside, missing) => {
      const results = await each(pulls, async (other) =>
        missing.has(other.head.commit)
          ? undefined
          : readable({ checkout, beside, bases }, other, own),
      );
      return {
        overlaps: results.flatMap((result) => result ?? []),
        unread: pulls.filter((_, i) => results[i] === undefined).map(({ number }) => number),
        ...{ isListed: true, left: none.left },
      };
    });
  } catch (error) {
    checkout.signal.throwIfAborted();
    if (!isExpected(error) && !late.aborted) throw error;
    return { ...none, unread: pulls.map(({ number }) => number) };
  }
}

async function listed({
  forge,
  pull,
  checkout,
}: OthersAsked): Promise<readonly PullRequest[] | undefined> {
  try {
    return await forge.openPulls(pull.base.branch, checkout.signal);
  } catch (error) {
    checkout.signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    return undefined;
  }
}

/** Many branches leave the base at one commit: what it declares is resolved once. */
type Bases = Map<Oid, readonly DesiredProgram[]>;

interface Reading {
  readonly checkout: Checkout;
  /** The same with what was fetched, and in a hurry. */
  readonly beside: Checkout;
  readonly bases: Bases;
}

type Overlaps = OtherPulls['overlaps'];

async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

/** @returns undefined where it cannot be read */
async function readable(
  reading: Reading,
  other: PullRequest,
  own: OwnPart,
): Promise<Overlaps | undefined> {
  const { checkout, beside } = reading;
  try {
    return await overlapsWith(reading, other, own);
  } catch (error) {
    checkout.signal.throwIfAborted();
    if (!isExpected(error) && !beside.signal.aborted) throw error;
    return undefined;
  }
}

function isExpected(error: unknown): boolean {
  return error instanceof ReconcileError || error instanceof CliError;
}

async function overlapsWith(
  { beside, bases }: Reading,
  { number, head }: PullRequest,
  { base, paths, pairs, programsAt }: OwnPart,
): Promise<Overlaps> {
  const theirs = oid(head.commit);
  const left = oid((await inCheckout(beside, ['merge-base', base, theirs])).trim());
  if (!(await touchesDeclarations(beside, [left, theirs], paths))) return [];
  const before = bases.get(left) ?? (await programsAt(beside, left));
  bases.set(left, before);
  const after = await programsAt(beside, theirs);
  return overlapsOf(pairs, touchedPrograms(before, after), number);
}

async function touchesDeclarations(
  beside: Checkout,
  [left, theirs]: readonly [Oid, Oid],
  paths: readonly string[],
): Promise<boolean> {
  const below = paths.filter((path) => path !== '');
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', left, theirs, '--'];
  const output = await inCheckout(beside, [
    ...args,
    ...(below.length === paths.length ? below : []),
  ]);
  return output.split('\0').some(isDeclarationFile);
}
