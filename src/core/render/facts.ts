import type { Change, ChangeId, Decision, FieldChange, Held, Plan } from '../model/plan.ts';
import { isReleaseKey, type ReleaseKey } from '../words/keys.ts';
import { orderedPlans } from './order.ts';
import { heldById, type PlanSet } from './plan-document.ts';
import { visible } from './visible.ts';

/** A field of a plan with what was decided about it. */
export interface FieldFact {
  readonly field: FieldChange;
  readonly held: Held | undefined;
  /** Neither locked nor held: it is written. */
  readonly goes: boolean;
}

/** A change of a plan with what was decided about it. */
export interface ChangeFact {
  readonly plan: Plan;
  readonly change: Change;
  readonly fields: readonly FieldFact[];
  /** Why the change as a whole is not made, if so: a create is all or nothing. */
  readonly held: Held | undefined;
  /** A record is created, or a value is written. */
  readonly goes: boolean;
  /** Nothing but the mark is written. */
  readonly marks: boolean;
}

/** The changes of one program in stable order, the global one first. */
export interface ProgramFacts {
  readonly plan: Plan;
  readonly changes: readonly ChangeFact[];
}

/** Plans and decisions joined: what every rendering reads. */
export function factsOf(set: Pick<PlanSet, 'plans' | 'decisions'>): readonly ProgramFacts[] {
  const held = heldById(set.decisions);
  const applied = appliedIds(set.decisions);
  return orderedPlans(set).map((plan) => ({
    plan,
    changes: [...plan.global, ...plan.changes].map((change) =>
      changeFact(plan, change, { held, applied }),
    ),
  }));
}

interface Decided {
  readonly held: ReadonlyMap<ChangeId, Held>;
  readonly applied: ReadonlySet<ChangeId>;
}

function changeFact(plan: Plan, change: Change, { held, applied }: Decided): ChangeFact {
  const isApplied = applied.has(change.changeId);
  const creates = change.action === 'create';
  const fields = change.fields.map((field) => ({
    field,
    held: held.get(field.changeId),
    goes: applied.has(field.changeId) || (creates && isApplied),
  }));
  const whole = held.get(change.changeId) ?? (creates ? fields[0]?.held : undefined);
  const goes = creates ? isApplied : fields.some((one) => one.goes && one.field.path !== 'mark');
  return { plan, change, fields, held: whole, goes, marks: isApplied && !goes };
}

/** Ids of everything that is written: changes, and their fields but for the mark. */
function appliedIds(decisions: readonly Decision[]): ReadonlySet<ChangeId> {
  return new Set(
    decisions.flatMap(({ apply }) =>
      apply.flatMap(({ change, apply: written }) => [
        change.changeId,
        ...written.map((field) => field.changeId),
      ]),
    ),
  );
}

/** Something of the change is held, or all of it. */
export function isHeld({ held, fields }: ChangeFact): boolean {
  return held !== undefined || fields.some((field) => field.held !== undefined);
}

/** Our mark is written, and everything else of the change is held. */
export function marksOnly(fact: ChangeFact): boolean {
  return fact.marks && fact.change.action !== 'adopt' && isHeld(fact);
}

/** What people call the program, and where it stands. */
export function programTitle({ plan }: Pick<ProgramFacts, 'plan'>): string {
  return visible(`${plan.name} (${plan.key.workspace}/${plan.key.miniProgram})`);
}

/** The release a change is about; undefined for the global configuration. */
export function releaseKeyOf(change: Change): ReleaseKey | undefined {
  return isReleaseKey(change.key) ? change.key : undefined;
}

/** `app/environment` for a release. */
export function targetText({ app, environment }: Pick<ReleaseKey, 'app' | 'environment'>): string {
  return `${app}/${environment}`;
}
