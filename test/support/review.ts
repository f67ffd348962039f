import type { DeclarationDiff } from '../../src/core/diff/declaration-diff.ts';
import type { Decision, Plan } from '../../src/core/model/plan.ts';
import type { Review } from '../../src/core/render/review.ts';
import { compare } from '../../src/review/compare.ts';
import { decision, locate, now } from '../unit/render/build.ts';

export interface Side {
  readonly plan: Plan;
  readonly decision?: Decision;
}

export const noDiff: DeclarationDiff = {
  formatVersion: 1,
  kind: 'DeclarationDiff',
  summary: { programs: 0, added: 0, removed: 0, changed: 0, global: 0 },
  programs: [],
};

/** A review of one program whose plan was that before and is this after. */
export function reviewOf(
  { before, after }: { readonly before?: Side; readonly after?: Side },
  rest: Partial<Review> = {},
): Review {
  const sideOf = (side: Side | undefined) =>
    side && { plan: side.plan, decision: side.decision ?? decision(side.plan) };
  const plan = (after ?? before)?.plan;
  const compared = plan && compare({ key: plan.key, before: sideOf(before), after: sideOf(after) });
  return {
    base: { revision: 'main', commit: '91ac03d'.padEnd(40, '0'), author: 'Ann Base' },
    head: { revision: 'topic', commit: '4c1f9e2'.padEnd(40, '0'), author: 'Ben Head' },
    mergeBase: '91ac03d'.padEnd(40, '0'),
    against: 'platform',
    platforms: [
      { connection: 'megapay', platform: 'api.megapay.example', driver: 'http', emulator: false },
    ],
    plans: after ? [after.plan] : [],
    programs: compared ? [compared] : [],
    unjudged: [],
    diff: noDiff,
    untouched: { targets: 0, programs: 0 },
    problems: { fresh: [], older: { errors: 0, warnings: 0 } },
    secretsNotCompared: 0,
    apiReads: 3,
    locate,
    now,
    ...rest,
  };
}
