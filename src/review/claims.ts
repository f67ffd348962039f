import type { DesiredGlobal, Resolved } from '../core/model/desired.ts';
import type { OtherPulls } from '../core/render/review.ts';
import { canonicalJson } from '../core/words/digests.ts';
import { type FieldPath, pathsOf } from '../core/words/fields.ts';
import {
  compareText,
  programId,
  type ProgramKey,
  releaseId,
  type ReleaseKey,
} from '../core/words/keys.ts';
import type { ProgramPair } from './pairs.ts';

/** One thing that another open pull request wants as well. */
type Overlap = OtherPulls['overlaps'][number];

/**
 * What two pull requests cannot both have: the same new claim, or one field of one record with two values.
 *
 * Pure text of other people's branches: nothing of it is shown but keys that both have, and names of fields.
 *
 * @param theirs  their own part: their branch against where it left the base
 */
export function overlapsOf(
  ours: readonly ProgramPair[],
  theirs: readonly ProgramPair[],
  pull: number,
): readonly Overlap[] {
  const own = wishesOf(ours);
  return [...wishesOf(theirs)]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([id, wish]) => {
      const mine = own.get(id);
      return mine ? overlap(mine, wish, pull) : [];
    });
}

/** What a pull request wants of one record, or of a program's global configuration. */
interface Wish {
  readonly key: ReleaseKey | ProgramKey;
  /** It is declared for the first time. */
  readonly isNew: boolean;
  /** Canonical text of each value that is new or changed; empty text: no longer declared. */
  readonly values: ReadonlyMap<FieldPath, string>;
}

function overlap(mine: Wish, wish: Wish, pull: number): readonly Overlap[] {
  const { key } = mine;
  if (mine.isNew && wish.isNew) return [{ pull, key, kind: 'claim', fields: [] }];
  const fields = [...mine.values]
    .filter(([path, value]) => wish.values.has(path) && wish.values.get(path) !== value)
    .map(([path]) => path);
  return fields.length === 0 ? [] : [{ pull, key, kind: 'fields', fields }];
}

function wishesOf(pairs: readonly ProgramPair[]): ReadonlyMap<string, Wish> {
  return new Map(pairs.flatMap((pair) => [...releaseWishes(pair), ...globalWish(pair)]));
}

type Entry = readonly [id: string, wish: Wish];

function releaseWishes({ before, after }: ProgramPair): readonly Entry[] {
  const old = new Map((before?.releases ?? []).map((one) => [releaseId(one.key), one]));
  return (after?.releases ?? []).flatMap(({ key, config }): readonly Entry[] => {
    const id = releaseId(key);
    const known = old.get(id);
    const values = changed(valuesOf(known?.config ?? {}), valuesOf(config));
    return known && values.size === 0 ? [] : [[id, { key, isNew: !known, values }]];
  });
}

function globalWish({ before, after }: ProgramPair): readonly Entry[] {
  if (!after?.global) return [];
  const old = before?.global;
  const values = changed(globalOf(old), globalOf(after.global));
  if (old && values.size === 0) return [];
  const { key } = after;
  return [[`global ${programId(key)}`, { key, isNew: !old, values }]];
}

/** Per field what is wanted of it. */
type Values = ReadonlyMap<FieldPath, string>;

function globalOf(global: DesiredGlobal | undefined): Values {
  const cleared = (global?.unset ?? []).map(({ field }) => [field, 'unset'] as const);
  return new Map([...cleared, ...valuesOf(global?.config ?? {})]);
}

function valuesOf(config: Resolved): Values {
  return new Map(pathsOf(config).map((path) => [path, canonicalJson(config[path]?.value ?? null)]));
}

function changed(before: Values, after: Values): Values {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return new Map(
    [...paths]
      .filter((path) => before.get(path) !== after.get(path))
      .map((path) => [path, after.get(path) ?? '']),
  );
}
