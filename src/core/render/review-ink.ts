import { type Origin, originText } from '../words/places.ts';
import { code } from './markdown-text.ts';
import type { Sentence } from './sentence.ts';

/** How what others wrote gets into Markdown. Everything foreign passes `code`, and nothing else does. */
export interface Ink {
  readonly code: (text: string) => string;
  /** A place, where it can be shown as a link. */
  readonly place?: (origin: Origin) => string;
}

/** `file:line`, as a link where the ink has one. */
export function placeText(origin: Origin, ink: Ink): string {
  return ink.place?.(origin) ?? ink.code(originText(origin));
}

/** Foreign text as code, with letters that pass for others made visible. */
export const safeInk: Ink = { code: (text) => code(unmasked(text)) };

/** A sentence in Markdown: own words as they are, foreign ones through the ink. */
export function inked(sentence: Sentence, ink: Ink): string {
  return sentence
    .map((piece) => {
      if (typeof piece === 'string') return piece.replaceAll('->', '→');
      if ('said' in piece) return ink.code(piece.said);
      return `**${piece.loud === 'PRODUCTION' ? 'Production' : piece.loud}**`;
    })
    .join('');
}

/**
 * Letters of other scripts that look like Latin ones: in a word with Latin letters or digits, or in a word of nothing else,
 * they are shown by number. A word that is plainly of its own script is left alone.
 */
const lookalikes = new Set(
  'авекмнорстухіјѕһӏԁԛԝѵүӕАВЕКМНОРСТУХІЈЅҺӀԀԚԜѴҮαινορυκχγτΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳօսհոցզʼǀɡɑɩ',
);

/** @see https://www.unicode.org/reports/tr39/ for the idea; a short table, since names of things are short */
function unmasked(text: string): string {
  return text.replace(/[\p{L}\p{M}\p{N}]+/gu, (word) => (isPlain(word) ? word : shownWord(word)));
}

function isPlain(word: string): boolean {
  return /^[\x20-\x7e]*$/.test(word);
}

function shownWord(word: string): string {
  const letters = [...word];
  const isLatin = letters.some((letter) => /[A-Za-z0-9]/.test(letter));
  const isDisguise = letters.every((letter) => lookalikes.has(letter) || isPlain(letter));
  return letters
    .map((letter) => (isMask(letter, isLatin || isDisguise) ? numbered(letter) : letter))
    .join('');
}

/** A letter that is but a form of an ASCII one (full width, mathematical), or of another script in a Latin word. */
function isMask(letter: string, isMixed: boolean): boolean {
  if (isPlain(letter)) return false;
  const folded = letter.normalize('NFKC');
  if (folded !== letter && isPlain(folded)) return true;
  return (
    isMixed &&
    /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}ʼǀɡɑɩ]/u.test(letter)
  );
}

function numbered(letter: string): string {
  return `\\u{${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`;
}
