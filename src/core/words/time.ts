import type { Brand } from './brand.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Brand<number, 'EpochMs'>;

export function epochMs(value: number): EpochMs {
  return value as EpochMs;
}

const dayMs = 86_400_000;

/** The moment in UTC as `2026-01-31T09:05:00.000Z`; years 0 to 9999. */
export function isoTime(time: EpochMs): string {
  const inDay = ((time % dayMs) + dayMs) % dayMs;
  const [hour, minute] = [Math.floor(inDay / 3_600_000), Math.floor(inDay / 60_000) % 60];
  const [second, ms] = [Math.floor(inDay / 1000) % 60, Math.floor(inDay) % 1000];
  return `${isoDay(time)}T${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}.${digits(ms, 3)}Z`;
}

/*
 * The calendar by arithmetic: a date formatter would cost more at start than reading ten files. Years begin in March,
 * so that the leap day comes last; 400 years are 146,097 days; 719,468 days lie between 0000-03-01 and 1970-01-01.
 */
const daysOf400Years = 146_097;

/** The day in UTC as `2026-01-31`. */
export function isoDay(time: EpochMs): string {
  const days = Math.floor(time / dayMs) + 719_468;
  const era = Math.floor(days / daysOf400Years);
  const dayOfEra = days - era * daysOf400Years;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}
