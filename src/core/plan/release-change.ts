import type { DesiredRelease } from '../model/desired.ts';
import type { ObservedRelease } from '../model/observed.ts';
import type { Bases, FieldChange, ReleaseChange } from '../model/plan.ts';
import { isVariable, type FieldPath } from '../words/fields.ts';
import type { Action, Reason } from '../words/reasons.ts';
import { isUnderWay } from '../words/statuses.ts';
import { preconditionOf, type Context, type Subject } from './context.ts';
import { compareRelease, type Compared } from './differences.ts';
import { fieldChanges } from './field-changes.ts';
import { changeIdOf, noChangeId } from './identity.ts';
import { isMarkDue, markChange } from './mark-change.ts';
import { planMissing } from './missing.ts';
import { contendedStep, lockedPaths, stepFor, undo } from './sentences.ts';
import { refusedSecrets } from './refused-secrets.ts';
import { standing } from './suspension.ts';
import { variableCount } from './writable.ts';

/** A release's change with what comparing its record found. */
export interface PlannedRelease {
  readonly change: ReleaseChange;
  readonly subject: Subject;
  readonly compared: Compared | undefined;
}

/** What a release comes to, before it is written down as a change. */
interface Verdict {
  readonly action: Action;
  readonly reasons?: readonly Reason[];
  readonly fields?: readonly FieldChange[];
  readonly nextStep?: string | null;
  readonly undo?: string;
  readonly bases?: Bases;
  /** Variables nobody declares, which a next step may ask to remove. */
  readonly room?: readonly FieldPath[];
}

const none: readonly never[] = [];
const noBases: Bases = { observed: {}, settled: {} };

/** The first action of the list that matches; see the steps below, in the order in which they are asked. */
export function planRelease(subject: Subject, context: Context): PlannedRelease {
  const { release, record } = subject;
  const forbidden = forbiddenVerdict(release, context);
  if (forbidden) return planned(subject, forbidden, context);
  if (!record) return planned(subject, missingVerdict(release, context), context);
  if (record.status === 'Canceled') return planned(subject, spentVerdict(release), context);
  const compared = compareRelease(subject, record, context);
  const { bases } = compared;
  const fields = fieldChanges(compared, subject, context);
  const verdict =
    fields.length > 0
      ? differentVerdict({ subject, record, compared, fields }, context)
      : equalVerdict(subject, record, compared, context);
  return { ...planned(subject, { bases, ...verdict }, context), compared };
}

/** 1. Claim, grant, reference, or a platform that refuses us. */
function forbiddenVerdict({ barrier }: DesiredRelease, { observed }: Context): Verdict | undefined {
  const found = barrier ?? observed.refused;
  return found && { action: 'blocked', reasons: [found.reason], nextStep: found.nextStep };
}

/** 2. Spent for ever. */
function spentVerdict({ superseded }: DesiredRelease): Verdict {
  return superseded ? { action: 'settled' } : { action: 'blocked', reasons: ['TargetSpent'] };
}

/** 3. No record. */
function missingVerdict(release: DesiredRelease, context: Context): Verdict {
  const { bases, ...missing } = planMissing(release, context);
  return {
    ...missing,
    bases: { observed: {}, settled: bases },
    ...(missing.action === 'create' ? { undo: undo.create } : {}),
  };
}

interface Different {
  readonly subject: Subject;
  readonly record: ObservedRelease;
  readonly compared: Compared;
  readonly fields: readonly FieldChange[];
}

/** 4 to 7. Something differs. */
function differentVerdict(different: Different, context: Context): Verdict {
  const { record, fields, subject } = different;
  if (isFinal(record)) return { action: 'settled', fields };
  if (fields.some(isWritable)) {
    return subject.mark.owner === 'other'
      ? contendedVerdict(fields, subject)
      : updateVerdict(different, context);
  }
  return lockedVerdict(different);
}

function isFinal({ status }: ObservedRelease): boolean {
  return status === 'GrayscaleRelease' || status === 'FullRelease' || status === 'Archived';
}

/** A list of testers whose surplus cannot be removed is not locked either: somebody else can remove it. */
function isWritable({ locked }: FieldChange): boolean {
  return locked === null;
}

/** 1, once it is known that the record would change: another installation marked it. */
function contendedVerdict(fields: readonly FieldChange[], { mark }: Subject): Verdict {
  return {
    action: 'blocked',
    reasons: ['Contended'],
    nextStep: contendedStep(mark),
    fields: fields.map(({ write: _write, ...field }) => ({
      ...field,
      locked: field.locked ?? 'Contended',
    })),
  };
}

