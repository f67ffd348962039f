import { dirname, resolve } from 'node:path';
import type { Telemetry } from '../../ports/index.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration, NamedConnection } from '../settings.ts';
import { systemClock } from '../system.ts';
import { openPlatform, type OpenPlatform, type Surroundings } from './platform.ts';
import { createTelemetry } from './telemetry.ts';

/** Platforms open for a command that starts from what they hold, not from declarations. */
export interface OpenConnections {
  readonly platforms: readonly OpenPlatform[];
  readonly telemetry: Telemetry;
  readonly close: () => Promise<void>;
}

/**
 * The connections a command is about: the one named with `--connection`, else all.
 *
 * @throws CliError `ConnectionNotFound` naming those there are
 */
export function chosenConnections(
  { options }: Session,
  { connections, file }: Administration,
): readonly NamedConnection[] {
  if (connections.length === 0) {
    throw new CliError('ConnectionNotFound', `${file} holds no PlatformConnection`, {
      nextStep: 'add one; `fairlead emulator --connection-out FILE` writes one to play with',
    });
  }
  const { connection: name } = options;
  if (name === undefined) return connections;
  const found = connections.filter((connection) => connection.name === name);
  if (found.length > 0) return found;
  throw new CliError('ConnectionNotFound', `no PlatformConnection is named ${name}`, {
    nextStep: `${file} has ${connections.map((connection) => connection.name).join(', ')}`,
  });
}

/** What opening a connection of these settings needs. */
export function surroundingsOf(
  { environment }: Session,
  administration: Administration,
  telemetry: Telemetry,
): Surroundings {
  const directory = dirname(resolve(administration.file));
  return {
    administration,
    values: { env: environment.variables, directory },
    clock: systemClock,
    telemetry,
  };
}

/** Opens connections; nothing is sent yet. */
export async function openConnections(
  session: Session,
  administration: Administration,
  connections: readonly NamedConnection[],
): Promise<OpenConnections> {
  const { telemetry, done } = await createTelemetry(session);
  const surroundings = surroundingsOf(session, administration, telemetry);
  const platforms: OpenPlatform[] = [];
  const close = async () => {
    done();
    await Promise.all(platforms.map((platform) => platform.close()));
  };
  try {
    for (const connection of connections) {
      platforms.push(await openPlatform(connection, surroundings));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { platforms, telemetry, close };
}
