/**
 * Characters that act on a terminal or on the order of a line instead of standing for something: controls (C0, C1,
 * delete), bidirectional marks and overrides, zero-width and filler characters, line separators, tags, lone surrogates.
 */
const acting =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class -- naming them is the point
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]|\p{Cs}/gu;

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with everything that could act on a terminal made visible, as `\n` or `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(acting, (character) => named[character] ?? escapeOf(character));
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`;
}

/** Long texts lose their middle; both ends stay recognisable and the loss is counted. */
export function folded(text: string, max: number): string {
  const characters = [...text];
  if (characters.length <= max) return text;
  const tail = Math.floor(max / 4);
  const head = max - tail - 12;
  const lost = characters.length - head - tail;
  return `${characters.slice(0, head).join('')}[..${lost}..]${characters.slice(-tail).join('')}`;
}
