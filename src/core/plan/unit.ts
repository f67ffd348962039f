import type { Change, ChangeId, FieldChange } from '../model/plan.ts';
import type { HeldReason } from '../words/reasons.ts';
import { unitIds } from './identity.ts';

/** One thing that is written or held by itself: a field, the mark, or a create, which is all or nothing. */
export interface Unit {
  readonly kind: 'field' | 'mark' | 'create';
  readonly change: Change;
  /** Field change ids, or the change's own where it has no fields; an approval must cover all of them. */
  readonly ids: readonly ChangeId[];
  readonly fields: readonly FieldChange[];
}

/** Why a unit is not written now. */
export interface Hold {
  readonly reason: HeldReason;
  readonly message: string;
  /** Whether an approval lifts it. */
  readonly releasable: boolean;
}

/** Every unit of a change that is not locked. */
export function unitsOf(change: Change): readonly Unit[] {
  if (change.action === 'create') {
    return [{ kind: 'create', change, ids: unitIds(change), fields: change.fields }];
  }
  return change.fields
    .filter(({ locked }) => locked === null)
    .map((field) => ({
      kind: field.path === 'mark' ? 'mark' : 'field',
      change,
      ids: [field.changeId],
      fields: [field],
    }));
}

/** What holds each unit. A hold that an approval lifts is remembered and holds nothing. */
export interface Holds {
  hold(unit: Unit, hold: Hold): void;
  isHeld(unit: Unit): boolean;
  /** Goes, and would not without an approval. */
  isReleased(unit: Unit): boolean;
  /** The first reason that holds it. */
  reasonOf(unit: Unit): Hold | undefined;
}

export function createHolds(approved: ReadonlySet<ChangeId>): Holds {
  const held = new Map<Unit, Hold>();
  const lifted = new Set<Unit>();
  return {
    hold(unit, hold) {
      if (hold.releasable && unit.ids.every((id) => approved.has(id))) lifted.add(unit);
      else if (!held.has(unit)) held.set(unit, hold);
    },
    isHeld: (unit) => held.has(unit),
    isReleased: (unit) => lifted.has(unit) && !held.has(unit),
    reasonOf: (unit) => held.get(unit),
  };
}
