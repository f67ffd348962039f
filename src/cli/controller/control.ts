import { isoTime } from '../../core/words/time.ts';
import { plural } from '../../core/render/sentence.ts';
import { readSettings, watchConfig, type ReadSettings } from '../composition/config-watch.ts';
import { gitOf, pruneSources } from '../composition/sources.ts';
import { lockState } from '../composition/state-lock.ts';
import { CliError } from '../exit.ts';
import { stoppedBy, type Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock } from '../system.ts';
import { openGeneration, type Generation } from './generation.ts';
import { createListening, type Listening } from './listening.ts';
import { openSurroundings, type ControllerSurroundings } from './surroundings.ts';

/** What the command line said. */
export interface ControlOptions {
  readonly config: string;
  readonly stateDir: string;
  /** HOST:PORT; undefined: as the settings say. */
  readonly listen: string | undefined;
}

/** A call under way may take that long to end once somebody said stop; the process then ends without it. */
const lastCallMs = 3_500;
const bugRestMs = 5_000;

/**
 * Keeps platforms equal to what Git declares until the session's signal is aborted.
 *
 * @throws CliError  before anything is started: settings, state directory or address cannot be used
 */
export async function control(session: Session, options: ControlOptions): Promise<void> {
  const { config, stateDir, listen } = options;
  const inForce = await readSettings(config, { clock: systemClock, signal: session.signal });
  refuseNoSource(inForce.administration);
  const lock = await lockState(stateDir);
  const ended = new AbortController();
  const around = openSurroundings(
    session,
    { stateDir, git: gitOf(session, inForce.administration) },
    ended.signal,
  );
  const stopping = (): void => tellStop(session, around, 'Stopping');
  session.signal.addEventListener('abort', stopping, { once: true });
  try {
    const startedAt = systemClock.wall();
    const openings = { session, surroundings: around, startedAt };
    const first = await openGeneration(inForce.administration, openings);
    const current = { generation: first };
    try {
      await pruneSources(session, inForce.administration, stateDir, around.git);
      const listening = createListening(session, {
        ...{ surroundings: around, listen, startedAt },
        inForce: () => current.generation.administration,
      });
      try {
        await listening.follow(inForce.administration);
        session.stderr.write(welcome(options, inForce.administration));
        await generations(session, { inForce, openings, current, listening });
      } finally {
        await listening.close();
      }
    } finally {
      await current.generation.close();
    }
  } finally {
    await around.board.flush();
    ended.abort();
    await around.completed.flush();
    around.metrics.close();
    around.ledger.close();
    lock.release();
    session.signal.removeEventListener('abort', stopping);
    if (session.signal.aborted) tellStop(session, around, 'Stopped');
  }
}

function tellStop(
  { signal }: Session,
  { telemetry }: ControllerSurroundings,
  state: 'Stopping' | 'Stopped',
): void {
  const name = stoppedBy(signal) ?? 'asked';
  const rest = state === 'Stopping' ? ': calls under way are finished, none is started' : '';
  const message = `told by ${name}${rest}`;
  telemetry.emit({ kind: 'condition', about: 'config', name: 'controller', state, message });
}

function refuseNoSource({ sources, file }: Administration): void {
  if (sources.length > 0) return;
  throw new CliError('SettingsInvalid', `${file} holds no GitSource`, {
    nextStep: 'add a GitSource with the url of the repository, or use fairlead apply PATH',
  });
}

interface Running {
  readonly inForce: ReadSettings;
  readonly openings: Parameters<typeof openGeneration>[1];
  readonly current: { generation: Generation };
  readonly listening: Listening;
}

/** One generation after the other: new settings take the place of those in force once everything they name is open. */
async function generations(
  session: Session,
  { inForce, openings, current, listening }: Running,
): Promise<void> {
  const { signal } = session;
  const { surroundings } = openings;
  const next: { waiting: Generation | undefined; swap: AbortController } = {
    waiting: undefined,
    swap: new AbortController(),
  };
  const watching = watchConfig(inForce.administration.file, {
    ...{ clock: systemClock, signal, inForce },
    async onNew(administration) {
      refuseNoSource(administration);
      const opened = await openGeneration(administration, openings);
      try {
        await listening.follow(administration);
      } catch (error) {
        await opened.close();
        throw error;
      }
      await next.waiting?.close();
      next.waiting = opened;
      surroundings.configTrouble.current = undefined;
      // With a moment: each time is news.
      const message = `new settings are in force since ${isoTime(systemClock.wall())}`;
      tell(surroundings, { state: 'Ready', message });
      next.swap.abort('new settings');
    },
    onBad(trouble) {
      surroundings.configTrouble.current = trouble;
      tell(surroundings, { state: 'Failing', trouble });
    },
  });
  while (!signal.aborted) {
    const fresh = next.waiting;
    if (fresh) {
      next.waiting = undefined;
      await current.generation.close();
      current.generation = fresh;
      continue;
    }
    next.swap = new AbortController();
    await runUntil(current.generation, surroundings, { stop: signal, swap: next.swap.signal });
  }
  await watching;
  await next.waiting?.close();
}

interface Ends {
  /** The process ends: it waits for calls under way, but not long. */
  readonly stop: AbortSignal;
  /** Other settings take over: they wait until every call under way has ended, so that no two write at a time. */
  readonly swap: AbortSignal;
}

/** A bug outside of any program is told, and everything starts anew after a rest. */
async function runUntil(
  generation: Generation,
  { telemetry }: ControllerSurroundings,
  { stop, swap }: Ends,
): Promise<void> {
  const signal = AbortSignal.any([stop, swap]);
  const over = Promise.withResolvers<undefined>();
  const late = (): void => {
    const timer = setTimeout(() => over.resolve(undefined), lastCallMs);
    timer.unref();
  };
  stop.addEventListener('abort', late, { once: true });
  try {
    await Promise.race([generation.run(signal), over.promise]);
  } catch (error) {
    if (signal.aborted) return;
    const what = error instanceof Error ? (error.stack ?? error.name) : typeof error;
    const why = `a bug in Fairlead ended the loop; it starts anew: ${what}`;
    telemetry.emit({ kind: 'ignored', what: 'loop', why });
    await systemClock.sleep(bugRestMs, signal).catch(() => undefined);
  } finally {
    stop.removeEventListener('abort', late);
  }
}

function tell(
  { telemetry }: ControllerSurroundings,
  said: {
    readonly state: string;
    readonly message?: string;
    readonly trouble?: ControllerSurroundings['configTrouble']['current'];
  },
): void {
  const { trouble, ...more } = said;
  telemetry.emit({
    ...{ kind: 'condition', about: 'config', name: 'settings', ...more },
    ...(trouble ? { trouble } : {}),
  });
}

function welcome(
  { stateDir }: ControlOptions,
  { sources, connections, file }: Administration,
): string {
  const follows = plural(sources.length, 'source');
  const through = plural(connections.length, 'connection');
  return `fairlead: following ${follows} through ${through} (${file}), state in ${stateDir}\n`;
}
