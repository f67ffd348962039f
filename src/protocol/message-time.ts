import { type EpochMs, epochMs } from '../core/words/time.ts';

/** How `Request-Time` is written; readers understand both. */
export const requestTimeForms = ['iso8601', 'epochMs'] as const;

export type RequestTimeForm = (typeof requestTimeForms)[number];

/** Requests farther than this from the platform's clock are refused (`TIMESTAMP_INVALID`; docs/platform-api.md, S41b). */
export const clockWindowMs = 300_000;

/** `Request-Time` or `Response-Time` of a moment. */
export function formatMessageTime(time: EpochMs, form: RequestTimeForm): string {
  return form === 'epochMs' ? String(time) : isoText(time);
}

const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const epoch = /^\d{12,14}$/;

/**
 * The moment a header names: ISO 8601 with an offset, or epoch milliseconds.
 *
 * @returns undefined for anything else; a time without an offset names no moment
 */
export function parseMessageTime(text: string): EpochMs | undefined {
  if (epoch.test(text)) return epochMs(Number(text));
  return iso.test(text) ? isoTime(text) : undefined;
}

function isoText(time: EpochMs): string {
  // eslint-disable-next-line no-restricted-globals -- calendar arithmetic on a given moment; no clock is read
  return new Date(time).toISOString();
}

function isoTime(text: string): EpochMs | undefined {
  // eslint-disable-next-line no-restricted-globals -- calendar arithmetic on a given text; no clock is read
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : epochMs(time);
}
