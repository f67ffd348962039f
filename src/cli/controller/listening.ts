import { dirname, resolve } from 'node:path';
import { SecretText } from '../../core/words/secret-text.ts';
import type { EpochMs } from '../../core/words/time.ts';
import { readValue } from '../../secrets/value.ts';
import { startServer, type Server } from '../../server/server.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock } from '../system.ts';
import { toolVersion } from '../version.ts';
import type { ControllerSurroundings } from './surroundings.ts';

/** Health, metrics and webhooks, where an address is given. */
export interface Listening {
  /**
   * Serves where these settings say, or nowhere.
   *
   * @throws CliError, ReconcileError  where that cannot be; then everything is served as before
   */
  follow(administration: Administration): Promise<void>;
  close(): Promise<void>;
}

export interface ListeningOptions {
  readonly surroundings: Pick<ControllerSurroundings, 'hints' | 'metrics' | 'telemetry'> & {
    readonly board: Pick<ControllerSurroundings['board'], 'latest'>;
  };
  /** How objects of a cluster are followed; absent, there is none. */
  readonly cluster?: () => readonly { readonly ready: boolean; readonly text: string }[];
  /** The settings in force. */
  readonly inForce: () => Administration;
  /** HOST:PORT of the command line: no settings have a say. */
  readonly listen: string | undefined;
  readonly startedAt: EpochMs;
}

export function createListening(session: Session, options: ListeningOptions): Listening {
  let current: { readonly address: string; readonly server: Server } | undefined;

  async function open(address: string): Promise<void> {
    current = { address, server: await serve(session, options, parseAddress(address)) };
  }

  async function close(): Promise<void> {
    const { server } = current ?? {};
    current = undefined;
    await server?.close();
  }

  /** The new one is open before the old one closes: who asks never finds nobody. */
  async function moveTo(address: string): Promise<void> {
    const old = current;
    await open(address);
    await old?.server.close();
  }

  /** One port cannot be opened twice, for other addresses of the machine. */
  async function moveWithin(address: string, before: string): Promise<void> {
    parseAddress(address);
    await close();
    try {
      await open(address);
    } catch (error) {
      await open(before);
      throw error;
    }
  }

  return {
    close,
    async follow({ settings }) {
      const address = options.listen ?? settings.server?.listen;
      if (address === current?.address) return;
      if (address === undefined) {
        await close();
        session.stderr.write('fairlead: serving nothing any more\n');
        return;
      }
      if (current && isOnePort(address, current.address)) {
        await moveWithin(address, current.address);
      } else await moveTo(address);
      session.stderr.write(`fairlead: serving ${current?.server.url ?? ''}\n`);
    },
  };
}

async function serve(
  session: Session,
  { surroundings, inForce, startedAt, cluster }: ListeningOptions,
  { host, port }: Address,
): Promise<Server> {
  const { board, hints, metrics, telemetry } = surroundings;
  return startServer({
    ...{ host, port, hints, metrics, telemetry, clock: systemClock },
    ...(cluster ? { cluster } : {}),
    status: () =>
      board.latest() ?? {
        formatVersion: 1,
        kind: 'ControllerStatus',
        ...{ version: toolVersion, startedAt, at: systemClock.wall() },
        config: { file: inForce().file, loadedAt: startedAt },
        ...{ sources: [], connections: [], programs: [] },
      },
    webhooks: () => webhooksOf(session, inForce()),
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

interface Address {
  readonly host: string;
  readonly port: number;
}

const addressForm = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** @throws CliError `Usage` */
function parseAddress(text: string): Address {
  const [, six, name, digits] = addressForm.exec(text) ?? [];
  const host = six ?? name;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new CliError('Usage', `${text} is no address to listen on`, {
    nextStep: 'give HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080',
  });
}

function isOnePort(a: string, b: string): boolean {
  const { port } = parseAddress(a);
  return port !== 0 && port === parseAddress(b).port;
}
