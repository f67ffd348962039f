import type { DesiredGlobal } from '../model/desired.ts';
import type { Bases, FieldChange, GlobalChange } from '../model/plan.ts';
import { isField, type Field } from '../words/fields.ts';
import { programId } from '../words/keys.ts';
import type { Action, Reason } from '../words/reasons.ts';
import { preconditionOf, type Context, type Subject } from './context.ts';
import { askingGate, isEffective } from './effect.ts';
import { compareGlobal, type GlobalCompared, type GlobalDifference } from './global-differences.ts';
import { changeIdOf, fieldChangeId, noChangeId } from './identity.ts';
import { isMarkDue, markChange } from './mark-change.ts';
import { noBase } from './mark.ts';
import { followers, reachOf, strictest } from './reach.ts';
import { contendedStep, globalStep, undo } from './sentences.ts';
import { isDomainField, lacksDomains } from './writable.ts';
import { standing } from './suspension.ts';

/** The global changes of a program: what counts first, other sources' declarations, blocked, after it. */
export interface PlannedGlobal {
  readonly changes: readonly GlobalChange[];
  readonly compared: GlobalCompared | undefined;
}

interface Verdict {
  readonly action: Action;
  readonly reasons?: readonly Reason[];
  readonly fields?: readonly FieldChange[];
  readonly nextStep?: string | null;
  readonly undo?: string;
  readonly bases?: Bases;
}

/** @param subjects  every desired release with its record, which tell whom a global value reaches */
export function planGlobal(subjects: readonly Subject[], context: Context): PlannedGlobal {
  const { desired, rivals } = context.global;
  const blocked = rivals.map((rival) => globalChange(rival, barred(rival), context));
  if (!desired) return { changes: [], compared: undefined };
  const { verdict, compared } = verdictOf(desired, subjects, context);
  const counting = verdict ? [globalChange(desired, verdict, context, subjects)] : [];
  return { changes: [...counting, ...blocked], compared };
}

interface Judged {
  /** Undefined where nothing is to be done or said. */
  readonly verdict: Verdict | undefined;
  readonly compared: GlobalCompared | undefined;
}

function verdictOf(desired: DesiredGlobal, subjects: readonly Subject[], context: Context): Judged {
  const { observed, global } = context;
  const found = desired.barrier ?? observed.refused;
  if (found) {
    const verdict: Verdict = {
      action: 'blocked',
      reasons: [found.reason],
      nextStep: found.nextStep,
    };
    return { verdict, compared: undefined };
  }
  if (observed.existence === 'missing') {
    const reasons: readonly Reason[] = ['MiniProgramNotFound'];
    return { verdict: { action: 'waiting', reasons }, compared: undefined };
  }
  if (!global.record) return { verdict: undefined, compared: undefined };
  const compared = compareGlobal(desired, global.record, context);
  return { verdict: comparedVerdict(desired, compared, subjects, context), compared };
}

function comparedVerdict(
  desired: DesiredGlobal,
  compared: GlobalCompared,
  subjects: readonly Subject[],
  context: Context,
): Verdict | undefined {
  const { bases } = compared;
  const fields = compared.differences.map((one) => fieldChange(one, desired, subjects, context));
  const mark = isMarkDue(context.globalMark, bases, context)
    ? [markOf(desired, bases, context)]
    : [];
  if (fields.length === 0) {
    return mark.length > 0 ? { action: 'adopt', fields: mark, undo: undo.adopt, bases } : undefined;
  }
  const reasons = [...new Set(fields.flatMap(({ locked }) => locked ?? []))];
  if (fields.every(({ locked }) => locked !== null))
    return { action: 'blocked', reasons, fields, bases };
  if (context.globalMark.owner === 'other') return contendedVerdict(fields, bases, context);
  return { action: 'update', reasons, fields: [...fields, ...mark], undo: undo.global, bases };
}

function contendedVerdict(
  fields: readonly FieldChange[],
  bases: Bases,
  { globalMark }: Context,
): Verdict {
  return {
    action: 'blocked',
    reasons: ['Contended'],
    nextStep: contendedStep(globalMark),
    fields: fields.map(({ write: _write, ...field }) => ({
      ...field,
      locked: field.locked ?? 'Contended',
    })),
    bases,
  };
}

function fieldChange(
  difference: GlobalDifference,
  desired: DesiredGlobal,
  subjects: readonly Subject[],
  context: Context,
): FieldChange {
  const { path, wish, observed, held, verdict, origins } = difference;
  const { sight, global } = context;
  const base = held?.base ?? noBase;
  const before = sight.showObserved(path, observed, wish);
  const after = wish ? sight.showDesired(wish) : ({ state: 'unset' } as const);
  const locked = lockOf(path, context);
  const write = wish ? ({ to: 'value', value: wish.value } as const) : ({ to: 'inherit' } as const);
  const effect = { path, before: global.today(path), after: global.planned(path) };
  const reached = reachOf(path, subjects, context);
  return {
    path,
    before,
    after,
    sensitive: false,
    cause: verdict.cause ?? 'declaration',
    changeId: fieldChangeId({ key: context.desired.key, path, before, after, base }),
    locked,
    ...(locked === null ? { write } : {}),
    nextBase: (wish && sight.desiredBase(wish)) ?? noBase,
    step: 2,
    own: true,
    effective: isEffective(effect.before, effect.after),
    ...askingGate({ ...effect, environments: reached.map(({ environment }) => environment) }),
    policy: strictest([
      desired.policy,
      ...followers(path, subjects).map(({ release }) => release.policy),
    ]),
    origins,
  };
}

function lockOf(path: Field, context: Context): Reason | null {
  if (isDomainField(path) && lacksDomains(context)) return 'DomainsNotGranted';
  const contended = context.observed.contended?.[programId(context.desired.key)];
  return contended?.includes(path) ? 'Contended' : null;
}

function markOf(desired: DesiredGlobal, bases: Bases, context: Context): FieldChange {
  const { key } = context.desired;
  return markChange({ key, mark: context.globalMark, bases, origins: desired.claims, context });
}

function barred({ barrier }: DesiredGlobal): Verdict {
  const reasons: readonly Reason[] = barrier ? [barrier.reason] : ['TargetConflict'];
  return { action: 'blocked', reasons, nextStep: barrier?.nextStep ?? null };
}

function globalChange(
  desired: DesiredGlobal,
  verdict: Verdict,
  context: Context,
  subjects: readonly Subject[] = [],
): GlobalChange {
  const { key, names } = context.desired;
  const { action, reasons = [], fields = [], bases = { observed: {}, settled: {} } } = verdict;
  const suspended = standing(desired.suspended, context.now);
  return {
    scope: 'global',
    key,
    name: names[0] ?? key.miniProgram,
    action,
    status: null,
    reasons,
    nextStep: verdict.nextStep ?? globalStep(reasons, fields, key),
    undo: verdict.undo ?? null,
    changeId: fields.length > 0 ? changeIdOf(key, fields) : noChangeId,
    precondition: preconditionOf(context.global.record, context),
    fields,
    bases,
    policy: desired.policy,
    ...(suspended ? { suspended } : {}),
    source: desired.source,
    origins: desired.claims,
    reach: Object.fromEntries(
      fields.flatMap(({ path }) =>
        isField(path) ? [[path, reachOf(path, subjects, context)]] : [],
      ),
    ),
  };
}
