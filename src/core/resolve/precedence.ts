import type { DesiredGlobal, DesiredRelease } from '../model/desired.ts';
import { compareText } from '../words/keys.ts';
import type { Home } from './homes.ts';

type Claim = Pick<DesiredRelease | DesiredGlobal, 'source' | 'createdAt' | 'barrier'>;

/** Who is first where a record's mark names nobody: the older object, else the source named first in the settings. */
export interface Precedence {
  readonly claims: (a: Claim, b: Claim) => number;
  readonly homes: (a: Home, b: Home) => number;
}

/** @param order  sources as the settings name them; unnamed ones come last, by name */
export function createPrecedence(order: readonly string[]): Precedence {
  const ranks = new Map(order.map((source, rank) => [source, rank]));
  const rank = (source: string): number => ranks.get(source) ?? order.length;
  // A claim without an age comes after all that have one; else three claims could each precede the next in a circle.
  const age = (createdAt: number | undefined): number => createdAt ?? Number.MAX_SAFE_INTEGER;
  const bySource = (a: string, b: string): number => rank(a) - rank(b) || compareText(a, b);
  return {
    claims: (a, b) =>
      Number(isRefused(a)) - Number(isRefused(b)) ||
      age(a.createdAt) - age(b.createdAt) ||
      bySource(a.source, b.source),
    homes: (a, b) =>
      Number(a.rights.size === 0) - Number(b.rights.size === 0) ||
      age(a.entry.createdAt) - age(b.entry.createdAt) ||
      bySource(a.source, b.source) ||
      compareText(a.entry.id, b.entry.id),
  };
}

/** What is not granted is no claim and comes after every claim. */
function isRefused({ barrier }: Claim): boolean {
  return barrier?.reason === 'NotGranted';
}
