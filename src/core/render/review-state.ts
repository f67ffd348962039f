import type { ReviewRules } from '../kinds/repository-settings.ts';
import { type Environment, environments } from '../words/environments.ts';
import type { Review } from './review.ts';
import type { ReviewTarget } from './review-targets.ts';
import { keysOf } from './review-words.ts';

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
  const { problems, unjudged, rules = {} } = review;
  if (unjudged.length > 0) return 'error';
  if (problems.fresh.some(({ severity }) => severity === 'error')) return 'failure';
  if (isUnasked(targets) && rules.withoutPlatform !== 'pass') return 'error';
  const of = environment === null ? environments : [environment];
  const isFailing = targets.some((target) => fails(rules, target, of));
  return isFailing || (environment === null && isWarned(review)) ? 'failure' : 'success';
}

/** The pull request brings a warning, and the repository wants none. */
function isWarned({ problems, rules: { fail = [] } = {} }: Review): boolean {
  return fail.includes('warning') && problems.fresh.some(({ severity }) => severity === 'warning');
}

/** Something of it is known as it is declared, and not as it will happen. */
export function isUnasked(targets: readonly ReviewTarget[]): boolean {
  return targets.some(({ effect }) => effect === 'declared');
}

function fails(rules: ReviewRules, target: ReviewTarget, of: readonly Environment[]): boolean {
  const words: readonly string[] = [target.effect, ...(target.heldBy === null ? [] : ['held'])];
  const keys = keysOf(target);
  const places = of.filter((environment) => keys.some((key) => key.environment === environment));
  // A global configuration that reaches no record yet is of no environment.
  const failing =
    keys.length === 0 ? (rules.fail ?? ['blocked']) : places.flatMap(failingIn(rules));
  return words.some((word) => failing.some((one) => one === word));
}

function failingIn(rules: ReviewRules): (environment: Environment) => readonly string[] {
  return (environment) =>
    rules.environments?.[environment] ??
    rules.fail ??
    (environment === 'Production' ? ['blocked'] : []);
}
