import type { Change, Plan } from '../model/plan.ts';
import type { Place } from '../words/places.ts';
import { type LintFinding, placeKey } from './finding.ts';

/**
 * Lines that differ from the platform only where nothing can be changed any more.
 *
 * Needs plans, so it is no part of `lint`; pass the result to `judge`.
 */
export function settledFindings(plans: readonly Plan[]): LintFinding[] {
  const lines = new Map<string, { readonly place: Place; readonly onlySettled: boolean }>();
  for (const change of plans.flatMap(({ changes, global }): readonly Change[] => [
    ...changes,
    ...global,
  ])) {
    for (const place of placesOf(change)) {
      const before = lines.get(placeKey(place))?.onlySettled ?? true;
      lines.set(placeKey(place), { place, onlySettled: before && change.action === 'settled' });
    }
  }
  return [...lines.values()]
    .filter(({ onlySettled }) => onlySettled)
    .map(({ place }) => ({
      rule: 'settled-only',
      place,
      message: 'This line reaches only releases that can no longer be changed.',
      nextStep: 'Nothing to do if it is meant for the next version; else release a new version.',
    }));
}

function placesOf({ fields }: Change): readonly Place[] {
  return fields.filter(({ path }) => path !== 'mark').flatMap(({ origins }) => origins);
}
