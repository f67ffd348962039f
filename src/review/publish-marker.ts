import { digestOf } from '../core/words/digests.ts';

/** What the first line of our comment says, which nobody sees. */
export interface Marker {
  /** Commits the verdict is about. */
  readonly head: string;
  readonly base: string;
  /** Digest of what the comment says, but for times: equal, and there is nothing new to say. */
  readonly said: string;
  /** Digest of the remarks at lines that were left; `-` where they were not. */
  readonly notes: string;
  /** Digest of the comment's text as it was written: another one, and somebody has edited it. */
  readonly text: string;
}

const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Whether it may name a comment: several reviews of one pull request have one each. */
export function isCommentName(name: string): boolean {
  return namePattern.test(name);
}

/** How every comment of this name begins. Who wrote it is for the forge to say. */
export function markerPrefix(name: string): string {
  return `<!-- fairlead:review name=${name} `;
}

/** The whole comment: the marker, and the text. */
export function withMarker(name: string, marker: Omit<Marker, 'text'>, text: string): string {
  const { head, base, said, notes } = marker;
  const fields = `v=1 head=${head} base=${base} said=${said} notes=${notes} text=${textDigest(text)}`;
  return `${markerPrefix(name)}${fields} -->\n${text}`;
}

const word = '([A-Za-z0-9_-]{1,64})';
const fields = new RegExp(
  `^v=1 head=${word} base=${word} said=${word} notes=${word} text=${word} -->(?:\\r?\\n|$)`,
);

/**
 * The marker of a comment that we wrote.
 *
 * @returns undefined where there is none that this version can read, or the text is no longer what we wrote
 */
export function readMarker(name: string, body: string): Marker | undefined {
  const prefix = markerPrefix(name);
  const rest = body.startsWith(prefix) ? body.slice(prefix.length) : '';
  const [whole, head = '', base = '', said = '', notes = '', text = ''] = fields.exec(rest) ?? [];
  if (whole === undefined || text !== textDigest(rest.slice(whole.length))) return undefined;
  return { head, base, said, notes, text };
}

/** Forges may change line ends, and cut what is empty at the end. */
function textDigest(text: string): string {
  return shortDigest(text.replaceAll('\r\n', '\n').trimEnd());
}

export function shortDigest(value: unknown): string {
  return digestOf(value).slice(0, 22);
}
