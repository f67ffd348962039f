import { linkingInk } from '../core/render/review-links.ts';
import { type ReviewFailure, failureMarkdown } from '../core/render/review-failure.ts';
import { safeInk } from '../core/render/review-ink.ts';
import { reviewComment } from '../core/render/review-markdown.ts';
import { annotationsOf, statusesOf } from '../core/render/review-notes.ts';
import type { Review } from '../core/render/review.ts';
import { targetsOf } from '../core/render/review-targets.ts';
import type { CommitStatus, Forge, LineNote } from '../ports/forge.ts';
import { planContext, type Publication } from './publish-decision.ts';

/** Characters that the marker may need. */
const markerRoom = 500;
/** A forge refuses or drops what is more; the comment counts all. */
const mostNotes = 200;

/** What a review says on a pull request of this forge. @param sarif  to upload; undefined: nobody asked for it */
export function presentReview(
  review: Review,
  forge: Pick<Forge, 'lineUrl' | 'maxCommentLength'>,
  sarif: string | undefined,
): Publication {
  const targets = targetsOf(review);
  const address = (file: string, line: number): string =>
    forge.lineUrl(review.head.commit, file, line);
  const text = reviewComment(review, {
    ink: linkingInk(address),
    room: forge.maxCommentLength - markerRoom,
    isEdited: true,
  });
  const statuses = statusesOf(review, targets);
  return {
    ...{ text, sarif },
    statuses: statuses.map(({ context, state, sentence }) => ({
      ...{ context, state, description: sentence },
    })),
    elsewhere: elsewhere(statuses[0]),
    notes: annotationsOf(review, targets).slice(0, mostNotes).map(noteOf),
  };
}

type Status = ReturnType<typeof statusesOf>[number];

/** Of an environment that is no longer touched: nothing changes there, as far as anybody could judge. */
function elsewhere(overall: Status | undefined): Omit<CommitStatus, 'context'> {
  if (!overall) return { state: 'error', description: 'no verdict' };
  const { verdict, state, sentence } = overall;
  return verdict === 'invalid' || verdict === 'unjudged'
    ? { state, description: sentence }
    : { state: 'success', description: 'nothing changes' };
}

function noteOf({
  file,
  line,
  level,
  title,
  message,
}: ReturnType<typeof annotationsOf>[number]): LineNote {
  return { file, line, level, title, message };
}

/** What a pull request is told where its review could not be made: everything that stood on this commit is no verdict. */
export function presentFailure(failure: ReviewFailure, commit: string): Publication {
  const text = failureMarkdown(failure, commit, safeInk);
  const description = shortened(`no verdict: ${plainText(failure.message)}`);
  const status = { state: 'error', description } as const;
  return {
    ...{ text, sarif: undefined, notes: [] },
    statuses: [{ context: planContext, ...status }],
    elsewhere: status,
  };
}

/** A description is plain text to every forge; nothing in it may hide or turn it. */
function plainText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

const maxDescription = 140;

function shortened(text: string): string {
  return text.length <= maxDescription ? text : `${text.slice(0, maxDescription - 1)}…`;
}
