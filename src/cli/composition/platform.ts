import type { KeyFrom } from '../../core/kinds/platform-connection.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { createMemory, type Memory } from '../../engine/read.ts';
import {
  createHttpDriver,
  type HttpDriverOptions,
  type Learnt,
} from '../../platform/http/driver.ts';
import { parseRetryAfter } from '../../platform/http/retry-after.ts';
import { createNodeTransport } from '../../platform/http/transport.ts';
import type {
  Clock,
  Lane,
  PlatformReader,
  PlatformWriter,
  Telemetry,
  Transport,
} from '../../ports/index.ts';
import { readPrivateKey, readPublicKey } from '../../protocol/keys.ts';
import { createSigner, createVerifier } from '../../protocol/signature.ts';
import type { PlatformLanes } from '../../reconcile/ports.ts';
import { paced, type Pacing } from '../../reconcile/paced.ts';
import { createRateBudget, type RateBudget } from '../../reconcile/rate-budget.ts';
import { derivedFingerprintKey, givenFingerprintKey } from '../../secrets/fingerprint-key.ts';
import type { ConnectionKeys } from '../../secrets/map.ts';
import { readValue, type ValueSources } from '../../secrets/value.ts';
import { plainEndpoint } from '../endpoint.ts';
import { CliError } from '../exit.ts';
import type { Administration, NamedConnection } from '../settings.ts';

/** A platform within reach, and what belongs to the credential. */
export interface ReachedPlatform {
  readonly connection: NamedConnection;
  readonly platform: PlatformReader & PlatformWriter;
  readonly endpoint: string;
  readonly keys: ConnectionKeys;
  readonly requestsPerSecond: number;
  readonly timeoutMs: number;
  /** Ends what was started for it. */
  readonly close: () => Promise<void>;
}

/** A platform that is called: everything of one connection keeps to one budget. */
export interface OpenPlatform extends ReachedPlatform {
  /** The same platform, by the lane in which its calls wait. `platform` is the hot one. */
  readonly lanes: PlatformLanes;
  /** The same lanes for one of several owners, who take turns in them. */
  readonly lanesOf: (owner: string) => PlatformLanes;
  /** A reader in the sweep's lane whose calls are told to somebody, too. */
  readonly reader: (calls: Telemetry) => PlatformReader;
  readonly budget: RateBudget;
  readonly memory: Memory;
}

/** What experience taught of a platform, beyond the settings by which it is reached. */
export interface Acquaintance {
  readonly budget: RateBudget;
  readonly learnt: Learnt;
  readonly memory: Memory;
}

export interface Surroundings {
  readonly administration: Administration;
  readonly values: ValueSources;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** By platform, address and client; grows. For who opens connections again: what a platform asked for still holds. */
  readonly acquaintances?: Map<string, Acquaintance>;
  /** Opens a Secret of the controller's namespace; absent: there is no cluster. Throws ReconcileError. */
  readonly secret?: (ref: NonNullable<KeyFrom['secretKeyRef']>) => Promise<string>;
  /** Sees every exchange with a platform; for `doctor`, which judges what is beneath the driver. */
  readonly watch?: (transport: Transport) => Transport;
}

const defaultRequestsPerSecond = 10;
const defaultTimeoutSeconds = 30;

/** Where a connection leads, once an emulator it names is running. */
export interface Reach {
  readonly endpoint: string;
  readonly clientId: string;
  /** PEM or base64 of PKCS #8. */
  readonly privateKey: string;
  readonly platformPublicKey: string;
  /** For a platform that may move while it is used: sends to where it is. */
  readonly over?: (transport: Transport) => Transport;
  readonly close: () => Promise<void>;
}

/**
 * Opens a connection; nothing is sent yet.
 *
 * @throws CliError `SettingsInvalid` when a key cannot be read or is none
 */
export async function openPlatform(
  connection: NamedConnection,
  surroundings: Surroundings,
): Promise<OpenPlatform> {
  const reach = await reachOf(connection, surroundings);
  try {
    return await openReached(connection, reach, surroundings);
  } catch (error) {
    await reach.close();
    throw error;
  }
}

