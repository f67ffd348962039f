import type { Resolved, ResolvedField } from '../model/desired.ts';
import { type FieldPath, isVariable, listOf, pathsOf } from '../words/fields.ts';
import { compareText } from '../words/keys.ts';
import type { Place } from '../words/places.ts';
import type { Layer, PathStep } from './layers.ts';

/** The platform's limit: variables of one release record. */
export const maxVariables = 5;

export type MergeRule = 'extend-nothing' | 'too-many-variables';

/** A mistake that only shows when the layers lie on each other. */
export interface MergeFault {
  readonly rule: MergeRule;
  readonly path: FieldPath;
  readonly place: Place;
}

export interface Merged {
  readonly config: Resolved;
  /** Not empty: the config must not be used. */
  readonly faults: readonly MergeFault[];
  /** Steps that drop a field, by whether there was something to drop. */
  readonly unsets: readonly {
    readonly place: Place;
    readonly path: FieldPath;
    readonly idle: boolean;
  }[];
}

/** Fields a declared global configuration gives: what `extend` adds to where no layer gives anything. */
export type Base = Readonly<Partial<Record<FieldPath, ResolvedField>>>;

/**
 * The effective declaration of one target.
 *
 * A higher value replaces a lower one whole; variables are fields of their own; `extend` adds to what lower layers, else
 * the global configuration, give; after `unset` the field inherits again.
 *
 * @param layers  lowest first
 * @see docs: Layers
 */
export function mergeLayers(layers: readonly Layer[], base: Base): Merged {
  const steps = stepsByPath(layers);
  const folded = [...steps].map(([path, own]) => ({ path, ...fold(path, own, base[path]) }));
  const given = new Map(
    folded.flatMap(({ path, field }) => (field === undefined ? [] : [[path, field] as const])),
  );
  const all: Resolved = Object.fromEntries(given);
  const config: Resolved = Object.fromEntries(pathsOf(all).map((path) => [path, all[path]]));
  return {
    config,
    faults: [...folded.flatMap(({ faults }) => faults), ...surplusVariables(layers, given)],
    unsets: folded.flatMap(({ unsets }) => unsets),
  };
}

/** Per field what each layer said, lowest first: the very steps that `mergeLayers` folds. */
export function stepsByPath(layers: readonly Layer[]): ReadonlyMap<FieldPath, readonly PathStep[]> {
  const steps = new Map<FieldPath, PathStep[]>();
  for (const step of layers.flatMap((layer) => layer.steps)) {
    const known = steps.get(step.path);
    if (known === undefined) steps.set(step.path, [step]);
    else known.push(step);
  }
  return steps;
}

interface Folded {
  readonly field: ResolvedField | undefined;
  readonly faults: readonly MergeFault[];
  readonly unsets: Merged['unsets'];
}

function fold(
  path: FieldPath,
  steps: readonly PathStep[],
  base: ResolvedField | undefined,
): Folded {
  const faults: MergeFault[] = [];
  const unsets: { place: Place; path: FieldPath; idle: boolean }[] = [];
  let field: ResolvedField | undefined;
  for (const { step, field: own } of steps) {
    if (step.verb === 'unset') {
      unsets.push({ place: step.place, path, idle: field === undefined });
      field = undefined;
    } else if (step.verb === 'set') field = own;
    else {
      const lower = field ?? base;
      if (lower === undefined) faults.push({ rule: 'extend-nothing', path, place: step.place });
      else field = extended(lower, own);
    }
  }
  return { field, faults, unsets };
}

function extended(lower: ResolvedField, added: ResolvedField | undefined): ResolvedField {
  if (lower.value.kind !== 'list' || added?.value.kind !== 'list') return lower;
  return {
    value: listOf([...lower.value.items, ...added.value.items]),
    origins: [...lower.origins, ...added.origins],
  };
}

/** Blames the variable that the highest layer added: that line made it too many. */
function surplusVariables(
  layers: readonly Layer[],
  given: ReadonlyMap<FieldPath, ResolvedField>,
): MergeFault[] {
  const first = new Map<FieldPath, { rank: number; place: Place }>();
  layers.forEach((layer, rank) => {
    for (const { path, step } of layer.steps)
      if (isVariable(path) && given.has(path) && !first.has(path))
        first.set(path, { rank, place: step.place });
  });
  if (first.size <= maxVariables) return [];
  const ordered = [...first].sort(
    ([a, left], [b, right]) => left.rank - right.rank || compareText(a, b),
  );
  const blamed = ordered[maxVariables];
  if (blamed === undefined) return [];
  return [{ rule: 'too-many-variables', path: blamed[0], place: blamed[1].place }];
}
