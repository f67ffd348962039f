import { epochMs, type EpochMs, isoTime } from '../words/time.ts';

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** A length of time in the unit people would use: `4 s`, `12 min`, `3 h`, `9 d`. */
export function spanText(ms: number): string {
  const found = units.find(([, size]) => ms >= 2 * size) ?? (['s', 1_000] as const);
  const [unit, size] = found;
  return `${String(Math.max(0, Math.floor(ms / size)))} ${unit}`;
}

/** `2026-11-22 19:40:05Z`, to the second: what people compare with their own memory. */
export function momentText(time: EpochMs): string {
  return `${isoTime(epochMs(time)).slice(0, 19).replace('T', ' ')}Z`;
}
