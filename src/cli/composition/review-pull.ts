import type { Review } from '../../core/render/review.ts';
import type { ReviewFailure } from '../../core/render/review-failure.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Forge, PullRequest } from '../../ports/forge.ts';
import { presentFailure, presentReview } from '../../review/present.ts';
import { isCommentName } from '../../review/publish-marker.ts';
import { type Passed, type PullReviewed, reviewPull } from '../../review/review-pull.ts';
import { revisionName } from '../../source/git/strings.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import { type Checkout, inCheckout } from './review-merge.ts';
import { type Remote, withCommits } from './review-objects.ts';
import { withoutPlaces } from './review-places.ts';
import { otherPulls } from './review-others.ts';
import { reviewChange, type ReviewWanted } from './review.ts';

export interface PullReviewWanted extends Omit<ReviewWanted, 'base' | 'head' | 'others'> {
  readonly number: number;
  /** Of the comment. */
  readonly name: string;
  /** Undefined: what the forge says. */
  readonly base: string | undefined;
  readonly head: string | undefined;
  /** Test QR codes are wanted; they are shown where none but members can read. */
  readonly isQrShown?: boolean;
  /** What to upload for code scanning; undefined: nothing. */
  readonly sarif?: (review: Review) => string;
}

/** A pull request within reach: its forge, and a repository to read it in. */
export interface PullSurroundings {
  readonly forge: Forge;
  readonly remote: Remote | undefined;
  readonly checkout: Checkout;
  /** One line for whoever reads the job's log. */
  readonly log: (line: string) => void;
}

/**
 * Reviews a pull request and publishes the review there. Knows nothing of any command line: a controller may call it with
 * a bare mirror.
 *
 * @throws CliError `Usage`, `HeadMismatch`, and what `reviewChange` throws; ReconcileError of the forge
 */
export async function reviewAndPublish(
  session: Session,
  around: PullSurroundings,
  wanted: PullReviewWanted,
): Promise<PullReviewed> {
  const { forge, log } = around;
  const { number, name, sarif } = wanted;
  if (!isCommentName(name))
    throw new CliError('Usage', 'a comment has no such name', {
      nextStep: 'small letters, digits and . _ - make a name, at most 64 of them',
    });
  return reviewPull(
    { forge, log, signal: session.signal },
    {
      ...{ number, name },
      review: async ({ pull }) => reviewOf(session, around, wanted, pull),
      present: (review) => presentReview(review, forge, sarif?.(review)),
      presentFailure: (error, { pull }) =>
        presentFailure(failureOf(error, placesOf(around, wanted)), pull.head.commit),
    },
  );
}

async function reviewOf(
  session: Session,
  around: PullSurroundings,
  wanted: PullReviewWanted,
  pull: PullRequest,
): Promise<Review | Passed> {
  const { forge, remote, checkout, log } = around;
  const given = wanted.base ?? (await trackedBase(checkout, pull));
  const commits = [
    { commit: pull.head.commit, ref: pull.fetchRef },
    ...(given === undefined
      ? [{ commit: pull.base.commit, ref: `refs/heads/${pull.base.branch}` }]
      : []),
  ];
  return withCommits(checkout, remote, commits, async (beside) => {
    const head = wanted.head ?? pull.head.commit;
    const base = given ?? pull.base.commit;
    const passed = await judgeHead(beside, { base, head }, pull);
    if (passed) return passed;
    const review = await reviewChange(
      session,
      {
        ...{ ...wanted, base, head },
        others: async (own) => otherPulls({ forge, pull, checkout: beside, remote, log }, own),
      },
      beside,
    );
    const draw = wanted.isQrShown === true ? await codesFor(pull, log) : undefined;
    const unjudged = review.unjudged.map((one) => ({
      ...one,
      message: withoutPlaces(one.message, placesOf(around, wanted)),
    }));
    return { ...named(review, pull), unjudged, ...(draw ? { drawCode: draw } : {}) };
  });
}

/** Whoever scans a code can use the program as a tester. */
async function codesFor(
  { isPrivate }: PullRequest,
  log: PullSurroundings['log'],
): Promise<Review['drawCode']> {
  if (!isPrivate) {
    log('test QR codes are not shown: strangers can read this repository');
    return undefined;
  }
  const { drawQr } = await import('../qr.ts');
  return (text) => {
    try {
      return drawQr(text, { color: false });
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  };
}

/**
 * The base branch as the checkout last saw it: what a forge says of it may be as old as the last push. By the whole name
 * of its ref: of `origin/main` alone Git would take a tag that somebody called so.
 */
async function trackedBase(checkout: Checkout, { base }: PullRequest): Promise<string | undefined> {
  const name = `refs/remotes/origin/${base.branch}`;
  try {
    await inCheckout(checkout, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
    return name;
  } catch {
    checkout.signal.throwIfAborted();
    return undefined;
  }
}

/**
 * A head that somebody named must be that of the pull request. One that holds more, as the merge that a CI checks out, or
 * nothing but the base, was never its head; any other is one that it had before.
 */
async function judgeHead(
  checkout: Checkout,
  { base, head }: { readonly base: string; readonly head: string },
  pull: PullRequest,
): Promise<Passed | undefined> {
  if (head === pull.head.commit) return undefined;
  const found = await commitOf(checkout, head);
  if (found === undefined || found === pull.head.commit) return undefined;
  const isMore = await isAncestor(checkout, pull.head.commit, found);
  if (!isMore && !(await isAncestor(checkout, found, revisionName(base))))
    return { kind: 'superseded', message: `pull request ${String(pull.number)} moved on` };
  throw new CliError('HeadMismatch', '--head is not the head of the pull request', {
    nextStep: 'leave out --head: what the forge says is reviewed, and fetched where it is missing',
  });
}

/** @returns undefined where there is no such revision, which the review then says */
async function commitOf(checkout: Checkout, revision: string): Promise<string | undefined> {
  try {
    const args = ['rev-parse', '--verify', '--quiet', `${revisionName(revision)}^{commit}`];
    return (await inCheckout(checkout, args)).trim();
  } catch {
    checkout.signal.throwIfAborted();
    return undefined;
  }
}

async function isAncestor(checkout: Checkout, older: string, newer: string): Promise<boolean> {
  try {
    await inCheckout(checkout, ['merge-base', '--is-ancestor', older, newer]);
    return true;
  } catch {
    checkout.signal.throwIfAborted();
    return false;
  }
}

/** People know branches, not the words that git was given. */
function named(review: Review, { base, head }: PullRequest): Review {
  return {
    ...review,
    base: { ...review.base, revision: base.branch },
    head: { ...review.head, revision: head.branch },
  };
}

/** Of this machine, as they may stand in messages. */
function placesOf(
  { checkout }: PullSurroundings,
  { snapshot, snapshotKey }: PullReviewWanted,
): readonly (string | undefined)[] {
  return [snapshot, snapshotKey, checkout.top, checkout.directory];
}

/** What people may see of a failure; of a bug, that there is one. */
function failureOf(error: unknown, places: readonly (string | undefined)[]): ReviewFailure {
  if (error instanceof CliError || error instanceof ReconcileError)
    return {
      message: withoutPlaces(error.message, places),
      nextStep: error.nextStep === undefined ? null : withoutPlaces(error.nextStep, places),
    };
  return { message: 'the review failed: see the log of its job', nextStep: null };
}
