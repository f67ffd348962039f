import type { ResolvedField } from '../model/desired.ts';
import type { ObservedRelease } from '../model/observed.ts';
import type { Base, Bases } from '../model/plan.ts';
import { isFieldPath, type FieldPath } from '../words/fields.ts';
import { compareText } from '../words/keys.ts';
import type { Status } from '../words/statuses.ts';
import type { Context, Subject } from './context.ts';
import { noBase } from './mark.ts';
import { judge, type BaseRelation, type Verdict } from './ownership.ts';
import type { ObservedSide } from './base-work.ts';
import type { Wish } from './sight.ts';

/** A field of an existing record that is not as declared. */
export interface Difference extends ObservedSide {
  /** Absent where nobody declares the field any more. */
  readonly wish: Wish | undefined;
  readonly field: ResolvedField | undefined;
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

/** What one field comes to. */
interface Finding {
  readonly path: FieldPath;
  readonly kind:
    'equal' | 'unseen' | 'unknown' | 'unverified' | 'undeclared' | 'gone' | 'different';
  /** Its base in the next mark, as long as the field itself is not written. */
  readonly base: Base;
  readonly difference?: Difference;
}

/** Compares a record with its declaration, field by field. */
export function compareRelease(
  subject: Subject,
  record: ObservedRelease,
  context: Context,
): Compared {
  const { config } = subject.release;
  const step = { subject, record, context };
  const findings = pathsIn(config).map((path) => judgeDeclared(path, step));
  for (const path of pathsIn(record.config)) {
    if (config[path] === undefined) findings.push(judgeUndeclared(path, step));
  }
  findings.sort((a, b) => compareText(a.path, b.path));
  return gathered(findings, subject, context);
}

/** One pass over the findings: most releases are unchanged, and there are many. */
function gathered(findings: readonly Finding[], { mark }: Subject, context: Context): Compared {
  const { marks, sight } = context;
  const observed: Partial<Record<FieldPath, Base>> = {};
  const settled: Partial<Record<FieldPath, Base>> = {};
  const differences: Difference[] = [];
  const lists: Lists = { undeclared: [], unverified: [], unseen: [] };
  for (const { path, base, kind, difference } of findings) {
    const kept = marks.keptBase(mark, path);
    if (kept) observed[path] = kept.base;
    if (base !== noBase) settled[path] = base;
    if (difference) differences.push(difference);
    if (isListed(kind)) lists[kind].push(path);
  }
  const keyId = mark.owner === 'other' ? undefined : mark.parsed?.keyId;
  const isOffline = sight.keyId === undefined && keyId !== undefined;
  const bases = isOffline ? { observed, settled, keyId } : { observed, settled };
  return { differences, ...lists, bases };
}

type Listed = 'undeclared' | 'unverified' | 'unseen';
type Lists = Readonly<Record<Listed, FieldPath[]>>;

function isListed(kind: Finding['kind']): kind is Listed {
  return kind === 'undeclared' || kind === 'unverified' || kind === 'unseen';
}

interface Step {
  readonly subject: Subject;
  readonly record: ObservedRelease;
  readonly context: Context;
}

function judgeDeclared(path: FieldPath, step: Step): Finding {
  const { subject, record, context } = step;
  const field = subject.release.config[path];
  const side = declaredSide(path, step);
  if (!field || !side) return { path, kind: 'unknown', base: keptBase(path, undefined, step) };
  const wish: Wish = { path, value: field.value, source: subject.release.source };
  const compared = context.sight.compare(wish, side);
  if (compared === 'equal') {
    const kind = side.observed?.kind === 'hidden' ? 'unseen' : 'equal';
    return { path, kind, base: context.sight.desiredBase(wish) ?? noBase };
  }
  const base = keptBase(path, wish, step);
  if (compared === 'unverified') return { path, kind: 'unverified', base };
  const isSecretUnavailable = compared === 'unavailable';
  if (isSecretUnavailable && record.status !== 'NewVersionCreated')
    return { path, kind: 'unknown', base };
  const verdict = judge({
    declared: true,
    set: side.observed !== undefined,
    equal: false,
    base: relation(wish, side, step),
  });
  const difference: Difference = { ...side, wish, field, verdict, isSecretUnavailable };
  return { path, kind: 'different', base, difference };
}

function judgeUndeclared(path: FieldPath, step: Step): Finding {
  const { subject, record, context } = step;
  // What another installation wrote stays when its record is taken over: we never declared it.
  const isTheirs = subject.mark.owner === 'takenOver';
  const held = isTheirs ? undefined : context.marks.heldBase(subject.mark, path);
  const side: ObservedSide = { path, observed: record.config[path], held };
  const verdict = judge({
    declared: false,
    set: side.observed !== undefined,
    equal: false,
    base: relation(undefined, side, step),
  });
  const isCleared = verdict.cause === 'undeclared' && subject.release.policy.undeclared === 'Clear';
  if (verdict.write === null && !isCleared) {
    return { path, kind: verdict.cause === 'undeclared' ? 'undeclared' : 'gone', base: noBase };
  }
  const difference: Difference = {
    ...side,
    wish: undefined,
    field: undefined,
    verdict: { ...verdict, write: 'inherit' },
    isSecretUnavailable: false,
  };
  return { path, kind: 'different', base: keptBase(path, undefined, step), difference };
}

/** The base the mark holds, as it stays; one that cannot be read under a foreign key is none. */
function keptBase(
  path: FieldPath,
  wish: Wish | undefined,
  { subject, record, context }: Step,
): Base {
  const { marks, sight } = context;
  const { mark } = subject;
  const held = mark.hasForeignKey ? marks.heldBase(mark, path) : marks.keptBase(mark, path);
  const renewed = sight.renewed(wish, { path, observed: record.config[path], held });
  return renewed ?? noBase;
}

function relation(
  wish: Wish | undefined,
  side: ObservedSide,
  { subject, context }: Step,
): BaseRelation {
  const { owner } = subject.mark;
  return owner === 'nobody' || owner === 'other' ? 'noMark' : context.sight.relate(wish, side);
}

/**
 * Where a declared field is read: release-specific while it can be edited, later what was frozen at applying; undefined
 * where the platform does not say.
 */
function declaredSide(
  path: FieldPath,
  { subject, record, context }: Step,
): ObservedSide | undefined {
  const { status, config, frozen } = record;
  const source = isReadFromConfig(path, status) ? config : frozen;
  if (!source) return undefined;
  return { path, observed: source[path], held: context.marks.heldBase(subject.mark, path) };
}

function isReadFromConfig(path: FieldPath, status: Status): boolean {
  return status === 'NewVersionCreated' || (status === 'PilotTesting' && path === 'testers');
}

function pathsIn(config: Readonly<Partial<Record<FieldPath, unknown>>>): FieldPath[] {
  return Object.keys(config).filter(isFieldPath);
}
