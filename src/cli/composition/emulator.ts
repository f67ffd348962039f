import { DataDirectoryBusy } from '../../emulator/disk.ts';
import { followPlatform } from './follow-platform.ts';
import { connectOrStart } from '../../emulator/lock.ts';
import { WorldFileError } from '../../emulator/world-file.ts';
import { CliError, exitCodes } from '../exit.ts';
import type { Administration, NamedConnection } from '../settings.ts';
import type { Reach } from './platform.ts';

/**
 * The emulator of a connection: the process that has its data directory already, else one in this process, which ends
 * with `close`. When the other process ends first, this one takes over.
 *
 * @throws CliError `SettingsInvalid`, `EmulatorUnavailable`, `WorldInvalid`
 */
export async function openEmulator(
  { name, spec }: NamedConnection,
  { path }: Administration,
): Promise<Reach> {
  const { dataDir, worldFile, clientId } = spec;
  if (dataDir === undefined) {
    throw new CliError('SettingsInvalid', `connection ${name} is incomplete`, {
      nextStep: 'driver emulator needs dataDir; what it holds outlives every command',
    });
  }
  const open = async () =>
    explainEmulator(async () =>
      connectOrStart({
        dataDir: path(dataDir),
        ...(worldFile === undefined ? {} : { worldFile: path(worldFile) }),
        ...(clientId === undefined ? {} : { clientId }),
      }),
    );
  const reach = await open();
  return { ...reach, ...followPlatform(reach, open) };
}

/** Turns what may be wrong with a data directory, a world or an address into one sentence. */
export async function explainEmulator<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): unknown {
  if (error instanceof WorldFileError) {
    return new CliError('WorldInvalid', 'the world file is not usable', {
      exit: exitCodes.error,
      problems: error.problems.map((message) => ({
        rule: 'world-file',
        severity: 'error',
        message,
      })),
      nextStep: 'correct it; docs/emulator.md shows what a world file may hold',
      cause: error,
    });
  }
  if (error instanceof DataDirectoryBusy) {
    return new CliError('EmulatorUnavailable', error.message, {
      nextStep: 'end the process that uses it, or name another data directory',
      cause: error,
    });
  }
  if (error instanceof RangeError) {
    return new CliError('EmulatorUnavailable', error.message, { cause: error });
  }
  return systemFailure(error) ?? error;
}

const systemReasons: Readonly<Record<string, readonly [message: string, nextStep: string]>> = {
  EADDRINUSE: ['the address is in use', 'name another port with --listen, or 127.0.0.1:0 for any'],
  EADDRNOTAVAIL: ['this machine has no such address', 'listen on 127.0.0.1 or [::1]'],
  EACCES: ['access is denied', 'name a directory and a port that you may use'],
  ENOENT: ['a file is missing', 'see --world, or worldFile of the connection'],
  EISDIR: ['a file was expected, and a directory is there', 'see --world and --connection-out'],
  ENOTDIR: ['a directory was expected, and a file is there', 'see --data, or dataDir'],
  EEXIST: ['a directory was expected, and a file is there', 'see --data, or dataDir'],
  ENOSPC: ['the disk is full', 'make room, or name a data directory elsewhere'],
};

function systemFailure(error: unknown): CliError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const reason = systemReasons[String(error.code)];
  if (!reason) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? ` (${error.path})` : '';
  return new CliError('EmulatorUnavailable', `the emulator cannot start: ${reason[0]}${path}`, {
    nextStep: reason[1],
    cause: error,
  });
}
