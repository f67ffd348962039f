import type { Barrier, Resolved } from '../model/desired.ts';
import { targetId } from '../words/keys.ts';
import type { Place } from '../words/places.ts';
import type { ReleaseClaim } from './release-claim.ts';
import { maxVariables, type Merged, type MergeFault, mergeLayers } from './merge.ts';
import { barrierOf, type Mistake } from './mistakes.ts';

export interface MergedClaim {
  readonly config: Resolved;
  readonly barrier?: Barrier;
}

/** Merges the claims of one family, remembering what was merged: releases with the same layers share one config. */
export type Merge = (claim: ReleaseClaim) => MergedClaim;

export interface Merger {
  /** For the next family; what the last one remembers goes with it. */
  readonly forFamily: () => Merge;
  /** What the merged layers got wrong, each place once. */
  readonly mistakes: () => readonly Mistake[];
  /** The same before it is put into words: a line of a profile is judged by all families that use it. */
  readonly facts: () => MergeFacts;
}

/** What merging found, by place; not to be changed. */
export interface MergeFacts {
  readonly faults: readonly Seen[];
  readonly unsets: readonly Unset[];
}

interface Seen {
  readonly fault: MergeFault;
  /** Targets in which it was found. */
  readonly targets: ReadonlySet<string>;
}

interface Unset {
  readonly path: string;
  readonly place: Place;
  /** It dropped nothing in any target so far. */
  readonly idle: boolean;
}

export function createMerger(): Merger {
  const faults = new Map<string, { readonly fault: MergeFault; readonly targets: Set<string> }>();
  const unsets = new Map<string, Unset>();

  const remember = (result: Merged): void => {
    for (const { place, path, idle } of result.unsets) {
      const id = placeText(place);
      unsets.set(id, { path, place, idle: idle && (unsets.get(id)?.idle ?? true) });
    }
  };
  const blame = (fault: MergeFault, target: string): void => {
    const id = `${fault.rule}\n${placeText(fault.place)}`;
    const seen = faults.get(id) ?? { fault, targets: new Set() };
    seen.targets.add(target);
    faults.set(id, seen);
  };

  const mergeOnce = (claim: ReleaseClaim, merged: Map<string, Merged>): Merged => {
    const stack = claim.layers.map(({ id }) => id).join(' ');
    const id = `${claim.home.entry.id}\n${claim.home.shape.pointer}\n${stack}`;
    const known = merged.get(id);
    if (known !== undefined) return known;
    const result = mergeLayers(claim.layers, claim.home.global?.fields ?? {});
    merged.set(id, result);
    remember(result);
    return result;
  };
  const merge = (claim: ReleaseClaim, merged: Map<string, Merged>): MergedClaim => {
    if (claim.barrier !== undefined) return { config: {}, barrier: claim.barrier };
    const result = mergeOnce(claim, merged);
    const [fault] = result.faults;
    if (fault === undefined) return { config: result.config };
    for (const each of result.faults) blame(each, targetId(claim.key));
    return {
      config: {},
      barrier: barrierOf('Invalid', mistakeOf({ fault, targets: new Set([targetId(claim.key)]) })),
    };
  };

  const facts = (): MergeFacts => ({
    faults: [...faults.values()],
    unsets: [...unsets.values()],
  });
  return {
    forFamily: () => {
      const merged = new Map<string, Merged>();
      return (claim) => merge(claim, merged);
    },
    mistakes: () => factsInWords([facts()]),
    facts,
  };
}

/** What several mergers found, as one would have: each place once. */
export function factsInWords(found: readonly MergeFacts[]): readonly Mistake[] {
  const faults = Map.groupBy(
    found.flatMap((each) => each.faults),
    ({ fault }) => `${fault.rule}\n${placeText(fault.place)}`,
  );
  const unsets = Map.groupBy(
    found.flatMap((each) => each.unsets),
    ({ place }) => placeText(place),
  );
  return [
    ...[...faults.values()].flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      const targets = [first, ...others].flatMap((seen) => [...seen.targets]);
      return [mistakeOf({ fault: first.fault, targets: new Set(targets) })];
    }),
    ...[...unsets.values()].flatMap((same) =>
      same.every(({ idle }) => idle) ? same.slice(0, 1).map(idleUnset) : [],
    ),
  ];
}

function placeText({ document, pointer }: Place): string {
  return `${document}${pointer}`;
}

function mistakeOf({ fault, targets }: Seen): Mistake {
  const [first = '', ...others] = [...targets].sort();
  const where = others.length === 0 ? first : `${first} and ${others.length} more`;
  const { rule, path, place } = fault;
  switch (rule) {
    case 'extend-nothing':
      return {
        rule,
        severity: 'error',
        message: `In ${where} nothing gives ${path} that could be extended`,
        nextStep: `Give ${path} in config here, or in a lower layer or the globalConfig.`,
        place,
      };
    case 'too-many-variables':
      return {
        rule,
        severity: 'error',
        message: `In ${where} there are more than ${maxVariables} environment variables after all layers are merged`,
        nextStep: 'Drop one here, or unset one of a lower layer.',
        place,
      };
  }
}

function idleUnset({ path, place }: Unset): Mistake {
  return {
    rule: 'unset-nothing',
    severity: 'warning',
    message: `No lower layer gives ${path}, so there is nothing to unset`,
    nextStep: 'Remove the line; the field inherits anyway.',
    place,
  };
}
