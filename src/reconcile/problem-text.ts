import { originText } from '../core/words/places.ts';
import type { Problem } from '../core/words/problems.ts';

/** Problems that a status names; the rest are counted. */
export const problemsShown = 20;

/** `file:line: message` */
export function problemText({ origin, message }: Problem): string {
  return origin === undefined ? message : `${originText(origin)}: ${message}`;
}
