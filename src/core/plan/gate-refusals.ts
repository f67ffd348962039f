import type { AskingGate, Plan } from '../model/plan.ts';
import { percentFloor, type Gates } from '../model/policy.ts';
import { releaseId, type ReleaseKey } from '../words/keys.ts';
import { isFieldPath } from '../words/fields.ts';
import { planChangeId } from './identity.ts';
import { allow } from './policy-hold.ts';
import type { Hold, Unit } from './unit.ts';

export interface GateInput {
  readonly plan: Plan;
  readonly gates: Gates;
  readonly programsInCommit: number | undefined;
}

export interface Refusal {
  readonly unit: Unit;
  readonly hold: Hold;
}

/**
 * What the gates say of everything that policy lets pass, approved or not: numbers are those of the whole, so that
 * approving in slices slips nothing past them. The mark counts in none.
 */
export function gateRefusals(candidates: readonly Unit[], input: GateInput): readonly Refusal[] {
  const counted = candidates.filter(({ kind }) => kind !== 'mark');
  const messages = [
    ...changesMessage(counted, input),
    ...percentMessage(counted, input),
    ...programsMessage(input),
  ];
  const all = counted.flatMap((unit) => messages.map((message) => refusal(unit, message)));
  return [...counted.flatMap((unit) => asked(unit, input.gates)), ...all];
}

function refusal(unit: Unit, message: string): Refusal {
  return { unit, hold: { reason: 'GateRefused', message, releasable: true } };
}

function changesMessage(counted: readonly Unit[], { plan, gates }: GateInput): readonly string[] {
  const changes = countChanges(counted);
  if (gates.maxChanges === 'off' || changes <= gates.maxChanges) return [];
  const what = changes === 1 ? '1 change is' : `${changes} changes are`;
  return [`${what} more than maxChanges ${gates.maxChanges}: ${allowAll(plan)}`];
}

/** A record counts once; a global field as often as there are releases that inherit it, and at least once. */
function countChanges(counted: readonly Unit[]): number {
  const records = new Set(
    counted.filter(({ change }) => change.scope === 'release').map(({ change }) => change),
  );
  const reached = counted
    .flatMap((unit) => globalReach(unit))
    .map((keys) => Math.max(1, keys.length));
  return records.size + reached.reduce((sum, count) => sum + count, 0);
}

function globalReach({ change, fields }: Unit): readonly (readonly ReleaseKey[])[] {
  if (change.scope !== 'global') return [];
  return fields.map(({ path }) => (isFieldPath(path) ? (change.reach[path] ?? []) : []));
}

function percentMessage(counted: readonly Unit[], { plan, gates }: GateInput): readonly string[] {
  if (gates.maxPercent === 'off' || plan.existing < percentFloor) return [];
  const changed = effectivelyChanged(counted, plan);
  // Compared as integers: 30 % of 10 is 3 releases exactly.
  if (changed * 100 <= gates.maxPercent * plan.existing) return [];
  const percent = Math.floor((changed * 100) / plan.existing);
  return [
    `${changed} of ${plan.existing} existing releases change (${percent} %), more than maxPercent ${gates.maxPercent}: ${allowAll(plan)}`,
  ];
}

function effectivelyChanged(counted: readonly Unit[], { changes }: Plan): number {
  const declared = new Set(changes.map(({ key }) => releaseId(key)));
  const own = counted
    .filter(({ kind, fields }) => kind === 'field' && fields.some(({ effective }) => effective))
    .flatMap(({ change }) => (change.scope === 'release' ? [change.key] : []));
  const inherited = counted
    .filter(({ fields }) => fields.some(({ effective }) => effective))
    .flatMap((unit) => globalReach(unit).flat());
  const ids = [...own, ...inherited].map((key) => releaseId(key));
  return new Set(ids.filter((id) => declared.has(id))).size;
}

function programsMessage({ plan, gates, programsInCommit }: GateInput): readonly string[] {
  if (gates.maxPrograms === 'off' || programsInCommit === undefined) return [];
  if (programsInCommit <= gates.maxPrograms) return [];
  return [
    `the commit changes ${programsInCommit} programs, more than maxPrograms ${gates.maxPrograms}: ${allowAll(plan)}`,
  ];
}

const questions = {
  clearTesters: 'clears all testers',
  clearDomains: 'clears all domains of this list',
  productionPayee: 'changes who gets paid in Production',
} as const satisfies Record<AskingGate, string>;

function asked(unit: Unit, gates: Gates): readonly Refusal[] {
  if (unit.kind === 'create') return askedCreate(unit, gates);
  return unit.fields.flatMap(({ asks, path, changeId }) =>
    asks && gates[asks] === 'ask'
      ? [refusal(unit, `${path}: ${questions[asks]} (gate ${asks}): ${allow(changeId)}`)]
      : [],
  );
}

/** A create changes nothing yet; but released, this one would pay somebody else than the version that is live. */
function askedCreate(unit: Unit, { productionPayee }: Gates): readonly Refusal[] {
  const { change } = unit;
  if (change.scope !== 'release' || !change.newPayee || productionPayee === 'off') return [];
  const live = change.live?.version ?? 'what is live';
  const message = `${change.newPayee.join(', ')}: ${questions.productionPayee}, other than ${live} (gate productionPayee): ${allow(change.changeId)}`;
  return [refusal(unit, message)];
}

function allowAll(plan: Plan): string {
  return allow(planChangeId([plan]));
}