async function openReached(
  connection: NamedConnection,
  reach: Reach,
  surroundings: Surroundings,
): Promise<OpenPlatform> {
  const { spec, name } = connection;
  const { clock, telemetry, values, watch = (transport: Transport) => transport } = surroundings;
  const requestsPerSecond = spec.requestsPerSecond ?? defaultRequestsPerSecond;
  const timeoutMs = (spec.timeoutSeconds ?? defaultTimeoutSeconds) * 1000;
  return explained(name, async () => {
    const privateKey = readPrivateKey(reach.privateKey);
    const { caFile } = spec;
    const direct = createNodeTransport(
      caFile === undefined ? {} : { ca: [await readValue({ file: caFile }, values)] },
    );
    const transport = watch(reach.over?.(direct) ?? direct);
    const { budget, learnt, memory } = acquaintanceWith(connection, surroundings);
    const driver = driversOver(transport, budget, {
      learnt,
      connection: { ...spec, endpoint: reach.endpoint, clientId: reach.clientId, timeoutMs },
      signer: createSigner({
        privateKey,
        keyVersion: spec.keyVersion ?? 1,
        encoding: spec.signatureEncoding ?? 'urlEncodedBase64',
      }),
      verifier: createVerifier(readPublicKey(reach.platformPublicKey)),
      clock,
      telemetry,
    });
    const given = await Promise.all(
      [spec.fingerprintKey, ...(spec.previousFingerprintKeys ?? [])].map(async (from) =>
        from === undefined ? undefined : keyText(from, surroundings),
      ),
    );
    const [own, ...previous] = given.map((text) =>
      text === undefined ? derivedFingerprintKey(privateKey) : givenFingerprintKey(text),
    );
    const keys = { ...(own ? { key: own } : {}), previous };
    const { endpoint, close } = reach;
    // One driver per lane: they share the budget, and what either learns of the platform.
    const lanesOf = (owner: string): PlatformLanes => ({
      hot: driver('hot', { owner }),
      sweep: driver('sweep', { owner }),
    });
    const lanes = lanesOf('');
    const reader: OpenPlatform['reader'] = (calls) =>
      driver('sweep', { telemetry: both(telemetry, calls) });
    return {
      ...{ connection, platform: lanes.hot, lanes, lanesOf, reader, budget, memory },
      ...{ endpoint, keys, requestsPerSecond, timeoutMs, close },
    };
  });
}

/** A known platform keeps its pace until somebody sets another: it may be in use by settings still in force. */
function acquaintanceWith(
  { spec }: NamedConnection,
  { acquaintances, clock }: Surroundings,
): Acquaintance {
  const { platformId, endpoint, dataDir, clientId } = spec;
  const where = endpoint === undefined ? dataDir : plainEndpoint(endpoint);
  const key = JSON.stringify([platformId, where, clientId]);
  const known = acquaintances?.get(key);
  if (known) {
    // Who answers is asked anew, with the keys of today; drivers already open go on as they are.
    delete known.learnt.platform;
    return known;
  }
  const budget = createRateBudget(spec.requestsPerSecond ?? defaultRequestsPerSecond, clock);
  const fresh: Acquaintance = { budget, learnt: {}, memory: createMemory() };
  acquaintances?.set(key, fresh);
  return fresh;
}

function both(first: Telemetry, second: Telemetry): Telemetry {
  return {
    emit: (event) => {
      first.emit(event);
      second.emit(event);
    },
  };
}

function driversOver(
  transport: Transport,
  budget: RateBudget,
  options: Omit<HttpDriverOptions, 'transport'> & { readonly learnt: Learnt },
): (
  lane: Lane,
  whose?: { readonly telemetry?: Telemetry; readonly owner?: string },
) => PlatformReader & PlatformWriter {
  const { clock } = options;
  const pacing: Pacing = {
    budget,
    clock,
    retryAfter: ({ headers }) =>
      parseRetryAfter(headers['retry-after'], headers['date'], clock.wall()),
  };
  return (lane, { telemetry = options.telemetry, owner = '' } = {}) =>
    createHttpDriver({ ...options, telemetry, ...paced(transport, { ...pacing, owner }, lane) });
}

async function reachOf(connection: NamedConnection, surroundings: Surroundings): Promise<Reach> {
  if (connection.spec.driver === 'emulator') {
    // Loaded only for connections that name an emulator: its rules are half of the program.
    const { openEmulator } = await import('./emulator.ts');
    return openEmulator(connection, surroundings.administration);
  }
  const { endpoint, clientId, privateKey, platformPublicKey } = connection.spec;
  if (endpoint === undefined || clientId === undefined || !privateKey || !platformPublicKey) {
    throw new CliError('SettingsInvalid', `connection ${connection.name} is incomplete`, {
      nextStep: 'driver http needs endpoint, clientId, privateKey and platformPublicKey',
    });
  }
  return explained(connection.name, async () => ({
    endpoint,
    clientId,
    privateKey: await keyText(privateKey, surroundings),
    platformPublicKey: await keyText(platformPublicKey, surroundings),
    close: () => Promise.resolve(),
  }));
}

async function keyText(
  from: KeyFrom,
  { values, secret }: Pick<Surroundings, 'values' | 'secret'>,
): Promise<string> {
  const { env, file, secretKeyRef } = from;
  if (secretKeyRef && secret) return secret(secretKeyRef);
  return readValue(
    { ...(env === undefined ? {} : { env }), ...(file === undefined ? {} : { file }) },
    values,
  );
}

/** Says of which connection a key or file could not be read. */
async function explained<T>(name: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    const known = cause instanceof ReconcileError || cause instanceof RangeError;
    if (!known) throw cause;
    throw new CliError('SettingsInvalid', `connection ${name}: ${cause.message}`, {
      cause,
      nextStep:
        (cause instanceof ReconcileError ? cause.nextStep : undefined) ??
        'see privateKey and platformPublicKey of the connection',
    });
  }
}
