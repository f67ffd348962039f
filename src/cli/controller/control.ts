import type { EpochMs } from '../../core/words/time.ts';
import { startServer, type Server } from '../../server/server.ts';
import { SecretText } from '../../core/words/secret-text.ts';
import { readValue } from '../../secrets/value.ts';
import { readSettings, watchConfig, type ReadSettings } from '../composition/config-watch.ts';
import { gitOf, pruneSources } from '../composition/sources.ts';
import { lockState } from '../composition/state-lock.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock } from '../system.ts';
import { toolVersion } from '../version.ts';
import { openGeneration, type Generation } from './generation.ts';
import { openSurroundings, type ControllerSurroundings } from './surroundings.ts';
import { dirname, resolve } from 'node:path';

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
  try {
    const startedAt = systemClock.wall();
    const openings = { session, surroundings: around, startedAt };
    const first = await openGeneration(inForce.administration, openings);
    const current = { generation: first };
    try {
      await pruneSources(session, inForce.administration, stateDir, around.git);
      const server = await serve(session, around, { current, listen, startedAt });
      session.stderr.write(welcome(options, inForce.administration, server));
      try {
        await generations(session, { inForce, openings, current });
      } finally {
        await server?.close();
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
  }
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
}

/** One generation after the other: new settings take the place of those in force once everything they name is open. */
async function generations(
  session: Session,
  { inForce, openings, current }: Running,
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
      await next.waiting?.close();
      next.waiting = opened;
      surroundings.configTrouble.current = undefined;
      tell(surroundings, { state: 'Ready', message: 'new settings are in force' });
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

interface Serving {
  readonly current: { readonly generation: Generation };
  readonly listen: string | undefined;
  readonly startedAt: EpochMs;
}

/** Serves health, metrics and webhooks where an address is given. */
async function serve(
  session: Session,
  { board, hints, metrics, telemetry }: ControllerSurroundings,
  { current, listen, startedAt }: Serving,
): Promise<Server | undefined> {
  const address = listen ?? current.generation.administration.settings.server?.listen;
  if (address === undefined) return undefined;
  const { host, port } = parseAddress(address);
  return startServer({
    ...{ host, port, hints, metrics, telemetry, clock: systemClock },
    status: () =>
      board.latest() ?? {
        formatVersion: 1,
        kind: 'ControllerStatus',
        ...{ version: toolVersion, startedAt, at: systemClock.wall() },
        config: { file: current.generation.administration.file, loadedAt: startedAt },
        ...{ sources: [], connections: [], programs: [] },
      },
    webhooks: () => webhooksOf(session, current.generation.administration),
  });
}

function webhooksOf({ environment }: Session, { settings, sources, file }: Administration) {
  const values = { env: environment.variables, directory: dirname(resolve(file)) };
  return (settings.server?.webhooks ?? []).map(({ name, form, secret, sources: wanted }) => ({
    ...{ name, form },
    secret: async () => new SecretText(await readValue(valueOf(secret), values)),
    sources: wanted ?? sources.map((source) => source.name),
  }));
}

function valueOf({ env, file }: { readonly env?: string; readonly file?: string }) {
  return { ...(env === undefined ? {} : { env }), ...(file === undefined ? {} : { file }) };
}

const addressForm = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** @throws CliError `Usage` */
function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const [, six, name, digits] = addressForm.exec(text) ?? [];
  const host = six ?? name;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new CliError('Usage', `${text} is no address to listen on`, {
    nextStep: 'give HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080',
  });
}

function welcome(
  { stateDir }: ControlOptions,
  { sources, connections, file }: Administration,
  server: Server | undefined,
): string {
  const follows = `fairlead: following ${String(sources.length)} sources through ${String(connections.length)} connections (${file}), state in ${stateDir}\n`;
  return server ? `${follows}fairlead: serving ${server.url}\n` : follows;
}
