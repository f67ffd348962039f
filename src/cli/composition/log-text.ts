import { visible } from '../../core/render/visible.ts';
import { isoTime, type EpochMs } from '../../core/words/time.ts';
import type { LogLine } from './log-lines.ts';

/** A line for a person at a terminal: time in UTC, level, message, then `name=value`. Nothing in it acts on the terminal. */
export function textOf({ level, message, fields }: LogLine, now: EpochMs): string {
  const time = isoTime(now).slice('2026-01-01T'.length, -'.000Z'.length);
  const shown = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${valueText(value)}`],
  );
  return `${[time, level.toUpperCase().padEnd(5), message, ...shown].join(' ')}\n`;
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return visible(JSON.stringify(value));
  const text = visible(value);
  return /^[^\s"=]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}
