import type { Review } from '../../../src/core/render/review.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { presentFailure, presentReview } from '../../../src/review/present.ts';
import {
  type Passed,
  type PullReviewed,
  type PullWanted,
  reviewPull,
} from '../../../src/review/review-pull.ts';
import type { MemoryForge } from '../../support/forge-memory.ts';
import { storyReview } from './story.ts';

const { signal } = new AbortController();
export const commit = (letter: string): string => letter.repeat(40);

interface Job {
  readonly review?: (head: string) => Review | Passed | Promise<Review | Passed>;
  readonly name?: string;
  readonly sarif?: string;
  readonly log?: string[];
}

/** One job of CI: it sees the head as it is when it begins. */
export async function job(
  memory: MemoryForge,
  { review = storyAt, name = 'default', sarif, log = [] }: Job = {},
) {
  const wanted: PullWanted = {
    number: 7,
    name,
    review: async ({ pull }) => review(pull.head.commit),
    present: (made) => presentReview(made, memory.forge, sarif),
    presentFailure: (error, { pull }) =>
      presentFailure(
        { message: error instanceof ReconcileError ? error.message : 'a bug', nextStep: null },
        pull.head.commit,
      ),
  };
  const ports = {
    forge: memory.forge,
    log: (line: string) => log.push(line),
    signal,
    patienceMs: 20,
  };
  return reviewPull(ports, wanted);
}

export function storyAt(head: string): Review {
  return storyReview({ head: { revision: 'topic', commit: head, author: 'Ben Head' } });
}

export function at(review: Review, head: string): Review {
  return { ...review, head: { ...review.head, commit: head } };
}

export function publishedOf(result: PullReviewed) {
  if (result.kind !== 'reviewed') throw new Error(result.message);
  return result.published;
}

export function statesOf(memory: MemoryForge, of = memory.pull().head.commit) {
  return Object.fromEntries(
    (memory.statuses.get(of) ?? []).map(({ context, state }) => [context, state]),
  );
}
