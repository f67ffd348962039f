import { digestOf } from '../core/words/digests.ts';

/** What the first line of our comment says, which nobody sees. */
export interface Marker {
  /** Commits the verdict is about. */
  readonly head: string;
  readonly base: string;
  /** Digest of the remarks at lines that were left; `-` where they were not. */
  readonly notes: string;
}

const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Of the comment of a repository that has but one review; its statuses bear no name. */
export const defaultName = 'default';

/** Whether it may name a comment: several reviews of one pull request have one each. */
export function isCommentName(name: string): boolean {
  return namePattern.test(name);
}

/** How every comment of this name begins. Who wrote it is for the forge to say. */
export function markerPrefix(name: string): string {
  return `<!-- fairlead:review name=${name} `;
}

/** The whole comment: the marker, and the text. */
export function withMarker(name: string, { head, base, notes }: Marker, text: string): string {
  return `${markerPrefix(name)}v=1 head=${head} base=${base} notes=${notes} -->\n${text}`;
}

const word = '([A-Za-z0-9_-]{1,64})';
const fields = new RegExp(`^v=1 head=${word} base=${word} notes=${word} -->(?:\\r?\\n|$)`);

/**
 * A comment of ours, parted; undefined where this version cannot read its marker.
 *
 * Who may write with our account, as every workflow of a repository may, can write any marker: what the comment says is
 * for the caller to compare, and not for a digest in it to claim.
 */
export function readMarker(
  name: string,
  body: string,
): (Marker & { readonly text: string }) | undefined {
  const prefix = markerPrefix(name);
  const rest = body.startsWith(prefix) ? body.slice(prefix.length) : '';
  const [whole, head = '', base = '', notes = ''] = fields.exec(rest) ?? [];
  return whole === undefined ? undefined : { head, base, notes, text: rest.slice(whole.length) };
}

export function shortDigest(value: unknown): string {
  return digestOf(value).slice(0, 22);
}
