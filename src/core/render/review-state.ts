import type { ReviewRules } from '../kinds/repository-settings.ts';
import { type Environment, environments } from '../words/environments.ts';
import type { HeldReason } from '../words/reasons.ts';
import type { Review } from './review.ts';
import { errorsIn } from './review-errors.ts';
import { keysOf, type ReviewTarget } from './review-targets.ts';

/** What a forge shows of a verdict. `error`: there is none. */
export type ReviewState = 'success' | 'failure' | 'error';

/**
 * Rules of a settings file that cannot be read: nobody knows what it allows, so nothing that can fail passes.
 */
export const strictRules: ReviewRules = {
  fail: ['blocked', 'held', 'waiting', 'warning'],
  withoutPlatform: 'fail',
};

/**
 * Whether these targets of a review pass.
 *
 * What is invalid or has no verdict never passes, whatever the rules say; nor, unless they say so, what no platform was
 * asked about.
 *
 * @param environment  null: all of them
 */
export function stateOf(
  review: Review,
  targets: readonly ReviewTarget[],
  environment: Environment | null,
): ReviewState {
  const { unjudged, rules = {} } = review;
  if (unjudged.length > 0) return 'error';
  if (errorsIn(review).length > 0) return 'failure';
  if (isUnasked(review, targets) && rules.withoutPlatform !== 'pass') return 'error';
  return stoppedBy(review, targets, environment).length > 0 ? 'failure' : 'success';
}

/** What the rules do not let pass, in their words: `blocked`, `held`, `waiting`, `warning`. */
export function stoppedBy(
  review: Review,
  targets: readonly ReviewTarget[],
  environment: Environment | null,
): readonly string[] {
  const { rules = {} } = review;
  const of = environment === null ? environments : [environment];
  const words = targets.flatMap((target) => failing(rules, target, of));
  return [...new Set([...words, ...(environment === null && isWarned(review) ? ['warning'] : [])])];
}

/** The pull request brings a warning, and the repository wants none. */
function isWarned({ problems, rules: { fail = [] } = {} }: Review): boolean {
  return fail.includes('warning') && problems.fresh.some(({ severity }) => severity === 'warning');
}

/** Something of it is known as it is declared, or no longer declared, and not as it will happen. */
export function isUnasked({ against }: Review, targets: readonly ReviewTarget[]): boolean {
  if (against === 'declarations') return targets.length > 0;
  return targets.some(({ effect }) => effect === 'declared');
}

/** What a person, or the other half of a move, has to release: not what a policy leaves as it is. */
const needsSomebody: ReadonlySet<HeldReason> = new Set([
  'GateRefused',
  'AwaitingApproval',
  'AwaitsOther',
]);

/** Goes through in part, and waits for somebody in part. */
export function isHeldInPart({ effect, heldBy }: ReviewTarget): boolean {
  return effect !== 'held' && heldBy !== null && needsSomebody.has(heldBy);
}

function failing(
  rules: ReviewRules,
  target: ReviewTarget,
  of: readonly Environment[],
): readonly string[] {
  const words: readonly string[] = [target.effect, ...(target.heldBy === null ? [] : ['held'])];
  const keys = keysOf(target);
  const places = of.filter((environment) => keys.some((key) => key.environment === environment));
  // A global configuration that reaches no record yet is of no environment.
  const refused: readonly string[] =
    keys.length === 0 ? (rules.fail ?? ['blocked']) : places.flatMap(refusedIn(rules));
  return words.filter((word) => refused.includes(word));
}

function refusedIn(rules: ReviewRules): (environment: Environment) => readonly string[] {
  return (environment) =>
    rules.environments?.[environment] ??
    rules.fail ??
    (environment === 'Production' ? ['blocked'] : []);
}
