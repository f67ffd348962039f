import type { DesiredGlobal, ResolvedField } from '../model/desired.ts';
import type { ObservedGlobal } from '../model/observed.ts';
import type { Base, Bases } from '../model/plan.ts';
import { fields, type Field, type FieldPath, type ObservedValue } from '../words/fields.ts';
import type { Place } from '../words/places.ts';
import type { Context } from './context.ts';
import { noBase } from './mark.ts';
import { judgeGlobal, type Verdict } from './ownership.ts';
import type { HeldBase } from './base-work.ts';
import type { Wish } from './sight.ts';

/** A field of the global configuration that is not as declared. */
export interface GlobalDifference {
  readonly path: Field;
  /** Absent where the declaration asks to clear the field. */
  readonly wish: Wish | undefined;
  readonly observed: ObservedValue | undefined;
  readonly held: HeldBase | undefined;
  readonly verdict: Verdict;
  readonly origins: readonly Place[];
}

export interface GlobalCompared {
  readonly differences: readonly GlobalDifference[];
  /** Set and not declared: it stays, whatever the policy. */
  readonly undeclared: readonly Field[];
  readonly bases: Bases;
}

/** Compares the global configuration with its declaration. A field that leaves the declaration stays. */
export function compareGlobal(
  desired: DesiredGlobal,
  record: ObservedGlobal,
  context: Context,
): GlobalCompared {
  const differences: GlobalDifference[] = [];
  const undeclared: Field[] = [];
  const observedBases: Partial<Record<FieldPath, Base>> = {};
  const settled: Partial<Record<FieldPath, Base>> = {};
  for (const path of fields) {
    const judged = judgeField(path, desired, record, context);
    const kept = context.marks.keptBase(context.globalMark, path)?.base ?? noBase;
    if (kept !== noBase) observedBases[path] = kept;
    if (judged.verdict.write !== null) differences.push(judged);
    if (judged.verdict.cause === 'undeclared') undeclared.push(path);
    const base = settledBase(judged, kept, context);
    if (base !== noBase) settled[path] = base;
  }
  return { differences, undeclared, bases: { observed: observedBases, settled } };
}

function settledBase({ verdict, wish }: GlobalDifference, kept: Base, { sight }: Context): Base {
  if (verdict.write !== null) return kept;
  return (verdict.nextBase === 'desired' && wish && sight.desiredBase(wish)) || noBase;
}

function judgeField(
  path: Field,
  desired: DesiredGlobal,
  record: ObservedGlobal,
  context: Context,
): GlobalDifference {
  const { sight, marks, globalMark } = context;
  const declared: ResolvedField | undefined = desired.config[path];
  const unset = desired.unset.find(({ field }) => field === path);
  const observed = record.config[path];
  const held = marks.heldBase(globalMark, path);
  const wish = declared && { path, value: declared.value, source: desired.source };
  const side = { path, observed, held };
  const isMarked = globalMark.owner === 'ours' || globalMark.owner === 'takenOver';
  const verdict = judgeGlobal(
    {
      declared: declared !== undefined,
      set: observed !== undefined,
      equal: wish !== undefined && sight.compare(wish, side) === 'equal',
      base: isMarked ? sight.relate(wish, side) : 'noMark',
    },
    unset !== undefined,
  );
  const origins = declared?.origins ?? (unset ? [unset.place] : []);
  return { path, wish, observed, held, verdict, origins };
}
