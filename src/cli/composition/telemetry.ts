import type { Telemetry, TelemetryEvent } from '../../ports/index.ts';
import type { Session } from '../session.ts';

const progressAfterMs = 1000;
const progressEveryMs = 100;

/**
 * Log lines on stderr (JSON, from the info level on) and, on a terminal, one progress line for work over a second.
 *
 * @returns the port, and a function that takes the progress line away
 */
export async function createTelemetry(
  session: Session,
): Promise<{ readonly telemetry: Telemetry; readonly done: () => void }> {
  const log = await createLog(session);
  const progress = createProgress(session);
  return {
    telemetry: {
      emit: (event) => {
        log(event);
        progress.show(event);
      },
    },
    done: progress.clear,
  };
}

async function createLog({ options, stderr }: Session): Promise<(event: TelemetryEvent) => void> {
  const quiet = options.logLevel === 'error' || options.logLevel === 'warn';
  if (quiet) return () => undefined;
  const { createLogger } = await import('./log.ts');
  return createLogger(options.logLevel, stderr);
}

interface Progress {
  readonly show: (event: TelemetryEvent) => void;
  readonly clear: () => void;
}

function createProgress({ stderr, options }: Session): Progress {
  if (!stderr.isTTY || options.logLevel === 'error')
    return { show: () => undefined, clear: () => undefined };
  const started = performance.now();
  let shownAt = 0;
  let visible = false;
  const show = (event: TelemetryEvent): void => {
    const now = performance.now();
    const text = progressText(event);
    if (text === undefined || now - started < progressAfterMs || now - shownAt < progressEveryMs)
      return;
    shownAt = now;
    visible = true;
    stderr.write(`\r\u001B[2K${text.slice(0, Math.max(20, stderr.columns - 1))}`);
  };
  const clear = (): void => {
    if (visible) stderr.write('\r\u001B[2K');
    visible = false;
  };
  return { show, clear };
}

function progressText(event: TelemetryEvent): string | undefined {
  if (event.kind === 'waiting')
    return `waiting ${String(Math.ceil(event.ms / 1000))} s: ${event.why}`;
  if (event.kind !== 'progress') return undefined;
  const { done, total, what } = event;
  return total === undefined
    ? `${what} ${String(done)}`
    : `${what} ${String(done)} of ${String(total)}`;
}
