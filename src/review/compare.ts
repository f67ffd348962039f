import type { Plan } from '../core/model/plan.ts';
import {
  type ChangeFact,
  factsOf,
  type FieldFact,
  type ProgramFacts,
} from '../core/render/facts.ts';
import { undo } from '../core/plan/sentences.ts';
import { isReleaseKey, releaseId } from '../core/words/keys.ts';
import type { PlannedPair, PlannedSide } from './plan-both.ts';

/** One program's plan after the merge, parted by whether it would be so without the pull request. */
export interface ComparedProgram {
  /** What the pull request brings: a change with those of its fields that are new, or that fare otherwise. */
  readonly own: ProgramFacts;
  /** What was pending before and is made, or stays held, with it or without it. */
  readonly riding: ProgramFacts;
  /** What was pending and is no longer wanted. */
  readonly dropped: ProgramFacts;
}

/**
 * The plan of head minus the plan of base.
 *
 * A field change is the pull request's if it did not stand in the plan of base with the same value before and after, or
 * stood there and fared otherwise: held and now written, or the other way round.
 */
export function compare({ before, after }: PlannedPair): ComparedProgram | undefined {
  const [old] = factsAt(before);
  const [fresh] = factsAt(after);
  const facts = fresh ?? old;
  return facts && comparedAs(facts.plan, fresh?.changes ?? [], old?.changes ?? []);
}

function comparedAs(
  plan: Plan,
  fresh: readonly ChangeFact[],
  old: readonly ChangeFact[],
): ComparedProgram {
  const { own, riding } = partedChanges(fresh, old);
  return {
    own: { plan, changes: own },
    riding: { plan, changes: riding },
    dropped: { plan, changes: droppedChanges(fresh, old) },
  };
}

function factsAt(side: PlannedSide | undefined): readonly ProgramFacts[] {
  return side ? factsOf({ plans: [side.plan], decisions: [side.decision] }) : [];
}

interface Parted {
  readonly own: readonly ChangeFact[];
  readonly riding: readonly ChangeFact[];
}

function partedChanges(fresh: readonly ChangeFact[], old: readonly ChangeFact[]): Parted {
  const known = new Map(old.map((fact) => [idOf(fact), fact]));
  const parts = fresh.map((fact) => parted(fact, known.get(idOf(fact))));
  return { own: parts.flatMap(({ own }) => own), riding: parts.flatMap(({ riding }) => riding) };
}

/** Two sources may declare one key. */
function idOf({ change }: ChangeFact): string {
  const key = isReleaseKey(change.key) ? releaseId(change.key) : 'global';
  return `${key} ${change.source}`;
}

function parted(fact: ChangeFact, old: ChangeFact | undefined): Parted {
  if (!isSaid(fact)) return { own: [], riding: [] };
  if (!old) return { own: [fact], riding: [] };
  const known = new Set(old.fields.map(fateOf));
  const isOld = (field: FieldFact): boolean => known.has(fateOf(field));
  const [own, riding] = [values(fact).filter((field) => !isOld(field)), values(fact).filter(isOld)];
  const isSame = wholeOf(fact) === wholeOf(old);
  return {
    own: own.length > 0 || !isSame ? [{ ...(isSame ? ofPending(fact) : fact), fields: own }] : [],
    riding: isSame && isWanted(fact, riding) ? [{ ...fact, fields: riding }] : [],
  };
}

/** A record that would be created anyway: the pull request changes what it gets, and makes nothing that stays for ever. */
function ofPending(fact: ChangeFact): ChangeFact {
  const { change } = fact;
  if (change.action !== 'create') return fact;
  return { ...fact, change: { ...change, action: 'update', undo: undo.update } };
}

/** Nothing is said of what is equal, nor of a mark that follows by itself. */
function isSaid({ change }: ChangeFact): boolean {
  return change.action !== 'unchanged';
}

function isWanted({ change }: ChangeFact, riding: readonly FieldFact[]): boolean {
  return riding.length > 0 || change.action !== 'update';
}

function values({ fields }: ChangeFact): readonly FieldFact[] {
  return fields.filter(({ field }) => field.path !== 'mark');
}

/** A field change with what becomes of it. */
function fateOf({ field, held, goes }: FieldFact): string {
  return `${field.changeId} ${goes ? 'goes' : (held?.reason ?? field.locked ?? '')}`;
}

function wholeOf({ change, held, goes }: ChangeFact): string {
  return JSON.stringify([
    change.action,
    change.reasons,
    held?.reason ?? null,
    change.action === 'create' && goes,
  ]);
}

function droppedChanges(
  fresh: readonly ChangeFact[],
  old: readonly ChangeFact[],
): readonly ChangeFact[] {
  const now = new Map(fresh.map((fact) => [idOf(fact), fact]));
  return old.flatMap((fact) => {
    const left = now.get(idOf(fact));
    const paths = new Set(left?.fields.map(({ field }) => field.path));
    const fields = values(fact).filter(({ field, goes }) => goes && !paths.has(field.path));
    const isGone = fact.change.action === 'create' && fact.goes && left === undefined;
    return isGone || (left !== undefined && fields.length > 0) ? [{ ...fact, fields }] : [];
  });
}
