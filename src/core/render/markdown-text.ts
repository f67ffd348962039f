import { visible } from './visible.ts';

/**
 * Somebody else's text for a pull request, as code: forges look for mentions, issue numbers, addresses and HTML
 * everywhere but there.
 *
 * A backtick fence longer than any run inside cannot be ended by the text. A bar would end a table cell even there, so
 * such a text, and one with backticks, is written as references in an HTML element instead.
 *
 * @see https://spec.commonmark.org/0.31.2/#code-spans
 */
export function code(text: string): string {
  const inert = visible(text);
  if (inert.trim() === '') return inert === '' ? '(empty)' : '`(spaces)`';
  return /[`|\\]|^ | $/.test(inert) ? `<code>${references(inert)}</code>` : `\`${inert}\``;
}

/** Every character that is no letter, digit or space as a reference: neither Markdown nor HTML sees any structure. */
function references(text: string): string {
  return text.replace(
    /[^\p{L}\p{N} ]/gu,
    (character) => `&#${String(character.codePointAt(0) ?? 0)};`,
  );
}
