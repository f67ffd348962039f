import type { DesiredProgram } from '../../core/model/desired.ts';
import type { OtherPulls } from '../../core/render/review.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Forge, PullRequest } from '../../ports/forge.ts';
import { overlapsOf } from '../../review/claims.ts';
import { allOthers, type OthersBudget } from '../../review/others-budget.ts';
import { touchedPrograms } from '../../review/pairs.ts';
import { oid, type Oid } from '../../source/git/strings.ts';
import { CliError } from '../exit.ts';
import { type Checkout, inCheckout } from './review-merge.ts';
import { type Remote, withCommits } from './review-objects.ts';
import { costBetween } from './review-others-cost.ts';
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
  /** One line for whoever reads the job's log. */
  readonly log: (line: string) => void;
}

/**
 * What other open pull requests into the same branch want of the same records.
 *
 * Their branches are fetched as objects and read as text, within a budget that is counted before anything is read: those
 * that cost least come first. What is not read is told by its number, and no failure of the review.
 *
 * @throws the signal's reason; what is a bug
 */
export async function otherPulls(asked: OthersAsked, own: OwnPart): Promise<OtherPulls> {
  const { pull } = asked;
  const open = await listed(asked);
  if (!open) return { overlaps: [], isListed: false, unread: [], left: 0 };
  const all = open.filter(({ number }) => number !== pull.number);
  const pulls = all.slice(0, mostPulls);
  const left = all.length - pulls.length;
  const answers = pulls.length === 0 ? new Map<number, Answer>() : await asks(asked, pulls, own);
  const numbers = (kind: Answer['kind']): readonly number[] =>
    pulls.filter(({ number }) => answers.get(number)?.kind === kind).map(({ number }) => number);
  const tooLarge = numbers('tooLarge');
  for (const number of tooLarge)
    asked.log(`pull request ${String(number)} is not compared with this one: it is too large`);
  return {
    overlaps: pulls.flatMap(({ number }) => {
      const answer = answers.get(number);
      return answer?.kind === 'read' ? answer.overlaps : [];
    }),
    ...{ isListed: true, unread: numbers('unread'), left },
    ...(tooLarge.length === 0 ? {} : { tooLarge }),
  };
}

type Answer =
  | { readonly kind: 'read'; readonly overlaps: OtherPulls['overlaps'] }
  | { readonly kind: 'unread' }
  /** Nothing, or not all of it, was read: it would cost more than is left. */
  | { readonly kind: 'tooLarge' };

const unread = { kind: 'unread' } as const;

/** By number; each of them has an answer. */
async function asks(
  { checkout, remote }: OthersAsked,
  pulls: readonly PullRequest[],
  own: OwnPart,
): Promise<ReadonlyMap<number, Answer>> {
  const answers = new Map<number, Answer>(pulls.map(({ number }) => [number, unread]));
  const late = AbortSignal.any([checkout.signal, AbortSignal.timeout(deadlineMs)]);
  const wanted = pulls.map(({ head, fetchRef }) => ({ commit: head.commit, ref: fetchRef }));
  try {
    await withCommits({ ...checkout, signal: late }, remote, wanted, async (beside, missing) => {
      const there = pulls.filter(({ head }) => !missing.has(head.commit));
      const reading = { checkout, beside, own, bases: new Map(), budget: allOthers };
      await readAll(reading, there, answers);
    });
  } catch (error) {
    checkout.signal.throwIfAborted();
    if (!isExpected(error) && !late.aborted) throw error;
  }
  return answers;
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

interface Reading {
  readonly checkout: Checkout;
  /** The same with what was fetched, and in a hurry. */
  readonly beside: Checkout;
  readonly own: OwnPart;
  /** Many branches leave the base at one commit: what it declares is resolved once. */
  readonly bases: Map<Oid, readonly DesiredProgram[]>;
  /** What is left of it. */
  budget: OthersBudget;
}

/** A branch of which is known what it takes to read it. */
interface Weighed {
  readonly number: number;
  readonly theirs: Oid;
  /** Where it left the base. */
  readonly left: Oid;
  readonly cost: number;
}

async function readAll(
  reading: Reading,
  pulls: readonly PullRequest[],
  answers: Map<number, Answer>,
): Promise<void> {
  const weighed: Weighed[] = [];
  for (const other of pulls) {
    const found = await orUnread(reading, async () => weigh(reading, other));
    if ('kind' in found) answers.set(other.number, found);
    else weighed.push(found);
  }
  // One that costs much takes nothing from those that cost little.
  for (const one of weighed.toSorted((a, b) => a.cost - b.cost))
    answers.set(one.number, await orUnread(reading, async () => answerOf(reading, one)));
}

async function orUnread<T>(
  { checkout, beside }: Reading,
  work: () => Promise<T>,
): Promise<T | Answer> {
  try {
    return await work();
  } catch (error) {
    checkout.signal.throwIfAborted();
    if (!isExpected(error) && !beside.signal.aborted) throw error;
    return unread;
  }
}

function isExpected(error: unknown): boolean {
  return error instanceof ReconcileError || error instanceof CliError;
}

/** @returns an answer where none of its files is a declaration */
async function weigh(
  { beside, own: { base, paths } }: Reading,
  { number, head }: PullRequest,
): Promise<Weighed | Answer> {
  const theirs = oid(head.commit);
  const left = oid((await inCheckout(beside, ['merge-base', base, theirs])).trim());
  const changed = await costBetween(beside, [left, theirs], paths);
  if (changed === undefined) return { kind: 'read', overlaps: [] };
  // Someone may leave a base that lies far back, of which nothing was read yet.
  const behind = left === base ? 0 : ((await costBetween(beside, [base, left], paths)) ?? 0);
  return { number, theirs, left, cost: changed + behind };
}

async function answerOf(reading: Reading, one: Weighed): Promise<Answer> {
  const { own, budget } = reading;
  if (one.cost > budget.bytes) return { kind: 'tooLarge' };
  reading.budget = { ...budget, bytes: budget.bytes - one.cost };
  const before = reading.bases.get(one.left) ?? (await programsAt(reading, one.left));
  if (!before) return { kind: 'tooLarge' };
  reading.bases.set(one.left, before);
  const after = await programsAt(reading, one.theirs);
  if (!after) return { kind: 'tooLarge' };
  return {
    kind: 'read',
    overlaps: overlapsOf(own.pairs, touchedPrograms(before, after), one.number),
  };
}

/** @returns undefined for what comes to more than is left */
async function programsAt(
  reading: Reading,
  commit: Oid,
): Promise<readonly DesiredProgram[] | undefined> {
  const { beside, own, budget } = reading;
  const found = await own.programsAt(beside, commit, budget.releases);
  if (!found) return undefined;
  reading.budget = { ...reading.budget, releases: budget.releases - found.more };
  return found.programs;
}
