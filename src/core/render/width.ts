import { eastAsianWidth } from 'get-east-asian-width';

/*
 * A library for this exists and costs every command 15 ms of CPU at start, for tables of emoji that plans rarely hold.
 * A test compares with it.
 */

const printable = /^[ -~]*$/;
const escapes = new RegExp(String.raw`\u001b\[[\d;]*m`, 'g');

/** Columns a text takes on a terminal; colours take none. */
export function stringWidth(text: string): number {
  if (printable.test(text)) return text.length;
  const plain = text.replaceAll(escapes, '');
  return printable.test(plain)
    ? plain.length
    : clusters(plain).reduce((sum, cluster) => sum + clusterWidth(cluster), 0);
}

function clusters(text: string): readonly string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

/** What a reader sees as one character: as wide as its first visible code point, an emoji always two. */
function clusterWidth(cluster: string): number {
  if (
    /^(?:\p{Emoji_Presentation}|\p{Regional_Indicator}|\p{Extended_Pictographic}\u{fe0f}|[\d#*]\u{fe0f})/u.test(
      cluster,
    )
  )
    return 2;
  const seen = Array.from(cluster).filter(
    (character) => !/[\p{Mn}\p{Me}\p{Cc}\p{Cf}]|\p{Default_Ignorable_Code_Point}/u.test(character),
  );
  const hangul = /^\p{Script=Hangul}/u.test(cluster) ? seen.slice(0, 1) : seen;
  return hangul.reduce((sum, character) => sum + eastAsianWidth(character.codePointAt(0) ?? 0), 0);
}
