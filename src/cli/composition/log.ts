import { pino } from 'pino';
import type { TelemetryEvent } from '../../ports/index.ts';
import type { LogLevel } from '../session.ts';

const levels = {
  call: 'debug',
  progress: 'trace',
  ignored: 'warn',
  waiting: 'info',
  written: 'info',
  failed: 'error',
  pass: 'debug',
  sweep: 'debug',
  look: 'debug',
  commit: 'info',
  condition: 'info',
  order: 'info',
} as const satisfies Record<TelemetryEvent['kind'], LogLevel>;

/** JSON lines on stderr, from a level on. A module of its own: it is loaded only by those who ask for a log. */
export function createLogger(
  level: LogLevel,
  stderr: NodeJS.WriteStream,
): (event: TelemetryEvent) => void {
  const logger = pino({ level, base: null }, stderr);
  return (event) => {
    const { kind, ...fields } = event;
    logger[levels[kind]](fields, kind);
  };
}
