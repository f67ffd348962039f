import { epochMs, type EpochMs } from '../../core/words/time.ts';
import { unreadable } from './shared-failures.ts';
import type { ForgeAnswer, ForgeCall } from './shared-wire.ts';

/**
 * The body of an answer, if it has the shape we read.
 *
 * @throws ReconcileError `ForgeUnavailable`
 */
export function bodyOf<T>(
  isShape: (value: unknown) => value is T,
  { body }: ForgeAnswer,
  call: Pick<ForgeCall, 'what'>,
): T {
  if (isShape(body)) return body;
  throw unreadable(call);
}

/** @throws ReconcileError `ForgeUnavailable` */
export function momentOf(text: string, call: Pick<ForgeCall, 'what'>): EpochMs {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw unreadable(call);
  return epochMs(time);
}

export function isOurs(context: string): boolean {
  return context.startsWith('fairlead/');
}

/** What a status may say, on the strictest forge. */
export const maxDescriptionLength = 140;
