import { visible } from '../render/visible.ts';

/** Bounds of the definitions, in characters; see kinds/object-status.ts. */
export const bounds = {
  message: 4096,
  nextStep: 256,
  testQrCode: 256,
  mark: 256,
  releaseId: 64,
  handled: 253,
  eventMessage: 1024,
} as const;

/** One line that acts on no terminal, however it came. */
export function plain(text: string): string {
  return visible(text.replaceAll(/\s+/g, ' ').trim());
}

/** The beginning of a text that is too long, with a sign that it goes on. */
export function clipped(text: string, max: number): string {
  if (text.length <= max) return text;
  return max < 1 ? '' : `${whole(text.slice(0, max - 1))}…`;
}

/** What has to be said last is never lost: the words before it are. */
export function clippedBefore(text: string, last: string, max: number): string {
  return last.length >= max ? clipped(last, max) : `${clipped(text, max - last.length)}${last}`;
}

/** Without half a character at the end. */
function whole(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}

/** Ends with exactly one full stop, unless something else ends it. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Bytes as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  let bytes = 0;
  for (const character of JSON.stringify(value)) bytes += bytesOf(character.codePointAt(0) ?? 0);
  return bytes;
}

function bytesOf(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

export function plural(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
