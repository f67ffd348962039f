import type { ChangeId, DecidedChange, Decision, Held, Plan } from '../model/plan.ts';
import type { Gates } from '../model/policy.ts';
import { isFieldPath, isVariable } from '../words/fields.ts';
import type { EpochMs } from '../words/time.ts';
import { gateRefusals } from './gate-refusals.ts';
import { expandAllowed, writableChanges } from './identity.ts';
import { policyHolds } from './policy-hold.ts';
import { createHolds, unitsOf, type Hold, type Holds, type Unit } from './unit.ts';
import { maxVariables } from './writable.ts';

export interface DecideInput {
  readonly plan: Plan;
  readonly gates: Gates;
  /** Programs whose desired digest differs from the last completed commit; `undefined`: not counted. */
  readonly programsInCommit: number | undefined;
  /** Approvals: ids of plans, changes or fields. */
  readonly allowed: ReadonlySet<ChangeId>;
  readonly now: EpochMs;
}

/**
 * What of a plan is written now, and why the rest is not. Never alters the plan; works per field, so that one field of a
 * record goes while another is held.
 *
 * Approvals lift `GateRefused`, `AwaitingApproval` and `DriftReported`, and nothing else.
 *
 * @see docs: decide
 */
export function decide({ plan, gates, programsInCommit, allowed, now }: DecideInput): Decision {
  const units = writableChanges(plan).flatMap(unitsOf);
  const holds = createHolds(expandAllowed([plan], allowed));
  for (const unit of units) for (const hold of policyHolds(unit, now)) holds.hold(unit, hold);
  settle(plan, units, holds);
  const candidates = units.filter((unit) => !holds.isHeld(unit));
  const refusals = gateRefusals(candidates, { plan, gates, programsInCommit });
  for (const { unit, hold } of refusals) holds.hold(unit, hold);
  settle(plan, units, holds);
  const going = units.filter((unit) => !holds.isHeld(unit));
  const written = new Set(going.map(({ change }) => change));
  return {
    apply: decidedChanges(going, plan),
    held: units.filter((unit) => !isCarried(unit, written)).flatMap((unit) => heldOf(unit, holds)),
    released: going.filter((unit) => holds.isReleased(unit)).flatMap(({ ids }) => ids),
  };
}

/** The mark is part of every patch of its record, whatever would hold it alone. */
function isCarried({ kind, change }: Unit, written: ReadonlySet<Unit['change']>): boolean {
  return kind === 'mark' && written.has(change);
}

/** Holds what waits for something held, until nothing more follows from it. */
function settle(plan: Plan, units: readonly Unit[], holds: Holds): void {
  const added = units.filter(isNewVariable);
  const byId = new Map(units.flatMap((unit) => unit.ids.map((id) => [id, unit] as const)));
  for (
    let before = -1, now = 0;
    before !== now;
    now = units.filter((unit) => holds.isHeld(unit)).length
  ) {
    before = now;
    holdAwaits(plan, byId, holds);
    for (const unit of added) if (!holds.isHeld(unit)) holdFull(unit, units, holds);
  }
}

function holdAwaits({ awaits }: Plan, byId: ReadonlyMap<ChangeId, Unit>, holds: Holds): void {
  for (const { changeId, on, held, message } of awaits) {
    const unit = byId.get(changeId);
    const awaited = on === null ? undefined : byId.get(on);
    if (!unit || (awaited && !holds.isHeld(awaited))) continue;
    if (held === 'AwaitsOther') holds.hold(unit, { reason: held, message, releasable: false });
    else
      holds.hold(unit, {
        reason: held,
        message: `${message}: --allow ${changeId}`,
        releasable: true,
      });
  }
}

const full: Hold = {
  reason: 'AwaitsOther',
  message: `a release holds at most ${maxVariables} environment variables, and the removal of another one is held`,
  releasable: false,
};

/** A new variable waits while removals that would make room for it are held. */
function holdFull(unit: Unit, units: readonly Unit[], holds: Holds): void {
  const { change } = unit;
  if (change.scope !== 'release' || change.variableCount + addedTo(change) <= maxVariables) return;
  const going = units.filter((one) => one.change === change && !holds.isHeld(one));
  const added = going.filter(isNewVariable).length;
  const removed = going.filter(isVariableRemoval).length;
  if (change.variableCount + added - removed > maxVariables) holds.hold(unit, full);
}

/** Most variables a change could add. */
function addedTo({ fields }: Unit['change']): number {
  return fields.filter(
    ({ path, write }) => isFieldPath(path) && isVariable(path) && write?.to === 'value',
  ).length;
}

function isNewVariable({ kind, fields: [field] }: Unit): boolean {
  if (kind !== 'field' || !field) return false;
  return isVariable(field.path) && field.before.state === 'unset' && field.write?.to === 'value';
}

function isVariableRemoval({ kind, fields: [field] }: Unit): boolean {
  return (
    kind === 'field' &&
    field !== undefined &&
    isVariable(field.path) &&
    field.write?.to === 'inherit'
  );
}

function heldOf(unit: Unit, holds: Holds): readonly Held[] {
  const hold = holds.reasonOf(unit);
  if (!hold) return [];
  return unit.ids.map((changeId) => ({ changeId, reason: hold.reason, message: hold.message }));
}

/** One entry a change, in the order of writing: fields that gain or change a value, the global change, the rest. */
function decidedChanges(going: readonly Unit[], plan: Plan): readonly DecidedChange[] {
  const byChange = Map.groupBy(going, ({ change }) => change);
  return [...byChange]
    .map(([change, units]) => decidedChange(change, units, plan))
    .toSorted((a, b) => firstStep(a) - firstStep(b));
}

function decidedChange(
  change: Unit['change'],
  units: readonly Unit[],
  { lacks }: Plan,
): DecidedChange {
  const apply = units.filter(({ kind }) => kind !== 'mark').flatMap(({ fields }) => fields);
  const writes = change.action === 'create' || apply.length > 0;
  const mark = !lacks.includes('marks') && (writes ? isMarkSent(change, apply) : true);
  return { change, apply, mark };
}

/** In `PilotTesting` only the base of testers may move; a mark that would stay the same is not sent. */
function isMarkSent({ status, bases }: Unit['change'], apply: DecidedChange['apply']): boolean {
  if (status !== 'PilotTesting') return true;
  return apply.some(
    ({ path, nextBase }) => path === 'testers' && nextBase !== (bases.observed.testers ?? ''),
  );
}

function firstStep({ change, apply }: DecidedChange): number {
  if (change.scope === 'global') return 2;
  if (change.action === 'create') return 3;
  return Math.min(...apply.map(({ step }) => step), apply.length === 0 ? 1 : 3);
}
