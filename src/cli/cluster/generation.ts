import type { ConnectionStatus, Trouble } from '../../core/model/controller.ts';
import type { PlatformInfo } from '../../core/model/observed.ts';
import type { Trust } from '../../core/resolve/trust.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { reveal } from '../../core/words/secret-text.ts';
import type { DocumentId } from '../../core/words/places.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { ObjectRef } from '../../ports/cluster.ts';
import { runLoop, type Declared, type LoopPorts, type LoopSettings } from '../../reconcile/loop.ts';
import { cachedSecrets } from '../../secrets/cached.ts';
import { openPlatform, type OpenPlatform, type Surroundings } from '../composition/platform.ts';
import {
  defaultWorkers,
  loopConnection,
  secretMsOf,
  sweepSchedule,
} from '../controller/generation.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { toolVersion } from '../version.ts';
import type { ApprovalGuard } from './approval-guard.ts';
import { createApprovals } from './approvals.ts';
import type { ReadConnection } from './connections.ts';
import { createFeed } from './feed.ts';
import { followObject, type GitSourceOptions } from './git-sources.ts';
import type { Hub } from './hub.ts';
import { statusLedger } from './ledger.ts';
import type { FollowedCluster } from './opened.ts';
import { createReports, refOf } from './reports.ts';
import { clusterSecrets, readSecret } from './secrets.ts';
import { createSettingsReports } from './settings-reports.ts';
import type { Shares } from './shares.ts';
import type { StatusQueue } from './status-queue.ts';
import type { ClusterSurroundings } from './surroundings.ts';

/** Everything a generation stands on, and that outlives it. */
export interface Ground {
  readonly session: Session;
  readonly cluster: FollowedCluster;
  readonly hub: Hub;
  readonly shares: Shares;
  readonly queue: StatusQueue;
  readonly surroundings: ClusterSurroundings;
  readonly git: Omit<GitSourceOptions, 'secrets' | 'signal' | 'current'>;
  readonly guard: ApprovalGuard;
  readonly startedAt: EpochMs;
}

/** One set of connections and settings in force. */
export interface ClusterGeneration {
  readonly platforms: readonly OpenPlatform[];
  /** Why nothing can be done through a connection, by name. */
  readonly troubles: ReadonlyMap<string, Trouble>;
  /** Ends when the signal is aborted, calls under way finished. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Asked {
  readonly administration: Administration;
  readonly connections: readonly ReadConnection[];
  /** Connections changed: a new generation is due. */
  readonly onConnections: () => void;
}

/** How long profiles wait to be counted: a commit's worth of objects comes one by one. */
const countMs = 2_000;

/** Opens what can be opened; a connection that cannot says why, and hurts no other. */
export async function openClusterGeneration(
  ground: Ground,
  asked: Asked,
): Promise<ClusterGeneration> {
  const troubles = new Map<string, Trouble>();
  const platforms: OpenPlatform[] = [];
  for (const { name, connection, trouble } of asked.connections) {
    if (trouble) troubles.set(name, trouble);
    if (!connection) continue;
    try {
      platforms.push(await openPlatform(connection, surroundingsOf(ground, asked)));
    } catch (error) {
      troubles.set(name, troubleOf(error));
    }
  }
  return {
    ...{ platforms, troubles },
    run: (signal) => run(ground, { ...asked, platforms, troubles }, signal),
    async close() {
      await Promise.all(platforms.map((platform) => platform.close()));
    },
  };
}

