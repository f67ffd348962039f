import type { Trouble } from '../model/controller.ts';
import type { Barrier } from '../model/desired.ts';
import type { Change, ChangeId, FieldChange, Held } from '../model/plan.ts';
import { unitIds } from '../plan/identity.ts';
import { parted } from '../render/held.ts';
import { isVariable, variableName } from '../words/fields.ts';
import { programId, releaseId } from '../words/keys.ts';
import type { Reason } from '../words/reasons.ts';
import { isUnderWay } from '../words/statuses.ts';
import type { Carried, PassResult } from './report.ts';
import { rowOf } from './reasons.ts';
import { capital, plain, sentence } from './texts.ts';
import { standingOfHeld, standings, type View } from './view.ts';

type Planned = Extract<PassResult, { state: 'planned' }>;

/** A pass with what is looked up for each of its changes. */
export interface Judge {
  /** @param before  what was said of it before: of what was refused for good that stays true while it rests */
  readonly of: (change: Change, barrier: Barrier | undefined, before: View) => View;
  /** The record as a write of this pass left it. */
  readonly carried: (change: Change) => Carried | undefined;
}

export function createJudge(planned: Planned): Judge {
  const { decision, outcomes, rests } = planned;
  const held = new Map(decision.held.map((one) => [one.changeId, one]));
  const byKey = new Map(outcomes.map((outcome) => [keyOf(outcome.change), outcome]));
  const going = new Map(decision.apply.map((one) => [keyOf(one.change), one]));
  const isWritten = ({ action }: Change) =>
    action === 'create' || action === 'update' || action === 'adopt';

  function carried(change: Change): Carried | undefined {
    return isWritten(change) ? byKey.get(keyOf(change)) : undefined;
  }

  return {
    carried,
    of(change, barrier, before) {
      if (!isWritten(change)) return still(change, barrier);
      const parts = [
        ...lockedViews(change),
        ...heldViews(change, held),
        ...(going.has(keyOf(change))
          ? [goingView(change, { outcome: carried(change), rests, before })]
          : []),
      ];
      const view = worst(parts);
      return { ...view, action: view.standing === 'done' ? 'unchanged' : change.action };
    },
  };
}

/** The view that has to be told first. */
function worst(views: readonly View[]): View {
  return views.toSorted(byUrgency)[0] ?? { standing: 'done' };
}

/** What only a person can change first, then by standing. */
export function byUrgency(a: View, b: View): number {
  return urgency(a) - urgency(b);
}

function urgency({ standing, reason }: View): number {
  const isStalled = reason !== undefined && rowOf(reason).beside === 'Stalled';
  return standings.indexOf(standing) - (isStalled ? standings.length : 0);
}

function keyOf({ key, scope }: Change): string {
  return scope === 'release' ? releaseId(key) : programId(key);
}

/** Nothing is written: what the plan says is all. */
function still(change: Change, barrier: Barrier | undefined): View {
  const { action, suspended } = change;
  if (action === 'blocked' || action === 'waiting') return barred(change, barrier);
  const isSettled = action === 'settled' && change.fields.length > 0;
  return {
    standing: 'done',
    action,
    ...(isSettled ? { isSettled } : {}),
    ...(suspended
      ? {
          reason: 'Suspended',
          says: sentence(`suspended: ${plain(suspended.reason)}`),
          ...placed(suspended.place),
        }
      : {}),
  };
}

/** What forbids it, where nothing was planned. */
export function barrierView({ reason, message, nextStep, places }: Barrier): View {
  return {
    ...{ standing: 'blocked', action: 'blocked', reason },
    says: told(message, nextStep),
    ...placed(places[0]),
  };
}

function barred(change: Change, barrier: Barrier | undefined): View {
  const { action, reasons, nextStep } = change;
  const reason = reasons.find((one) => rowOf(one).beside === 'Stalled') ?? reasons[0];
  const isBarrier = barrier !== undefined && barrier.reason === reason;
  const what = isBarrier ? barrier.message : whats(change);
  const place = isBarrier ? barrier.places[0] : undefined;
  return {
    standing: action === 'waiting' ? 'waiting' : 'blocked',
    action,
    ...(reason === undefined ? {} : { reason }),
    says: told(what, nextStep),
    ...placed(place ?? placeOf(change, reason)),
  };
}

/** Reasons whose next step begins with what is the matter. */
const saidByStep: ReadonlySet<Reason> = new Set<Reason>([
  ...(['TargetSpent', 'TargetUnavailable', 'MiniProgramNotFound', 'Contended'] as const),
  ...(['VariablesUnavailable', 'VariablesLimit', 'DomainsNotGranted'] as const),
]);

function whats({ action, reasons, status }: Change): string {
  const unsaid = reasons.filter((reason) =>
    // Under review the step begins with the withdrawal, later with what cannot be edited.
    reason === 'ConfigLocked' ? status === 'UnderReview' : !saidByStep.has(reason),
  );
  return unsaid
    .map((reason) =>
      reason === 'VersionNotUploaded' && action === 'blocked' ? stillMissing : rowOf(reason).what,
    )
    .join(', and ');
}

const stillMissing = 'the version is still not uploaded, a day after it was declared';

/** What is the matter, and what to do, as sentences. */
export function told(what: string, nextStep: string | null | undefined): string {
  return [what, nextStep ?? '']
    .map(plain)
    .filter((text) => text !== '')
    .map((text, index) => sentence(index === 0 ? text : capital(text)))
    .join(' ');
}

