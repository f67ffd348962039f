import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { readPrivateKey } from '../protocol/keys.ts';
import { defaultPathPrefix } from '../protocol/operations.ts';
import { createSigner, type SignatureEncoding } from '../protocol/signature.ts';
import {
  keptKeyPair,
  makeDataDirectory,
  platformKeyPair,
  removeAddress,
  writeAddress,
} from './data-directory.ts';
import { openDisk, type Disk } from './disk.ts';
import { createFaults, type FaultPlan } from './faults.ts';
import { createHost, memoryStore, type Host } from './host.ts';
import { makeKeyPair, type KeyPair } from './keys.ts';
import { createLimiter, type RateLimit } from './rate-limit.ts';
import { distrustUnsigned, type Convention, type Received } from './receive.ts';
import { createVoice } from './reply.ts';
import { deliver } from './respond.ts';
import { serveCall } from './serve-calls.ts';
import { isOfConsole, serveConsole, type ConsoleService } from './serve-console.ts';
import { createWorld, defaultClient } from './world/create.ts';
import type { RuleId } from './world/rules.ts';
import { putClient, type World } from './world/state.ts';
import type { Switches } from './world/switches.ts';

export interface EmulatorOptions {
  /** What a new platform starts with; a data directory that has a world keeps it. */
  readonly world?: World;
  /** Omitted: everything is forgotten with the process. */
  readonly dataDir?: string;
  /** Loopback only. Default 127.0.0.1 and a free port. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  readonly convention?: Partial<Convention>;
  /** How responses are signed; requests may use any. */
  readonly signatureEncoding?: SignatureEncoding;
  /** For the world of a data directory; a given `world` has its own. */
  readonly switches?: Partial<Switches>;
  readonly without?: readonly RuleId[];
  readonly faults?: FaultPlan;
  readonly rateLimit?: RateLimit;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
  /** Of the platform. Default: the data directory's, else new. */
  readonly keyPair?: KeyPair;
}

/** A running platform. */
export interface Emulator {
  /** Scheme, host and port. */
  readonly url: string;
  readonly host: Host;
  /** SPKI, PEM. */
  readonly platformPublicKey: string;
  /** The world's first client. */
  readonly client: string;
  /**
   * A client's key pair: made at the first call, and kept in the data directory.
   *
   * @throws RangeError when the world gave the client a public key, since its other half is elsewhere
   */
  clientKeyPair(client?: string): Promise<KeyPair>;
  close(): Promise<void>;
}

/** Longest request body that is read. */
const maxBodyBytes = 1 << 20;
/** Other processes may use the platform of a data directory: what they asked is answered before it goes. */
const lastWordsMs = 1000;
const pollMs = 10;

/**
 * Starts a Mini Program Platform on a loopback socket.
 *
 * @throws DataDirectoryBusy when another process has the data directory; RangeError for an address that is not loopback
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const name = loopback(options.listen?.host ?? '127.0.0.1');
  const { dataDir } = options;
  const disk = dataDir === undefined ? undefined : await takeDirectory(dataDir);
  try {
    const host = createHost(openWorld(options, disk), disk ?? memoryStore());
    const keyPair =
      options.keyPair ?? (await (dataDir === undefined ? makeKeyPair() : platformKeyPair(dataDir)));
    return await serve(makeService(options, host, keyPair), { ...options, name, keyPair });
  } catch (error) {
    disk?.close();
    throw error;
  }
}

async function serve(
  service: ConsoleService,
  options: EmulatorOptions & { readonly name: string; readonly keyPair: KeyPair },
): Promise<Emulator> {
  const { dataDir, name, listen, keyPair } = options;
  const { host, instance } = service;
  const client = firstClient(host.world());
  const clientKeyPair = createClientKeys(host, dataDir);
  // A second command that finds this process needs the key of a client that has none of its own.
  if (dataDir !== undefined && !hasKey(host.world(), client)) await clientKeyPair(client);
  const server = createServer((request, response) => {
    handle(service, request, response).catch(() => response.destroy());
  });
  const url = await listenOn(server, name, listen?.port ?? 0);
  if (dataDir !== undefined)
    await writeAddress(dataDir, { url, pid: process.pid, instance, client });
  return {
    ...{ url, host, client, clientKeyPair, platformPublicKey: keyPair.publicKey },
    close: async () => {
      await closeServer(server, dataDir === undefined ? 0 : lastWordsMs);
      if (dataDir !== undefined) await removeAddress(dataDir);
      host.close();
    },
  };
}

/** Whoever holds the database removes what a dead process may have left. */
async function takeDirectory(dataDir: string): Promise<Disk> {
  await makeDataDirectory(dataDir);
  const disk = openDisk(dataDir);
  await removeAddress(dataDir);
  return disk;
}

function openWorld({ world, switches, without }: EmulatorOptions, disk: Disk | undefined): World {
  const options = { ...(switches && { switches }), ...(without && { without }) };
  const kept = disk?.load(options);
  if (kept) return kept;
  const begun = world ?? createWorld(options);
  disk?.begin(begun);
  return begun;
}

function makeService(
  options: EmulatorOptions,
  host: Host,
  { privateKey }: KeyPair,
): ConsoleService {
  const { rateLimit = { requestsPerSecond: 0 }, faults = { rules: [] }, now = Date.now } = options;
  const convention: Convention = {
    ...{ pathPrefix: defaultPathPrefix, signedPath: 'full' },
    ...options.convention,
  };
  const signer = createSigner({
    privateKey: readPrivateKey(privateKey),
    keyVersion: 1,
    encoding: options.signatureEncoding ?? 'urlEncodedBase64',
  });
  return {
    ...{ host, convention, now, rateLimit, sleep },
    distrust: distrustUnsigned,
    voice: createVoice({ signer, convention, now }),
    faults: createFaults(faults),
    limiter: createLimiter(rateLimit),
    instance: randomUUID(),
  };
}

function firstClient(world: World): string {
  return world.clients.keySeq().first() ?? defaultClient;
}

function hasKey(world: World, client: string): boolean {
  return (world.clients.get(client)?.keys.length ?? 0) > 0;
}

function createClientKeys(host: Host, dataDir: string | undefined): Emulator['clientKeyPair'] {
  const made = new Map<string, Promise<KeyPair>>();
  const make = async (client: string): Promise<KeyPair> => {
    const keyPair = await (dataDir === undefined ? makeKeyPair() : keptKeyPair(dataDir, client));
    const { publicKey } = keyPair;
    const known = host.world().clients.get(client)?.keys.at(-1);
    if (known?.publicKey === publicKey) return keyPair;
    if (known) throw new RangeError(`client ${client} has a key of its own`);
    host.alter((world) => putClient(world, { id: client, keys: [{ version: 1, publicKey }] }));
    await host.settle();
    return keyPair;
  };
  return (client = firstClient(host.world())) => {
    const keyPair = made.get(client) ?? make(client);
    made.set(client, keyPair);
    return keyPair;
  };
}

async function handle(
  service: ConsoleService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const { method = '', url: path = '', headers } = request;
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const received: Received = { method, path, headers, body };
  const delivered = isOfConsole(path)
    ? await serveConsole(service, received)
    : await serveCall(service, received);
  await deliver(response, delivered);
}

/** Undefined for a body that is too long. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function loopback(host: string): string {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return host;
  throw new RangeError(`the emulator listens on loopback only, not on ${host}`);
}

function listenOn(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { address, family, port: taken } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`);
    });
  });
}

/** Takes no new connection; calls that are being answered have so many milliseconds to be. */
async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  const idle = setInterval(() => server.closeIdleConnections(), pollMs);
  const end = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(end);
}
