import type { ResolvedField } from '../model/desired.ts';
import type { ObservedRelease } from '../model/observed.ts';
import type { Base, Bases } from '../model/plan.ts';
import { isFieldPath, type FieldPath, type ObservedValue } from '../words/fields.ts';
import type { Status } from '../words/statuses.ts';
import type { Context, Subject } from './context.ts';
import { noBase } from './mark.ts';
import { judge, type BaseRelation, type Verdict } from './ownership.ts';
import type { HeldBase, Wish } from './sight.ts';

/** A field of an existing record that is not as declared. */
export interface Difference {
  readonly path: FieldPath;
  /** Absent where nobody declares the field any more. */
  readonly wish: Wish | undefined;
  readonly field: ResolvedField | undefined;
  readonly observed: ObservedValue | undefined;
  readonly held: HeldBase | undefined;
  readonly verdict: Verdict;
  /** Its secret cannot be had, so that nothing can be said of its value. */
  readonly isSecretUnavailable: boolean;
}

/** What comparing a record with its declaration yields. */
export interface Compared {
  readonly differences: readonly Difference[];
  /** Set by somebody in a field that nobody declares, and left alone. */
  readonly undeclared: readonly FieldPath[];
  readonly unverified: readonly FieldPath[];
  /** Equal by the base alone, since the platform does not show them: their drift cannot be seen. */
  readonly unseen: readonly FieldPath[];
  readonly bases: Bases;
}

type MutableBases = Partial<Record<FieldPath, Base>>;

interface Findings {
  readonly differences: Difference[];
  readonly undeclared: FieldPath[];
  readonly unverified: FieldPath[];
  readonly unseen: FieldPath[];
  readonly observedBases: MutableBases;
  readonly settledBases: MutableBases;
}

/** Compares a record with its declaration, field by field. */
export function compareRelease(
  subject: Subject,
  record: ObservedRelease,
  context: Context,
): Compared {
  const findings: Findings = {
    differences: [],
    undeclared: [],
    unverified: [],
    unseen: [],
    observedBases: {},
    settledBases: {},
  };
  const step = { subject, record, context, findings };
  for (const path of pathsIn(subject.release.config)) compareDeclared(path, step);
  for (const path of pathsIn(record.config)) {
    if (subject.release.config[path] === undefined) compareUndeclared(path, step);
  }
  const { observedBases, settledBases, ...rest } = findings;
  return { ...rest, bases: basesOf(subject, context, { observedBases, settledBases }) };
}

function basesOf(
  { mark }: Subject,
  { sight }: Context,
  { observedBases, settledBases }: Pick<Findings, 'observedBases' | 'settledBases'>,
): Bases {
  const bases = { observed: observedBases, settled: settledBases };
  const keyId = mark.parsed?.keyId;
  return sight.key === undefined && keyId !== undefined && mark.owner !== 'other'
    ? { ...bases, keyId }
    : bases;
}

interface Step {
  readonly subject: Subject;
  readonly record: ObservedRelease;
  readonly context: Context;
  readonly findings: Findings;
}

function compareDeclared(path: FieldPath, { subject, record, context, findings }: Step): void {
  const { release, mark } = subject;
  const field = release.config[path];
  const seen = observedSide(path, record);
  const held = context.marks.heldBase(mark, path);
  const kept = keep(path, subject, context, findings);
  if (!field || !seen.known) return;
  const { observed } = seen;
  const wish: Wish = { path, value: field.value, source: release.source };
  const side = { path, observed, held };
  const compared = context.sight.compare(wish, observed, held);
  if (compared === 'unverified') {
    findings.unverified.push(path);
    return;
  }
  const isSecretUnavailable = compared === 'unavailable';
  if (isSecretUnavailable && record.status !== 'NewVersionCreated') return;
  const base = relation(subject, () => context.sight.relate(wish, side));
  const verdict = judge({
    declared: true,
    set: observed !== undefined,
    equal: compared === 'equal',
    base,
  });
  if (compared === 'equal') {
    if (observed?.kind === 'hidden') findings.unseen.push(path);
    findings.settledBases[path] = context.sight.desiredBase(wish) ?? noBase;
    return;
  }
  if (kept)
    findings.settledBases[path] =
      context.sight.renewed(wish, { path, observed, held: kept }) ?? kept.base;
  findings.differences.push({ path, wish, field, observed, held, verdict, isSecretUnavailable });
}

function compareUndeclared(path: FieldPath, { subject, record, context, findings }: Step): void {
  const observed = record.config[path];
  const kept = keep(path, subject, context, findings);
  // What another installation wrote stays when its record is taken over: we never declared it.
  const held =
    subject.mark.owner === 'takenOver' ? undefined : context.marks.heldBase(subject.mark, path);
  const side = { path, observed, held };
  const base = relation(subject, () => context.sight.relate(undefined, side));
  const verdict = judge({ declared: false, set: observed !== undefined, equal: false, base });
  const isCleared = verdict.cause === 'undeclared' && subject.release.policy.undeclared === 'Clear';
  if (verdict.write === null && !isCleared) {
    findings.settledBases[path] = noBase;
    if (verdict.cause === 'undeclared') findings.undeclared.push(path);
    return;
  }
  if (kept)
    findings.settledBases[path] =
      context.sight.renewed(undefined, { path, observed, held: kept }) ?? kept.base;
  findings.differences.push({
    path,
    wish: undefined,
    field: undefined,
    observed,
    held,
    verdict: isCleared ? { ...verdict, write: 'inherit' } : verdict,
    isSecretUnavailable: false,
  });
}

/** Notes the base the record's mark holds, as the one that stays. */
function keep(
  path: FieldPath,
  { mark }: Subject,
  { marks }: Context,
  { observedBases, settledBases }: Findings,
): HeldBase | undefined {
  const kept = marks.keptBase(mark, path);
  if (!kept) return undefined;
  observedBases[path] = kept.base;
  settledBases[path] = kept.base;
  return kept;
}

function relation({ mark }: Subject, relate: () => BaseRelation): BaseRelation {
  return mark.owner === 'nobody' || mark.owner === 'other' ? 'noMark' : relate();
}

type Seen =
  | { readonly known: true; readonly observed: ObservedValue | undefined }
  | { readonly known: false };

/** Where a declared field is read: release-specific while it can be edited, later what was frozen at applying. */
function observedSide(path: FieldPath, { status, config, frozen }: ObservedRelease): Seen {
  if (isReadFromConfig(path, status)) return { known: true, observed: config[path] };
  return frozen ? { known: true, observed: frozen[path] } : { known: false };
}

function isReadFromConfig(path: FieldPath, status: Status): boolean {
  return status === 'NewVersionCreated' || (status === 'PilotTesting' && path === 'testers');
}

function pathsIn(config: Readonly<Partial<Record<FieldPath, unknown>>>): FieldPath[] {
  return Object.keys(config).filter(isFieldPath);
}
