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
import { atTicks, everyInterval, type Schedule } from '../../reconcile/schedule.ts';
import { cachedSecrets } from '../../secrets/cached.ts';
import { createSecretMap } from '../../secrets/map.ts';
import { cronTicks } from '../composition/cron.ts';
import { trustOf } from '../composition/declarations.ts';
import { openPlatform, type OpenPlatform, type Surroundings } from '../composition/platform.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { toolVersion } from '../version.ts';
import { followAll } from './followed.ts';
import { type ReviewBoard, withReviews } from './review-board.ts';
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

const defaultSweepSeconds = 300;
const defaultLookSeconds = 60;
const defaultSecretSeconds = 60;
const defaultMaxWriters = 4;
/** Programs of one connection under way at a time; the rate budget decides the pace. */
export const defaultWorkers = 8;

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
  const { telemetry, acquaintances } = openings.surroundings;
  const clock = systemClock;
  const around: Surroundings = { administration, values, clock, telemetry, acquaintances };
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
    const map = createSecretMap({
      ...values,
      mappings: administration.settings.secrets ?? [],
      needsFor: true,
      connections: Object.fromEntries(
        opened.map(({ connection, keys }) => [connection.name, keys]),
      ),
      encrypted,
      identities: administration.settings.ageIdentities ?? [],
    });
    const secrets = cachedSecrets(map, {
      clock: systemClock,
      intervalMs: secretMsOf(administration.settings),
    });
    const rotated = (signal: AbortSignal) => secrets.refresh(signal);
    const board = withReviews(openings.surroundings.board);
    const ports = portsOf(opened, openings, { secrets, sources, rotated, board });
    const settings = settingsOf(administration, openings);
    return {
      ...{ administration, close },
      async run(signal) {
        for (const { budget, requestsPerSecond } of opened) budget.setRate(requestsPerSecond);
        await beside(reviewersOf(administration, openings, { board, opened }), signal, () =>
          runLoop(ports, settings, signal),
        );
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Reviewing = (signal: AbortSignal) => Promise<void>;

/** Loaded only where a source has its pull requests reviewed. */
function reviewersOf(
  administration: Administration,
  { session, surroundings }: Openings,
  own: { readonly board: ReviewBoard; readonly opened: readonly OpenPlatform[] },
): Reviewing | undefined {
  if (administration.sources.every(({ spec }) => spec.review === undefined)) return undefined;
  return async (signal) => {
    try {
      const { runReviewers } = await import('./reviewers.ts');
      await runReviewers({ session, administration, surroundings, ...own }, signal);
    } catch (error) {
      const why = `a bug in Fairlead ended the reviews of pull requests: ${String(error)}`;
      surroundings.telemetry.emit({ kind: 'ignored', what: 'reviews', why });
    }
  };
}

/** Reviews go on beside the loop, never hold it up, and end with it. */
async function beside(
  reviewing: Reviewing | undefined,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  const ended = new AbortController();
  const reviews = reviewing?.(AbortSignal.any([signal, ended.signal]));
  try {
    await work();
  } finally {
    ended.abort();
    await reviews;
  }
}

function portsOf(
  opened: readonly OpenPlatform[],
  { surroundings }: Openings,
  own: Pick<LoopPorts, 'secrets' | 'sources' | 'rotated' | 'board'>,
): LoopPorts {
  const { telemetry, ledger, orders, hints, completed, told } = surroundings;
  return {
    ...own,
    ...{ telemetry, ledger, orders, hints, completed, told },
    clock: systemClock,
    random: systemRandom,
    fence: { heldUntil: () => Number.POSITIVE_INFINITY },
    connections: opened.map(loopConnection),
  };
}

/** An open platform as the loop takes it. */
export function loopConnection({
  connection,
  lanes,
  lanesOf,
  budget,
  memory,
  ...more
}: OpenPlatform): LoopConnection {
  const { name, spec } = connection;
  const { requestsPerSecond, timeoutMs } = more;
  const expires = momentOf(spec.credentialExpiresAt);
  return {
    ...{ name, lanes, lanesOf, memory, requestsPerSecond, timeoutMs },
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
    sweep: sweepSchedule(settings.intervals),
    looks: Object.fromEntries(
      sources.map(({ name, spec }) => [
        name,
        everyInterval((spec.intervalSeconds ?? defaultLookSeconds) * 1000, systemRandom),
      ]),
    ),
    secretMs: secretMsOf(settings),
    workers: settings.workers ?? defaultWorkers,
    about: () => {
      const trouble = surroundings.configTrouble.current;
      const ledgerTrouble = surroundings.ledger.trouble;
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

/** Milliseconds between two readings of a secret. */
export function secretMsOf({ intervals }: Administration['settings']): number {
  return (intervals?.secretSeconds ?? defaultSecretSeconds) * 1000;
}

/** When platforms are read whole. */
export function sweepSchedule(intervals: Administration['settings']['intervals'] = {}): Schedule {
  const { sweepSchedule: cron, sweepSeconds = defaultSweepSeconds, timeZone = 'UTC' } = intervals;
  return cron === undefined
    ? everyInterval(sweepSeconds * 1000, systemRandom)
    : atTicks(cronTicks(cron, timeZone));
}

function momentOf(text: string | undefined): EpochMs | undefined {
  return text === undefined ? undefined : parseMoment(text);
}
