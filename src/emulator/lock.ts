import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { keptKeyPair, readAddress, readPlatformPublicKey, type Address } from './data-directory.ts';
import { DataDirectoryBusy } from './disk.ts';
import { startEmulator, type Emulator } from './server.ts';
import { loadWorld } from './world-file.ts';
import type { World } from './world/state.ts';

/** A platform within reach: this process' own, or another's. */
export interface Reach {
  readonly endpoint: string;
  readonly clientId: string;
  /** PEM. */
  readonly privateKey: string;
  /** PEM. */
  readonly platformPublicKey: string;
  /** Stops what this process started; another's goes on. */
  readonly close: () => Promise<void>;
}

export interface ConnectOptions {
  readonly dataDir: string;
  /** The world a new data directory starts with, YAML. */
  readonly worldFile?: string;
  /** Default: the world's first client. */
  readonly clientId?: string;
}

/** How long the other process may take to start or to stop. */
const patienceMs = 15_000;
const pollMs = 25;

/**
 * The platform of a data directory: started in this process, or, while another process has the directory, that one's.
 *
 * The lock is the database's own and ends with its process, however that ends; the address beside it is believed only
 * when the process that answers there is the one that wrote it.
 *
 * @throws DataDirectoryBusy when the process that has it cannot be reached; WorldFileError
 */
export async function connectOrStart(options: ConnectOptions): Promise<Reach> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const reach = (await start(options)) ?? (await connect(options));
    if (reach) return reach;
    if (waitedMs >= patienceMs) throw new DataDirectoryBusy(options.dataDir);
    await sleep(pollMs);
  }
}

/** Undefined while another process has the directory. */
async function start({ dataDir, worldFile, clientId }: ConnectOptions): Promise<Reach | undefined> {
  try {
    const world = worldFile === undefined ? undefined : await readWorld(worldFile);
    const emulator = await startEmulator({ dataDir, ...(world && { world }) });
    return await reachOwn(emulator, clientId ?? emulator.client);
  } catch (error) {
    if (error instanceof DataDirectoryBusy) return undefined;
    throw error;
  }
}

/** A world file, and the public keys it names, relative to it. @throws WorldFileError */
export async function readWorld(path: string): Promise<World> {
  const text = await readFile(path, 'utf8');
  return loadWorld(text, { directory: dirname(resolve(path)), name: path });
}

async function reachOwn(emulator: Emulator, clientId: string): Promise<Reach> {
  const { privateKey } = await emulator.clientKeyPair(clientId);
  const { url: endpoint, platformPublicKey } = emulator;
  return { endpoint, clientId, privateKey, platformPublicKey, close: () => emulator.close() };
}

/** Undefined while nobody answers at the address, or somebody else does. */
async function connect({ dataDir, clientId }: ConnectOptions): Promise<Reach | undefined> {
  const address = await readAddress(dataDir);
  if (!address || !(await answers(address))) return undefined;
  const client = clientId ?? address.client;
  const { privateKey } = await keptKeyPair(dataDir, client);
  return {
    endpoint: address.url,
    clientId: client,
    privateKey,
    platformPublicKey: await readPlatformPublicKey(dataDir),
    close: () => Promise.resolve(),
  };
}

async function answers({ url, instance }: Address): Promise<boolean> {
  try {
    const response = await fetch(`${url}/console/health`, { signal: AbortSignal.timeout(2000) });
    const health: unknown = await response.json();
    return (
      typeof health === 'object' && health !== null && Reflect.get(health, 'instance') === instance
    );
  } catch {
    return false;
  }
}
