import { parseMoment } from '../../core/resolve/moment.ts';
import { epochMs, isoTime, type EpochMs } from '../../core/words/time.ts';
import { CliError } from '../exit.ts';

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const durationPattern = /^(\d{1,6})([smhdw])$/;

/**
 * A length of time such as `90s`, `30m`, `2h`, `3d`, `1w`.
 *
 * @returns milliseconds; undefined for any other text
 */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = durationPattern.exec(text) ?? [];
  const ms = unit === undefined ? undefined : unitMs[unit];
  return ms === undefined ? undefined : Number(count) * ms;
}

/**
 * The end that `--until` names: a moment, or a length of time from now.
 *
 * @throws CliError `Usage` for what is neither, and for what is over already
 */
export function untilOf(text: string | undefined, now: EpochMs): EpochMs | undefined {
  if (text === undefined) return undefined;
  const length = durationMs(text);
  const until = length === undefined ? parseMoment(text) : epochMs(now + length);
  if (until === undefined) {
    throw new CliError('Usage', `--until ${text} is neither a moment nor a length of time`, {
      nextStep: 'for example --until 2026-12-24T18:00:00Z, or --until 2h (s, m, h, d, w)',
    });
  }
  if (until <= now) {
    throw new CliError('Usage', `--until ${text} is over already: it is ${shortTime(now)}`, {
      nextStep: 'name a moment to come; nothing was told to the controller',
    });
  }
  return until;
}

/** `2026-12-24T18:00:00Z` */
export function shortTime(time: EpochMs): string {
  return `${isoTime(time).slice(0, 19)}Z`;
}
