/** A line and a column, both from 1; columns count UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Yields positions of offsets in a text; made in one pass. */
export function positionsIn(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const line = lastAtMost(starts, offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

function lastAtMost(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The text of a file, without a byte order mark; `undefined` when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/*
 * What nobody sees and nobody writes on purpose: control characters, marks that change the order in which a reader sees
 * the others (CVE-2021-42574), invisible separators, halves of surrogate pairs.
 */
const control = String.raw`\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f`;
const lineBreaks = String.raw`\t\n\r`;
const bidirectional = String.raw`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069`;
const invisible = String.raw`\u00ad\u200b\u2028\u2029\u2060-\u2064\ufeff\u{e0000}-\u{e007f}`;

const inText = new RegExp(
  String.raw`[${control}${bidirectional}${invisible}\p{Cs}]|\r(?!\n)`,
  'gu',
);
const inValue = new RegExp(`[${control}${lineBreaks}${bidirectional}${invisible}\\p{Cs}]`, 'u');
const inNote = new RegExp(`[${control}${bidirectional}${invisible}\\p{Cs}]`, 'u');
const bidirectionalOnly = new RegExp(`[${bidirectional}]`, 'u');

/** A character that may not stand in a declaration. */
export interface HiddenCharacter {
  readonly offset: number;
  /** Such as `U+202E`. */
  readonly name: string;
  readonly bidirectional: boolean;
}

/** The first `most` forbidden characters of a text, comments included; tabs and line breaks are what files are made of. */
export function hiddenInText(text: string, most: number): readonly HiddenCharacter[] {
  const found: HiddenCharacter[] = [];
  for (const { index, 0: character } of text.matchAll(inText)) {
    if (found.length === most) break;
    found.push(hidden(index, character));
  }
  return found;
}

/** The first forbidden character of a value; `isNote` allows tabs and line breaks. */
export function hiddenInValue(value: string, isNote: boolean): HiddenCharacter | undefined {
  const match = (isNote ? inNote : inValue).exec(value);
  return match === null ? undefined : hidden(match.index, match[0]);
}

function hidden(offset: number, found: string): HiddenCharacter {
  const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return { offset, name: `U+${code}`, bidirectional: bidirectionalOnly.test(found) };
}
