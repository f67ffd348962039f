import type { Action } from '../words/reasons.ts';
import { compareVersions } from '../words/versions.ts';
import { type ChangeFact, isHeld, releaseKeyOf } from './facts.ts';

/** What becomes of a target: an action of the plan, `held`, or what is known of the declarations alone. */
export type Effect = Exclude<Action, 'unchanged'> | 'held' | 'declared' | 'undeclared' | 'dropped';

/**
 * What becomes of the pull request's part of a change.
 *
 * The change as a whole may go on with what was pending before: what is locked of ours moves nothing.
 */
export function effectOf(fact: ChangeFact): Effect {
  const { action } = fact.change;
  if (action === 'unchanged') return 'adopt';
  if (action !== 'create' && action !== 'update') return action;
  if (isMoving(fact)) return action;
  if (isLocked(fact)) return lockedEffect(fact);
  return !fact.marks && isHeld(fact) ? 'held' : action;
}

function isMoving({ change, goes, fields }: ChangeFact): boolean {
  return fields.some((one) => one.goes) || (change.action === 'create' && goes);
}

function isLocked({ change, fields }: ChangeFact): boolean {
  const isAll = fields.length > 0 && fields.every(({ field }) => field.locked !== null);
  return change.action === 'update' && isAll;
}

/** As a plan of nothing but these fields would say it. */
function lockedEffect({ change, fields }: ChangeFact): Effect {
  const isStuck = fields.some(
    ({ field }) =>
      field.locked !== 'Superseded' && (field.own || change.status === 'NewVersionCreated'),
  );
  return isStuck ? 'blocked' : 'settled';
}

/** The newest version that is declared for the same target, where it is newer than this one. */
export function newerThan({ plan, change }: ChangeFact): string | null {
  const own = releaseKeyOf(change);
  if (!own) return null;
  const [newest] = plan.changes
    .map(({ key }) => key)
    .filter(({ app, environment }) => app === own.app && environment === own.environment)
    .map(({ version }) => version)
    .sort((a, b) => compareVersions(b, a));
  return newest !== undefined && compareVersions(newest, own.version) > 0 ? newest : null;
}
