import { type EpochMs, epochMs } from '../words/time.ts';

const form =
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})T(?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.(?<fraction>\d+))?)?(?<offset>Z|[+-]\d{2}:\d{2})$/;

const daySeconds = 24 * 60 * 60;

/** The moment an RFC 3339 timestamp names, or `undefined` if there is no such moment (13th month, 31 February). */
export function parseMoment(text: string): EpochMs | undefined {
  const found = form.exec(text)?.groups;
  if (found === undefined) return undefined;
  const number = (name: string): number => Number(found[name] ?? '0');
  const days = daysOf(number('year'), number('month'), number('day'));
  const seconds = secondsOf(number('hour'), number('minute'), number('second'));
  const offset = offsetSeconds(found['offset'] ?? 'Z');
  if (days === undefined || seconds === undefined || offset === undefined) return undefined;
  const ms = Math.trunc(Number(`0.${found['fraction'] ?? '0'}`) * 1000);
  return epochMs((days * daySeconds + seconds - offset) * 1000 + ms);
}

function secondsOf(hour: number, minute: number, second: number): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return (hour * 60 + minute) * 60 + second;
}

function offsetSeconds(text: string): number | undefined {
  if (text === 'Z') return 0;
  const seconds = secondsOf(Number(text.slice(1, 3)), Number(text.slice(4, 6)), 0);
  if (seconds === undefined) return undefined;
  return text.startsWith('-') ? -seconds : seconds;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar. */
function daysOf(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  // 719,528 days lie between 0000-01-01 and 1970-01-01; year 0 is a leap year.
  const before = year - 1;
  const leaps =
    year === 0
      ? 0
      : Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + 1;
  let days = year * 365 + leaps - 719_528;
  for (let each = 1; each < month; each += 1) days += daysIn(year, each);
  return days + day - 1;
}
