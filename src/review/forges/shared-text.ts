import { visible } from '../../core/render/visible.ts';

/** A path of a repository within an address; parentheses too, since it stands in Markdown links. */
export function encodedPath(path: string): string {
  return path.split('/').map(encoded).join('/');
}

/** One segment of an address. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** At most so many characters, the last one an ellipsis if some were left out. */
export function clipped(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** The line a comment is found by. */
export function firstLine(body: string): string {
  return /^[^\r\n]*/.exec(body)?.[0] ?? '';
}

/** Plain text of several lines, in which nothing turns the order of a line or hides. */
export function inert(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