/** 5. Some field can be written. */
function updateVerdict(
  { subject, record, compared, fields }: Different,
  context: Context,
): Verdict {
  const isEditable = record.status === 'NewVersionCreated';
  const withMark = isEditable && isMarkDue(subject.mark, compared.bases, context);
  const locked = fields.flatMap((field) => field.locked ?? []);
  return {
    action: 'update',
    reasons: [...new Set(locked)],
    room: roomOf(compared),
    fields: withMark ? [...fields, markOf(subject, compared.bases, context)] : fields,
    undo: isEditable ? undo.update : undo.pilot,
  };
}

/** 6 and 7. Nothing can be written. */
function lockedVerdict({ record, compared, fields }: Different): Verdict {
  if (record.status === 'NewVersionCreated') {
    const reasons = fields
      .flatMap(({ locked }) => locked ?? [])
      .filter((reason) => reason !== 'Superseded');
    return {
      action: reasons.length > 0 ? 'blocked' : 'settled',
      reasons: [...new Set(reasons)],
      room: roomOf(compared),
      fields,
    };
  }
  const isBlocked = isUnderWay(record.status) && fields.some(({ own }) => own);
  return isBlocked
    ? { action: 'blocked', reasons: ['ConfigLocked'], fields }
    : { action: 'settled', fields };
}

/** 8 and 9. Nothing differs. */
function equalVerdict(
  subject: Subject,
  record: ObservedRelease,
  { bases }: Compared,
  context: Context,
): Verdict {
  if (record.status !== 'NewVersionCreated' || !isMarkDue(subject.mark, bases, context)) {
    return { action: 'unchanged' };
  }
  return { action: 'adopt', fields: [markOf(subject, bases, context)], undo: undo.adopt };
}

function markOf({ release, mark }: Subject, bases: Bases, context: Context): FieldChange {
  return markChange({ key: release.key, mark, bases, origins: release.claims, context });
}

function planned(subject: Subject, verdict: Verdict, context: Context): PlannedRelease {
  const { release, record } = subject;
  const { action, reasons = none, fields = none } = verdict;
  const suspended = standing(release.suspended, context.now);
  const isNothing = action !== 'create' && fields.length === 0;
  const change: ReleaseChange = {
    scope: 'release',
    key: release.key,
    name: release.name,
    action,
    status: record?.status ?? null,
    reasons,
    nextStep: nextStepOf(subject, verdict, context),
    undo: verdict.undo ?? null,
    changeId: isNothing ? noChangeId : changeIdOf(release.key, fields),
    precondition: preconditionOf(record, context),
    fields,
    bases: basesToKeep(verdict, context),
    policy: release.policy,
    ...(suspended ? { suspended } : {}),
    source: release.source,
    origins: release.claims,
    declared: release.config,
    superseded: release.superseded,
    ...recordParts(record, action),
  };
  return { change, subject, compared: undefined };
}

/**
 * Bases are for writing marks, and for the ledger of a platform that stores none; an unchanged record of any other needs
 * neither, and a plan may hold a hundred thousand of them.
 */
function basesToKeep({ action, bases = noBases }: Verdict, { storesMarks }: Context): Bases {
  return action === 'unchanged' && storesMarks ? noBases : bases;
}

/** How an unchanged record is called is never asked, and a plan may hold a hundred thousand of them. */
function recordParts(record: ObservedRelease | undefined, action: Action) {
  if (!record) return { variableCount: 0 };
  const common = { variableCount: variableCount(record.config) };
  if (action === 'unchanged') return common;
  const { id, testQrCode } = record;
  return { ...common, releaseId: id, ...(testQrCode === undefined ? {} : { testQrCode }) };
}

/** One sentence per reason, in the order of the reasons. */
function nextStepOf(
  { release, record }: Subject,
  verdict: Verdict,
  { observed, fingerprints }: Context,
): string | null {
  if (verdict.nextStep !== undefined) return verdict.nextStep;
  const { reasons = [], fields = [], room = [] } = verdict;
  const sentences = reasons.map((reason) => {
    const paths = lockedPaths(fields, reason);
    return stepFor(reason, {
      ...{ key: release.key, status: record?.status ?? null, paths, undeclared: room },
      ...(observed.targets ? { targets: observed.targets } : {}),
      ...(reason === 'SecretUnavailable'
        ? { secrets: refusedSecrets(release, paths, fingerprints) }
        : {}),
    });
  });
  return sentences.length > 0 ? sentences.join(' ') : null;
}

/** Variables that nobody declares and that take up room. */
function roomOf({ undeclared, differences }: Compared): readonly FieldPath[] {
  const cleared = differences.filter(({ verdict }) => verdict.cause === 'undeclared');
  return [...undeclared, ...cleared.map(({ path }) => path)].filter(isVariable);
}
