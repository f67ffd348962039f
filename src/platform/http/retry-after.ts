import type { EpochMs } from '../../core/words/time.ts';

/** Longest wait that is believed: a platform that says more is asked again after an hour. */
const longestRetryAfterMs = 3_600_000;

const seconds = /^\d+(?:\.\d+)?$/;
// All three date forms a recipient must accept begin with a day's name; `Date.parse` alone takes far too much.
const httpDate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w -]+\d{2}:\d{2}:\d{2}(?: GMT| \d{4})$/;

/**
 * The wait a `Retry-After` header asks for.
 *
 * @param text  the header's value
 * @param date  the same answer's `Date` header: a date is counted from the sender's clock, where it gives it
 * @returns     milliseconds in [0, longestRetryAfterMs]; undefined for nonsense, which asks for nothing
 * @see         RFC 9110, 10.2.3
 */
export function parseRetryAfter(
  text: string | undefined,
  date: string | undefined,
  now: EpochMs,
): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (seconds.test(trimmed)) return capped(Number(trimmed) * 1000);
  const until = parseHttpDate(trimmed);
  return until === undefined ? undefined : capped(until - (parseHttpDate(date ?? '') ?? now));
}

function parseHttpDate(text: string): number | undefined {
  if (!httpDate.test(text)) return undefined;
  // The asctime form names no zone and means GMT as the others do.
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}

function capped(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), longestRetryAfterMs);
}
