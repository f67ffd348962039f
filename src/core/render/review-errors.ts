import type { Problem } from '../words/problems.ts';
import type { Review } from './review.ts';
import type { ReviewTarget } from './review-targets.ts';

/** Errors that the pull request brings. */
export function errorsIn({ problems }: Review): readonly Problem[] {
  return problems.fresh.filter(({ severity }) => severity === 'error');
}

const uncorrected: ReadonlySet<string> = new Set([
  'Invalid',
  'TargetConflict',
  'ReferenceNotFound',
]);

/** It is blocked by an error of the pull request, which says for itself where it is and what to correct. */
export function isOfError(review: Review, { effect, reasons }: ReviewTarget): boolean {
  const isByMistake = effect === 'blocked' && reasons.some((reason) => uncorrected.has(reason));
  return isByMistake && errorsIn(review).length > 0;
}
