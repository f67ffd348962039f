import { pino, stdTimeFunctions } from 'pino';
import type { TelemetryEvent } from '../../ports/index.ts';
import { logLevels, type LogLevel } from '../session.ts';
import { systemClock } from '../system.ts';
import { lineOf, type LogLine } from './log-lines.ts';
import { createRepeats } from './log-repeats.ts';
import { textOf } from './log-text.ts';

/**
 * Lines on stderr, from a level on: JSON, or text on a terminal. A module of its own: it is loaded only by those who ask
 * for a log.
 *
 * What cannot be written is lost: a reader who went away or a full disk ends nobody's work. Nothing is kept back, so that
 * there is nothing to flush.
 */
export function createLogger(
  level: LogLevel,
  stderr: NodeJS.WriteStream,
): (event: TelemetryEvent) => void {
  // Without a listener the first failed write would end the process; one is enough, however many loggers there are.
  if (stderr.listenerCount('error') === 0) stderr.on('error', () => undefined);
  const write = stderr.isTTY ? writeText(stderr) : writeJson(level, stderr);
  const repeats = createRepeats();
  const most = logLevels.indexOf(level);
  return (event) => {
    const line = repeats(lineOf(event));
    if (logLevels.indexOf(line.level) <= most) write(line);
  };
}

type Write = (line: LogLine) => void;

function writeText(stderr: NodeJS.WriteStream): Write {
  return (line) => {
    stderr.write(textOf(line, systemClock.wall()));
  };
}

function writeJson(level: LogLevel, stderr: NodeJS.WriteStream): Write {
  const logger = pino(
    {
      ...{ level, base: null, timestamp: stdTimeFunctions.isoTime },
      formatters: { level: (label) => ({ level: label }) },
    },
    stderr,
  );
  return ({ level: lineLevel, message, fields }) => {
    logger[lineLevel](fields, message);
  };
}
