import { compareText } from '../words/keys.ts';
import type { DiffWord } from './declaration-diff.ts';

/** One thing before and after; one of the two may be missing. */
export interface Pair<T> {
  readonly before?: T;
  readonly after?: T;
}

/** A pair of what may be missing on either side. */
export function pairOf<T>(before: T | undefined, after: T | undefined): Pair<T> {
  return { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
}

/** Pairs by id, in the order of ids. */
export function paired<T>(
  before: readonly T[],
  after: readonly T[],
  idOf: (one: T) => string,
): Pair<T>[] {
  const pairs = new Map<string, Pair<T>>(before.map((one) => [idOf(one), { before: one }]));
  for (const one of after) pairs.set(idOf(one), { ...pairs.get(idOf(one)), after: one });
  return [...pairs].sort(([a], [b]) => compareText(a, b)).map(([, pair]) => pair);
}

/** What happens to one of a pair. */
export function wordOf({ before, after }: Pair<unknown>): DiffWord {
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}
