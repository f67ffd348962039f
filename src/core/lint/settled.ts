import type { Change, Plan } from '../model/plan.ts';
import type { Place } from '../words/places.ts';
import { type LintFinding, placeKey } from './finding.ts';

/**
 * Lines that differ from the platform only where nothing can be changed any more.
 *
 * Needs plans, so it is no part of `lint`; pass the result to `judge`.
 */
export function settledFindings(plans: readonly Plan[]): LintFinding[] {
  const changes = plans.flatMap((plan): readonly Change[] => [...plan.changes, ...plan.global]);
  const lines = new Map<string, Place>();
  for (const change of changes.filter(isSettled))
    for (const place of placesOf(change)) lines.set(placeKey(place), place);
  if (lines.size === 0) return [];
  for (const change of changes.filter((one) => !isSettled(one)))
    for (const place of reachedBy(change)) lines.delete(placeKey(place));
  return [...lines.values()].map((place) => ({
    rule: 'settled-only',
    place,
    message: 'This line reaches only releases that can no longer be changed.',
    nextStep: 'Nothing to do if it is meant for the next version; else release a new version.',
  }));
}

function isSettled({ action }: Change): boolean {
  return action === 'settled';
}

/** What feeds a release that can still be changed, equal to what it has or not. */
function reachedBy(change: Change): readonly Place[] {
  const declared = change.scope === 'release' ? Object.values(change.declared ?? {}) : [];
  return [...placesOf(change), ...declared.flatMap((field) => field?.origins ?? [])];
}

function placesOf({ fields }: Change): readonly Place[] {
  return fields.filter(({ path }) => path !== 'mark').flatMap(({ origins }) => origins);
}