/** Where the field stands that the reason is about; else where the target does. */
function placeOf({ fields, origins }: Change, reason: string | undefined) {
  const field = fields.find(({ locked }) => locked === reason);
  return field?.origins.at(-1) ?? origins[0];
}

function placed(place: View['place']): Pick<View, 'place'> {
  return place ? { place } : {};
}

/**
 * Fields of an update that cannot be written. In `NewVersionCreated` they are missing on the platform; later only what
 * the release declares itself is.
 */
function lockedViews(change: Change): readonly View[] {
  const locked = change.fields.filter((field) => isMissing(change, field));
  const reasons = [...new Set(locked.flatMap((field) => field.locked ?? []))];
  return reasons.map((reason) => ({
    standing: 'blocked',
    reason,
    says: told(
      saidByStep.has(reason)
        ? ''
        : `${names(locked.filter((field) => field.locked === reason))}: ${rowOf(reason).what}`,
      change.nextStep,
    ),
    ...placed(placeOf(change, reason)),
  }));
}

function isMissing({ status, scope }: Change, { locked, own }: FieldChange): boolean {
  if (locked === null || locked === 'Superseded') return false;
  if (scope === 'global' || status === 'NewVersionCreated') return true;
  return status !== null && isUnderWay(status) && own;
}

interface HeldUnit {
  readonly one: Held;
  readonly ids: readonly ChangeId[];
  readonly fields: readonly FieldChange[];
}

/** What is held, each reason once. */
function heldViews(change: Change, held: ReadonlyMap<ChangeId, Held>): readonly View[] {
  const units = heldUnits(change, held);
  const open = units.filter(({ one }) => isReleasable(one));
  return [...Map.groupBy(units, ({ one }) => one.reason).values()].flatMap((same) => {
    const releasable = same.filter(({ one }) => isReleasable(one));
    const isAll = releasable.length > 1 && releasable.length === open.length;
    const ids = isAll ? [change.changeId] : releasable.flatMap((unit) => unit.ids);
    return heldView(change, same, ids);
  });
}

/** A create is one unit, whatever fields it has; a mark beside fields is nothing people ask about. */
function heldUnits(change: Change, held: ReadonlyMap<ChangeId, Held>): readonly HeldUnit[] {
  const { action, fields, changeId } = change;
  if (action === 'create' || fields.every(({ path }) => path === 'mark')) {
    const one = unitIds(change)
      .flatMap((id) => held.get(id) ?? [])
      .at(0);
    return one ? [{ one, ids: [changeId], fields: [] }] : [];
  }
  return fields.flatMap((field) => {
    const one = field.path === 'mark' ? undefined : held.get(field.changeId);
    return one ? [{ one, ids: [field.changeId], fields: [field] }] : [];
  });
}

/** What an approval would lift says how on a command line. */
export function isReleasable({ message }: Held): boolean {
  return parted(message).id !== undefined;
}

function heldView(
  change: Change,
  units: readonly HeldUnit[],
  approvals: readonly ChangeId[],
): readonly View[] {
  const [first] = units;
  if (!first) return [];
  const { one } = first;
  const fields = units.flatMap((unit) => unit.fields);
  const why = plain(parted(one.message, first.fields[0]?.path).why);
  return [
    {
      standing: standingOfHeld(one.reason),
      reason: one.reason,
      says: sentence(fields.length === 0 ? why : `${names(fields)}: ${why}`),
      ...(approvals.length === 0 ? {} : { approvals }),
      ...placed(heldPlace(change, one.reason, fields[0])),
    },
  ];
}

function heldPlace(
  { suspended, origins }: Change,
  reason: string,
  field: FieldChange | undefined,
): View['place'] {
  if (reason === 'Suspended') return suspended?.place;
  return field?.origins.at(-1) ?? origins[0];
}

interface Going {
  readonly outcome: Carried | undefined;
  readonly rests: boolean;
  readonly before: View;
}

function goingView(change: Change, { outcome, rests, before }: Going): View {
  if (rests && before.standing === 'failed') return { ...before, ...placed(change.origins[0]) };
  switch (outcome?.result) {
    case 'applied':
      return outcome.left.length === 0 ? { standing: 'done' } : progressing(change);
    case 'failed':
      return failedView(outcome.error, change.origins[0]);
    case 'skipped':
      return progressing(change, outcome.why);
    case undefined:
      return progressing(change);
  }
}

function progressing({ action }: Change, why?: string): View {
  const what = { create: 'the release is being created', adopt: 'its mark is being written' };
  const doing = action === 'create' || action === 'adopt' ? what[action] : 'it is being updated';
  return {
    standing: 'progressing',
    reason: 'Progressing',
    says: sentence(why === undefined ? doing : `${doing}; not yet written: ${plain(why)}`),
  };
}

/** A failure with the place that may have to be changed: of what passes by itself there is none. */
export function failedView(trouble: SaidTrouble, place: View['place']): View {
  const view = troubleView(trouble);
  return { ...view, ...(rowOf(trouble.code).beside === 'Stalled' ? placed(place) : {}) };
}

type SaidTrouble = Pick<Trouble, 'code' | 'message'> & { readonly nextStep?: string | undefined };

/** A failure of the world, in words that stay the same while it is so. */
export function troubleView({ code, message, nextStep }: SaidTrouble): View {
  return { standing: 'failed', reason: code, says: told(message, nextStep) };
}

function names(fields: readonly FieldChange[]): string {
  const all = fields.map(({ path }) =>
    path !== 'mark' && isVariable(path) ? (variableName(path) ?? path) : path,
  );
  return all.length > 3
    ? `${all.slice(0, 2).join(', ')} and ${all.length - 2} more`
    : all.join(', ');
}
