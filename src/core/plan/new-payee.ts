import type { LiveRelease, ReleaseChange } from '../model/plan.ts';
import { stringFields, type StringField } from '../words/fields.ts';
import { effectiveOf, showInherited, type Effective, type GlobalView } from './global-view.ts';

/**
 * Who would get paid otherwise than now, once a new record in Production is released: ids that are set on the live release
 * of the same target and differ on the new one, whether it is given them or inherits them. What is not known is not told.
 */
export function newPayee(
  { action, key, fields }: ReleaseChange,
  live: LiveRelease,
  global: GlobalView,
): readonly StringField[] {
  if (action !== 'create' || key.environment !== 'Production') return [];
  return stringFields.filter((path) => {
    const paid = live.values[path];
    const given = fields.find((field) => field.path === path);
    const next = given ? effectiveOf(given.after) : global.planned(path);
    return paid?.state === 'value' && isOther(next, paid.value);
  });
}

/** What the new record would inherit instead, for the ids that nobody declares for it. */
export function inheritedPayee(
  { fields }: ReleaseChange,
  payee: readonly StringField[],
  global: GlobalView,
): NonNullable<ReleaseChange['inherits']> {
  return Object.fromEntries(
    payee
      .filter((path) => !fields.some((field) => field.path === path))
      .map((path) => [path, showInherited(path, global.planned)]),
  );
}

function isOther(next: Effective, paid: string | readonly string[]): boolean {
  return next.known && next.value !== paid;
}
