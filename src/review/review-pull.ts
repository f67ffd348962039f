import type { Review } from '../core/render/review.ts';
import { announce, publish, type Published, type PublishPorts, type Subject } from './publish.ts';
import { moved, type Publication } from './publish-decision.ts';

/** Everything that differs between a job of CI and a controller. */
export interface PullWanted {
  readonly number: number;
  /** Of the comment; see `isCommentName`. */
  readonly name: string;
  /** Makes the review of exactly this head; or says why there is no need. */
  readonly review: (subject: Subject) => Promise<Review | Passed>;
  readonly present: (review: Review, subject: Subject) => Publication;
  /** What to say where no review could be made; undefined: the failure is not for people to see. */
  readonly presentFailure: (error: unknown, subject: Subject) => Publication;
}

/** Nothing was reviewed, and nothing is wrong: nobody asks for this verdict any more. */
export interface Passed {
  readonly kind: 'closed' | 'superseded';
  readonly message: string;
}

export type PullReviewed =
  | (Passed & { readonly subject: Subject })
  | {
      readonly kind: 'reviewed';
      readonly subject: Subject;
      readonly review: Review;
      readonly publication: Publication;
      readonly published: Published;
    };

/**
 * Reviews one pull request and says so there: one comment, a status for each environment, remarks at lines.
 *
 * Safe to repeat: where nothing changed, nothing is written. Where the review fails, the pull request is told that there
 * is no verdict, and the failure is thrown.
 *
 * @throws what `review` throws; ReconcileError of the forge; the signal's reason
 */
export async function reviewPull(ports: PublishPorts, wanted: PullWanted): Promise<PullReviewed> {
  const { forge, signal } = ports;
  const pull = await forge.pull(wanted.number, signal);
  const name = wanted.name;
  if (pull.state !== 'open') {
    const message = moved(pull, pull) ?? '';
    return { kind: 'closed', subject: { pull, name, statuses: [] }, message };
  }
  const statuses = await forge.statuses(pull.head.commit, signal);
  const subject: Subject = { pull, name, statuses };
  const silent = await announce(ports, subject);
  if (silent) ports.log(`no status could be set: ${silent.message}`);
  const judged = await reviewed(ports, wanted, subject);
  if ('message' in judged) return { ...judged, subject };
  return {
    ...{ kind: 'reviewed', subject, ...judged },
    published: await publish(ports, subject, judged.publication),
  };
}

type Judged = Pick<Extract<PullReviewed, { kind: 'reviewed' }>, 'review' | 'publication'>;

async function reviewed(
  ports: PublishPorts,
  wanted: PullWanted,
  subject: Subject,
): Promise<Judged | Passed> {
  const { pull } = subject;
  try {
    const review = await wanted.review(subject);
    if ('message' in review) return review;
    // A verdict that cannot be put in words is none.
    if (review.head.commit === pull.head.commit)
      return { review, publication: wanted.present(review, subject) };
    // A bug of the caller: caught here, so that no way leads to a verdict for another commit.
    throw new Error('the review is of another commit than the head of the pull request');
  } catch (error) {
    ports.signal.throwIfAborted();
    const why = await movedMeanwhile(ports, subject);
    // A branch that was deleted or rebased takes its objects along: that is no failure.
    if (why !== undefined) return { kind: 'superseded', message: why };
    await sayFailure(ports, subject, wanted.presentFailure(error, subject));
    throw error;
  }
}

async function movedMeanwhile(
  { forge, signal }: PublishPorts,
  { pull }: Subject,
): Promise<string | undefined> {
  try {
    return moved(pull, await forge.pull(pull.number, signal));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** A forge that fails as well must not hide why there is no review. */
async function sayFailure(
  ports: PublishPorts,
  subject: Subject,
  publication: Publication,
): Promise<void> {
  try {
    const { unwritten } = await publish(ports, subject, publication);
    for (const { what, error } of unwritten)
      ports.log(`the ${what} could not say that there is no verdict: ${error.message}`);
  } catch (error) {
    ports.signal.throwIfAborted();
    const why = error instanceof Error ? error.message : 'unknown';
    ports.log(`the pull request could not be told that there is no verdict: ${why}`);
  }
}
