import { closest, distance } from 'fastest-levenshtein';

/** The name somebody probably meant, or `undefined` when nothing is near. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  if (names.length === 0 || wrong.length > 64) return undefined;
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_ ]/g, '');
  const same = names.find((name) => plain(name) === plain(wrong));
  if (same !== undefined) return same;
  const near = closest(wrong, [...names]);
  return distance(wrong, near) <= Math.max(1, Math.floor(near.length / 3)) ? near : undefined;
}

/** `a, b or c`. */
export function oneOf(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}
