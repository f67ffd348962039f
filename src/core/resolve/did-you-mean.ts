import { distance } from 'fastest-levenshtein';
import { compareText } from '../words/keys.ts';

/** The name nearest to a misspelt one, or `undefined` if none is near enough to be meant. */
export function nearest(misspelt: string, names: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(misspelt.length / 3));
  const ranked = names
    .map((name) => ({ name, far: distance(misspelt, name) }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far || compareText(a.name, b.name));
  return ranked[0]?.name;
}
