import { basename } from 'node:path';

/** An absolute path within a sentence; what stands within an address or behind a word is none. */
const absolute = /(?<=^|[\s("'`])\/(?:[^\s/,;:"'`)]+\/)+(?=[^\s/,;:"'`)])/g;

/**
 * A message without the places of this machine: a comment is read by people who must not learn how its folders are called.
 *
 * @param known  places that may stand in it in whichever form: each is told by its last part
 */
export function withoutPlaces(text: string, known: readonly (string | undefined)[]): string {
  const named = known
    .filter((place) => place !== undefined)
    .filter((place) => place.includes('/') && basename(place) !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((said, place) => said.replace(whole(place), () => basename(place)), text);
  return named.replace(absolute, '');
}

/** The place where it stands by itself or begins a longer one, and not as a part of a word. */
function whole(place: string): RegExp {
  const literal = place.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(?<=^|[\\s("'\`])${literal}(?=$|[\\s/,;:.)"'\`])`, 'g');
}
