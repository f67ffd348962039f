import { parseMoment } from '../resolve/moment.ts';
import { epochMs, type EpochMs } from '../words/time.ts';

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * The moment that `--since` names: a date (`2026-11-01`, its first moment in UTC), a moment (`2026-11-01T08:00Z`), or
 * how long ago (`90m`, `12h`, `7d`, `2w`).
 *
 * @returns undefined for anything else
 */
export function parseSince(text: string, now: EpochMs): EpochMs | undefined {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined)
    return epochMs(now - Number(count) * (units[unit] ?? 0));
  return parseMoment(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00Z` : text);
}
