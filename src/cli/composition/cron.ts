import { createTask, parse, validateDetailed } from 'node-cron';
import { epochMs, type EpochMs } from '../../core/words/time.ts';

/** A cron expression or zone that cannot be used: which of the two, and why. */
export interface CronProblem {
  readonly field: 'expression' | 'timeZone';
  readonly message: string;
  readonly nextStep: string;
}

/** Why an expression and its zone are no schedule; undefined where they are one. */
export function cronProblem(expression: string, timeZone: string): CronProblem | undefined {
  return expressionProblem(expression.trim()) ?? zoneProblem(timeZone);
}

const form = 'write five fields: minute, hour, day of month, month, day of week; "30 2 * * 1-5"';

function expressionProblem(expression: string): CronProblem | undefined {
  const fields = expression.split(/\s+/);
  const refused = (message: string, nextStep = form): CronProblem => {
    return { field: 'expression', message, nextStep };
  };
  if (fields.length !== 5) {
    return refused(`${String(fields.length)} fields in place of five`);
  }
  const { valid, errors } = validateDetailed(expression);
  if (!valid) return refused(errors.map(({ message }) => message).join('; '));
  if (fields[2] !== '*' && fields[4] !== '*') {
    // crontab(5) means either of them, other readers mean both.
    return refused(
      'it names a day of the month and a day of the week, which cron programs read in two ways',
      'name one of them, and write * for the other',
    );
  }
  return undefined;
}

function zoneProblem(timeZone: string): CronProblem | undefined {
  try {
    Intl.DateTimeFormat('en-US', { timeZone });
    return undefined;
  } catch {
    return {
      field: 'timeZone',
      message: `this machine knows no time zone ${timeZone}`,
      nextStep: 'name one of the IANA database, such as UTC or Europe/Berlin',
    };
  }
}

const minuteMs = 60_000;
/** Zones move their clocks at multiples of this. */
const blockMs = 15 * minuteMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Zones are at most 14 hours ahead of UTC, and 12 behind it. */
const aheadMs = 15 * hourMs;
const behindMs = 13 * hourMs;
/** From one 29 February to the next there may be eight years. */
const horizonDays = 3000;

/**
 * The first moment after another one at which the clock of the zone shows what the expression names.
 *
 * Where the clock is put forward, what it skips comes when it has been put forward; where it is put back, what it shows
 * twice comes twice. The library reads expressions and knows which days match, but can tell the next moment only as
 * seen from now, and leaves out what is skipped: hence the search.
 *
 * @param expression  one that `cronProblem` accepts, as the zone
 * @throws RangeError for one that names no moment
 */
export function cronTicks(expression: string, timeZone: string): (after: EpochMs) => EpochMs {
  const named = namedBy(expression.trim());
  const wallOf = wallClock(timeZone);
  return (after) => {
    const first = startOfDay(wallOf(after));
    for (let day = first; day < first + horizonDays * dayMs; day += dayMs) {
      if (!named.day(day)) continue;
      const found = firstOnDay({ day, after }, named, wallOf);
      if (found !== undefined) return epochMs(found);
    }
    throw new RangeError(`${expression} names no moment`);
  };
}

interface Named {
  /** Whether the day that begins at this moment, as if the zone were UTC, is named. */
  readonly day: (start: number) => boolean;
  readonly minute: (wall: number) => boolean;
}

function namedBy(expression: string): Named {
  const { hour, minute } = parse(expression);
  const [, , ...dayFields] = expression.split(/\s+/);
  // Never started: it is asked, and asked alone. Tasks stand in a register of the library until they are destroyed.
  const days = createTask(`0 0 ${dayFields.join(' ')}`, () => undefined, { timezone: 'UTC' });
  void days.destroy();
  return {
    day: (start) => days.match(new Date(start)),
    minute: (wall) => {
      const inDay = wall - startOfDay(wall);
      return (
        hour.includes(Math.floor(inDay / hourMs)) &&
        minute.includes(Math.floor((inDay % hourMs) / minuteMs))
      );
    },
  };
}

/** Looks at everything the zone may call this day, a block at a time. */
function firstOnDay(
  { day, after }: { readonly day: number; readonly after: EpochMs },
  named: Named,
  wallOf: WallClock,
): number | undefined {
  const isNamed = (wall: number): boolean => startOfDay(wall) === day && named.minute(wall);
  const from = Math.max(startOfBlock(after), day - aheadMs);
  let expected = wallOf(from - blockMs) + blockMs;
  for (let at = from; at < day + dayMs + behindMs; at += blockMs) {
    const wall = wallOf(at);
    if (at > after && minutesOf(expected, wall).some(isNamed)) return at;
    const found = minutesOf(at, at + blockMs).find(
      (minute) => minute > after && isNamed(wall + minute - at),
    );
    if (found !== undefined) return found;
    expected = wall + blockMs;
  }
  return undefined;
}

function minutesOf(from: number, to: number): number[] {
  const count = Math.max(0, Math.ceil((to - from) / minuteMs));
  return Array.from({ length: count }, (_, index) => from + index * minuteMs);
}

function startOfDay(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}

function startOfBlock(ms: number): number {
  return Math.floor(ms / blockMs) * blockMs;
}

/** What the clock of a zone shows at a moment, as the moment at which a clock of UTC shows it. */
type WallClock = (at: number) => number;

function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  };
}