function troubleOf(error: unknown): Trouble {
  const cause =
    error instanceof CliError && error.cause instanceof ReconcileError ? error.cause : error;
  if (!(cause instanceof ReconcileError) && !(error instanceof CliError)) throw error;
  const code = cause instanceof ReconcileError ? cause.code : 'SettingsInvalid';
  const { message, nextStep } = error as CliError;
  return { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
}

function surroundingsOf(
  { session, cluster, surroundings }: Ground,
  { administration }: Asked,
): Surroundings {
  const { telemetry, acquaintances } = surroundings;
  return {
    ...{ administration, telemetry, acquaintances, clock: systemClock },
    values: { env: session.environment.variables, directory: administration.path('.') },
    async secret(ref) {
      const place = { namespace: cluster.namespace, ref, use: { kind: 'own' } } as const;
      return reveal(await readSecret(cluster.secrets, place, session.signal));
    },
  };
}

type Opened = Asked & Pick<ClusterGeneration, 'platforms' | 'troubles'>;

async function run(ground: Ground, opened: Opened, signal: AbortSignal): Promise<void> {
  const { ports, settings, told } = loopOf(ground, opened, signal);
  for (const one of opened.connections) {
    const trouble = opened.troubles.get(one.name);
    if (trouble) told.refuse({ ...one, trouble });
  }
  const counting = told.count(signal);
  await runLoop(ports, settings, signal);
  await counting;
}

function loopOf(ground: Ground, opened: Opened, signal: AbortSignal) {
  const { cluster, hub, shares, queue, surroundings, git } = ground;
  const { administration, platforms, troubles } = opened;
  const clock = systemClock;
  const trust = trustOf(opened, hub);
  let declared: Declared | undefined;
  const current = (ref: ObjectRef) => hub.get(ref);
  const sources: GitSourceOptions = { ...git, secrets: cluster.secrets, signal, current };
  const feed = createFeed({
    ...{ hub, clock, trust, guard: ground.guard },
    follow: (object) => followObject(object, sources),
    onConnections: opened.onConnections,
    onStatus: (ref) => reports.onStatus(ref),
    onAsked: (ref) => others.asked(ref),
  });
  const problemsOf = (document: DocumentId) => feed.problemsOf(document);
  const approvals = createApprovals({
    clock,
    guard: ground.guard,
    rewound: () => others.rewound(),
    objectOf: (document) => {
      const ref = refOf(document);
      return ref && hub.get(ref);
    },
    documentsOf: (program) => declared?.documentsOf(program) ?? new Set(),
  });
  const ledger = statusLedger({
    ...{ hub, queue, history: surroundings.history },
    declared: () => declared,
  });
  const others = createSettingsReports({
    ...{ hub, queue, clock, problemsOf, guard: ground.guard },
    declared: () => declared,
    isSpeaker: () => shares.isSpeaker(),
  });
  const infos = new Map<string, PlatformInfo>();
  /** What a platform says of itself is remembered by its driver: this asks for nothing new. */
  function introduce(status: ConnectionStatus): void {
    const info = infos.get(status.name);
    others.connection(status, info);
    const platform = platforms.find(({ connection }) => connection.name === status.name);
    if (info || status.state !== 'Ready' || !platform) return;
    platform.platform.platform(signal).then(
      (found) => {
        infos.set(status.name, found);
        others.connection(status, found);
      },
      () => undefined,
    );
  }
  const tally = createTally(() => others.profiles());
  const reports = createReports({
    ...{ hub, queue, clock, approvals, problemsOf, shards: shares },
    approvalsIgnored: (object) => ground.guard.ignored(object),
    connectionTrouble: (name) => troubles.get(name),
    onSource: (status) => others.source(status),
    onConnection: (status) => introduce(status),
    onResolved: () => tally.due(),
    onTaken: () => others.again(),
    bases: (desired) => ledger.kept(desired),
  });
  const secrets = cachedSecrets(
    clusterSecrets({ reader: cluster.secrets, keys: keysOf(platforms) }),
    {
      clock,
      intervalMs: secretMsOf(administration.settings),
    },
  );
  const { telemetry, hints, board, completed, told } = surroundings;
  const ports: LoopPorts = {
    ...{ clock, telemetry, hints, board, completed, told, ledger, secrets, approvals },
    random: systemRandom,
    fence: { heldUntil: () => Number.NEGATIVE_INFINITY },
    rotated: (over) => secrets.refresh(over),
    sources: [],
    connections: platforms.map(loopConnection),
    orders: approvals.orders,
    objects: feed,
    reports: {
      ...reports,
      begin(of) {
        declared = of;
        reports.begin(of);
      },
    },
    shards: shares,
  };
  return {
    ports,
    settings: settingsOf(ground, opened, trust),
    told: {
      refuse: (one: ReadConnection) => others.refused(one),
      count: (over: AbortSignal) => tally.run(over),
    },
  };
}

/** Counts after a while, however often it is asked for meanwhile. */
function createTally(count: () => void) {
  let isDue = false;
  return {
    due: () => {
      isDue = true;
    },
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await systemClock.sleep(countMs, signal).catch(() => undefined);
        if (!isDue || signal.aborted) continue;
        isDue = false;
        count();
      }
    },
  };
}

function keysOf(platforms: readonly OpenPlatform[]) {
  return Object.fromEntries(platforms.map(({ connection, keys }) => [connection.name, keys]));
}

/** Also of connections that are out: their programs keep their keys, and nobody else gets them. */
function trustOf({ connections }: Opened, hub: Hub): Trust {
  return {
    connections: Object.fromEntries(
      connections.flatMap(({ name, trusted }) => (trusted ? [[name, trusted] as const] : [])),
    ),
    order: [],
    namespaces: hub.labels(),
  };
}

function settingsOf(
  { surroundings, startedAt }: Ground,
  { administration }: Opened,
  trust: Trust,
): LoopSettings {
  const { settings, file } = administration;
  const loadedAt = systemClock.wall();
  return {
    ...{ trust, looks: {}, sourceCredentials: {} },
    workers: settings.workers ?? defaultWorkers,
    installation: settings.installation ?? 'default',
    takeOver: settings.takeOver ?? [],
    sweep: sweepSchedule(settings.intervals),
    secretMs: secretMsOf(settings),
    about: () => {
      const { current } = surroundings.trouble;
      const ledgerTrouble = surroundings.history.trouble;
      return {
        ...{ version: toolVersion, startedAt },
        config: { file, loadedAt, ...(current ? { trouble: current } : {}) },
        ...(ledgerTrouble === undefined ? {} : { ledgerTrouble }),
      };
    },
  };
}
