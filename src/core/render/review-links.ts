import { type Origin, originText } from '../words/places.ts';
import { type Ink, safeInk } from './review-ink.ts';

/** Address of a line of the head, as the forge has it. */
export type LineAddress = (file: string, line: number) => string;

/** Ink that leads from a place to the line itself. The words of the link are code as everywhere. */
export function linkingInk(address: LineAddress, ink: Ink = safeInk): Ink {
  return {
    code: ink.code,
    place: (origin) => linked(origin, address, ink),
  };
}

function linked(origin: Origin, address: LineAddress, ink: Ink): string {
  const words = ink.code(originText(origin));
  if (!('file' in origin)) return words;
  const url = inertUrl(address(origin.file, origin.line));
  return url === undefined ? words : `[${words}](${url})`;
}

/** What no URL needs unescaped, and what would end a link, a cell of a table or an attribute. */
const unfit = /[^A-Za-z0-9\-._~:/?#@!$&+,;=%]/gu;

/** @returns undefined for what is no address of the web */
function inertUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined;
  return url.href.replace(unfit, (character) =>
    encodeURIComponent(character).replace(
      /[^%A-Za-z0-9]/g,
      (left) => `%${left.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  );
}
