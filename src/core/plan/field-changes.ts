import type { FieldChange, FieldWrite, Shown } from '../model/plan.ts';
import { isField, isVariable, pathsOf, type FieldPath } from '../words/fields.ts';
import type { Cause, Reason } from '../words/reasons.ts';
import type { Context, Subject } from './context.ts';
import type { Compared, Difference } from './differences.ts';
import { askingGate, isEffective } from './effect.ts';
import { effectiveOf, showInherited } from './global-view.ts';
import { fieldChangeId } from './identity.ts';
import { noBase } from './mark.ts';
import { pilotTesters, type PilotTesters } from './pilot-testers.ts';
import { exceedsVariables, isOwn, lockOf } from './writable.ts';

/** The field changes of an existing record, in the order people read fields. */
export function fieldChanges(
  { differences }: Compared,
  subject: Subject,
  context: Context,
): readonly FieldChange[] {
  const ordered = inReadingOrder(differences);
  const locks = ordered.map((difference) => lockOf(difference, subject, context));
  const isFull = exceedsVariables(ordered, locks, subject);
  return ordered.map((difference, i) =>
    fieldChange({ difference, subject, context, locked: locks[i] ?? limitOf(difference, isFull) }),
  );
}

function limitOf({ path, observed, verdict }: Difference, isFull: boolean): Reason | null {
  const isNew = isVariable(path) && !observed && verdict.write === 'value';
  return isFull && isNew ? 'VariablesLimit' : null;
}

function inReadingOrder(differences: readonly Difference[]): readonly Difference[] {
  if (differences.length < 2) return differences;
  const byPath = new Map(differences.map((one) => [one.path, one]));
  return pathsOf(Object.fromEntries(byPath)).flatMap((path) => byPath.get(path) ?? []);
}

interface Parts {
  readonly difference: Difference;
  readonly subject: Subject;
  readonly context: Context;
  readonly locked: Reason | null;
}

function fieldChange(parts: Parts): FieldChange {
  const { difference, subject, context, locked } = parts;
  const { path, field, held } = difference;
  const base = held?.base ?? noBase;
  const written = writeOf(parts);
  const before = shownBefore(difference, subject, context);
  const after = shownAfter(parts, written);
  const cause: Cause = difference.verdict.cause ?? 'declaration';
  return {
    path,
    before,
    after,
    sensitive: isSensitive(path, before, after),
    cause,
    changeId: fieldChangeId({ key: subject.release.key, path, before, after, base }),
    locked,
    ...(locked === null && written.write ? { write: written.write } : {}),
    nextBase: written.keepsBase ? base : nextBase(difference, context),
    step: stepOf(difference),
    ...(written.surplus > 0 ? { surplus: written.surplus } : {}),
    own: isOwn(difference, subject),
    ...effectOf(parts, before, after),
    origins: field?.origins ?? [],
  };
}

interface Written {
  readonly write: FieldWrite | undefined;
  readonly surplus: number;
  /** A union with what was found is not what is declared, so that the old base stays. */
  readonly keepsBase: boolean;
}

const inherit: Written = { write: { to: 'inherit' }, surplus: 0, keepsBase: false };

function writeOf({ difference, subject }: Parts): Written {
  const { wish, verdict, path } = difference;
  if (subject.record?.status === 'PilotTesting' && path === 'testers')
    return pilotWrite(pilotTesters(difference));
  if (!wish || verdict.write === 'inherit') return inherit;
  return { write: { to: 'value', value: wish.value }, surplus: 0, keepsBase: false };
}

function pilotWrite({ write, surplus }: PilotTesters): Written {
  if (write === 'inherit') return inherit;
  if (write === null) return { write: undefined, surplus, keepsBase: true };
  return {
    write: { to: 'value', value: { kind: 'list', items: write.items } },
    surplus,
    keepsBase: surplus > 0,
  };
}

function nextBase({ wish }: Difference, { sight }: Context) {
  return (wish && sight.desiredBase(wish)) ?? noBase;
}

function stepOf({ path, verdict }: Difference): FieldChange['step'] {
  return verdict.write === 'inherit' && isField(path) ? 3 : 1;
}

function shownBefore(
  { path, wish, observed }: Difference,
  { record }: Subject,
  { sight, global }: Context,
): Shown {
  const inherits = !observed && record?.status === 'NewVersionCreated';
  return inherits ? showInherited(path, global.today) : sight.showObserved(path, observed, wish);
}

function shownAfter({ difference, context }: Parts, { write, surplus }: Written): Shown {
  const { path, wish, observed } = difference;
  if (write?.to === 'value' && write.value.kind === 'list')
    return { state: 'value', value: write.value.items };
  if (!write && surplus > 0) return context.sight.showObserved(path, observed, wish);
  return wish ? context.sight.showDesired(wish) : showInherited(path, context.global.planned);
}

/** A variable's value is a secret unless both sides are public: a declared literal, or nothing. */
function isSensitive(path: FieldPath, before: Shown, after: Shown): boolean {
  const isPublic = ({ state }: Shown): boolean => state === 'value' || state === 'unset';
  return isVariable(path) && !(isPublic(before) && isPublic(after));
}

function effectOf({ difference, subject, context }: Parts, before: Shown, after: Shown) {
  const { path } = difference;
  if (!isField(path)) return { effective: true };
  const { global } = context;
  const effect = {
    path,
    before: before.state === 'inherited' ? global.today(path) : effectiveOf(before),
    after: after.state === 'inherited' ? global.planned(path) : effectiveOf(after),
    environments: [subject.release.key.environment],
  };
  return { effective: isEffective(effect.before, effect.after), ...askingGate(effect) };
}
