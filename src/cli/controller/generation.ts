import { dirname, resolve } from 'node:path';
import { gatesOf } from '../../core/plan/gates.ts';
import { parseMoment } from '../../core/resolve/moment.ts';
import type { EpochMs } from '../../core/words/time.ts';
import {
  runLoop,
  type LoopConnection,
  type LoopPorts,
  type LoopSettings,
} from '../../reconcile/loop.ts';
import { createSecretMap } from '../../secrets/map.ts';
import { readCompleted, writeCompleted } from '../composition/completed.ts';
import { trustOf } from '../composition/declarations.ts';
import { openPlatform, type OpenPlatform, type Surroundings } from '../composition/platform.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { toolVersion } from '../version.ts';
import { followAll } from './followed.ts';
import type { ControllerSurroundings } from './surroundings.ts';

/** One set of settings in force: everything that is open for it. */
export interface Generation {
  readonly administration: Administration;
  /** Ends when the signal is aborted, calls under way finished. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Openings {
  readonly session: Session;
  readonly surroundings: ControllerSurroundings;
  readonly startedAt: EpochMs;
}

const defaultSweepMs = 300_000;
const defaultLookMs = 60_000;
const defaultSecretMs = 60_000;
const defaultMaxWriters = 4;
/** Programs of one connection under way at a time; the rate budget decides the pace. */
const workers = 8;

/**
 * Opens everything the settings name; nothing is sent yet.
 *
 * @throws CliError, ReconcileError `SettingsInvalid`  where a key cannot be read or a URL is refused; then nothing stays open
 */
export async function openGeneration(
  administration: Administration,
  openings: Openings,
): Promise<Generation> {
  const values = {
    env: openings.session.environment.variables,
    directory: dirname(resolve(administration.file)),
  };
  const { telemetry } = openings.surroundings;
  const around: Surroundings = { administration, values, clock: systemClock, telemetry };
  const opened: OpenPlatform[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((platform) => platform.close()));
  };
  try {
    for (const connection of administration.connections) {
      opened.push(await openPlatform(connection, around));
    }
    const { sources, encrypted } = followAll(
      openings.session,
      administration,
      openings.surroundings,
    );
    const secrets = createSecretMap({
      ...values,
      mappings: administration.settings.secrets,
      needsFor: true,
      connections: Object.fromEntries(
        opened.map(({ connection, keys }) => [connection.name, keys]),
      ),
      encrypted,
      identities: administration.settings.ageIdentities ?? [],
    });
    const ports = portsOf(opened, openings, { secrets, sources });
    const settings = settingsOf(administration, openings);
    return { administration, close, run: (signal) => runLoop(ports, settings, signal) };
  } catch (error) {
    await close();
    throw error;
  }
}

function portsOf(
  opened: readonly OpenPlatform[],
  { surroundings }: Openings,
  own: Pick<LoopPorts, 'secrets' | 'sources'>,
): LoopPorts {
  const { telemetry, ledger, orders, hints, board, stateDir } = surroundings;
  return {
    ...own,
    ...{ telemetry, ledger, orders, hints, board },
    clock: systemClock,
    random: systemRandom,
    fence: { heldUntil: () => Number.POSITIVE_INFINITY },
    rotated: () => Promise.resolve([]),
    connections: opened.map(loopConnection),
    completed: {
      read: () => readCompleted(stateDir),
      write: (digests) => writeCompleted(stateDir, digests),
    },
  };
}

function loopConnection({ connection, lanes, budget, ...more }: OpenPlatform): LoopConnection {
  const { name, spec } = connection;
  const { requestsPerSecond, timeoutMs } = more;
  const expires = momentOf(spec.credentialExpiresAt);
  return {
    ...{ name, lanes, requestsPerSecond, timeoutMs },
    platform: spec.platformId,
    gates: gatesOf(spec.gates),
    maxWriters: spec.maxWriters ?? defaultMaxWriters,
    rateNow: () => budget.rate(),
    ...(spec.suspend ? { suspended: spec.suspend.reason } : {}),
    ...(expires === undefined ? {} : { credentialExpiresAt: expires }),
  };
}

function settingsOf(
  administration: Administration,
  { surroundings, startedAt }: Openings,
): LoopSettings {
  const { settings, sources, file } = administration;
  const loadedAt = systemClock.wall();
  return {
    trust: trustOf(administration, undefined),
    installation: settings.installation ?? 'default',
    takeOver: settings.takeOver ?? [],
    sweep: every((settings.intervals?.sweepSeconds ?? defaultSweepMs / 1000) * 1000),
    looks: Object.fromEntries(
      sources.map(({ name, spec }) => [
        name,
        every((spec.intervalSeconds ?? defaultLookMs / 1000) * 1000),
      ]),
    ),
    secretMs: (settings.intervals?.secretSeconds ?? defaultSecretMs / 1000) * 1000,
    workers,
    about: () => {
      const trouble = surroundings.configTrouble.current;
      const ledgerTrouble = surroundings.ledgerTrouble.current;
      return {
        ...{ version: toolVersion, startedAt },
        config: { file, loadedAt, ...(trouble ? { trouble } : {}) },
        ...(ledgerTrouble === undefined ? {} : { ledgerTrouble }),
      };
    },
    sourceCredentials: Object.fromEntries(
      sources.flatMap(({ name, spec }) => {
        const expires = momentOf(spec.credentials?.expiresAt);
        return expires === undefined ? [] : [[name, expires]];
      }),
    ),
  };
}

function every(ms: number): LoopSettings['sweep'] {
  return {
    next: (after, last) => {
      const jittered = ms * (0.9 + systemRandom.next() * 0.2);
      return Math.max(after, (last ?? after) + (last === undefined ? 0 : jittered)) as EpochMs;
    },
  };
}

function momentOf(text: string | undefined): EpochMs | undefined {
  return text === undefined ? undefined : parseMoment(text);
}
