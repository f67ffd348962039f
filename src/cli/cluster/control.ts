import { statSync } from 'node:fs';
import { plural } from '../../core/render/sentence.ts';
import type { Trouble } from '../../core/model/controller.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { isoTime } from '../../core/words/time.ts';
import type { Shards } from '../../ports/cluster.ts';
import type { Telemetry } from '../../ports/index.ts';
import { gitFor } from '../composition/git.ts';
import { createListening, type Listening } from '../controller/listening.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { ownHeap, tidyHeap } from '../tidy-heap.ts';
import { toolVersion } from '../version.ts';
import { createApprovalGuard } from './approval-guard.ts';
import { readConnections, secretVersions, type ReadConnection } from './connections.ts';
import { openClusterGeneration, type Ground } from './generation.ts';
import { createHub } from './hub.ts';
import { followCluster, type FollowedCluster } from './opened.ts';
import { administrationOf, watchAdministration, type ConfigFiles } from './config.ts';
import { clusterChecks } from './checks.ts';
import { createShares } from './shares.ts';
import { leaseNames, leaseTimesOf, withinLease } from './leases.ts';
import { createStatusQueue } from './status-queue.ts';
import { openClusterSurroundings } from './surroundings.ts';
import { lookAtPolicy, tellHealth } from './watchers.ts';

/** What the command line said. */
export interface ClusterControlOptions extends ConfigFiles {
  readonly kubeconfig: string | undefined;
  readonly stateDir: string | undefined;
  readonly listen: string | undefined;
  readonly shards: { readonly total: number; readonly only: number | undefined };
  /** Begins the names of Leases, where somebody gave one. */
  readonly leases: string | undefined;
}

/** A call under way may take that long to end once somebody said stop; the process then ends without it. */
const lastCallMs = 2_500;
const lastWordsMs = 300;
/** Leases are given back: where that fails whoever comes next waits for their end, so a slow API server gets its time. */
const releaseMs = 5_000;
/** Connections are closed. */
const lastStepMs = 800;
const bugRestMs = 5_000;
const defaultSecretSeconds = 60;
const rateMs = 1_000;

/**
 * Keeps platforms equal to what objects of a cluster declare until the session's signal is aborted.
 *
 * @throws CliError, ReconcileError  before anything is started: options, settings or address cannot be used
 */
export async function controlCluster(
  session: Session,
  options: ClusterControlOptions,
): Promise<void> {
  const administration = await administrationOf(options);
  const running: Running = { administration, swap: undefined, troubles: new Map() };
  const surroundings = await openClusterSurroundings(session, options.stateDir);
  const { telemetry } = surroundings;
  // Leases are given back, and what is under way ends, before connections to the API server are closed.
  const over = new AbortController();
  const ports = { clock: systemClock, random: systemRandom };
  const { kubeconfig, namespaces } = options;
  const cluster = await followCluster(session, {
    ...{ kubeconfig, namespaces, ...ports, signal: over.signal },
    administration,
  });
  const hub = createHub(cluster);
  const queue = createStatusQueue({ ...ports, hub, cluster, telemetry });
  const times = leaseTimesOf(administration.settings);
  const shards = cluster.opened.shards({
    ...{ namespace: cluster.namespace, times, total: options.shards.total },
    ...leaseNames(options),
    only: options.shards.only === undefined ? undefined : [options.shards.only],
  });
  const shares = createShares(shards);
  const startedAt = systemClock.wall();
  const guard = createApprovalGuard(systemClock);
  const { approvals } = cluster;
  const { clock } = ports;
  const allowFileUrls = administration.settings.allowFileUrls ?? false;
  const ground: Ground = {
    ...{ session, cluster, hub, shares, queue, surroundings, startedAt },
    guard,
    git: {
      git: gitFor(session, allowFileUrls),
      ...{ stateDirectory: surroundings.directory, allowFileUrls, stamp: buildStamp() },
    },
  };
  const unopened = () => running.troubles;
  const watched = { ...cluster, shards, statuses: queue, unopened };
  const checks = () => clusterChecks(watched, shares, systemClock.mono());
  const listening = createListening(session, {
    ...{ surroundings, startedAt, listen: options.listen, inForce: () => running.administration },
    cluster: checks,
  });
  try {
    await listening.follow(administration);
    session.stderr.write(welcome(cluster, options));
    const beside = [
      hub.run(over.signal),
      queue.run(over.signal),
      shares.run(over.signal),
      lookAtPolicy({ approvals, guard, hub, clock, telemetry }, over.signal),
      tellHealth(checks, { clock, telemetry }, over.signal),
      tidyHeap({ clock, ...ownHeap(clock) }, over.signal),
      followConfig(options, { running, listening, surroundings }, over.signal),
    ];
    const ended = Promise.all(beside.map((one) => untilAborted(one, over.signal)));
    const generations = runGenerations(ground, running, shards);
    await Promise.race([generations, ended]);
    await lastWords(queue);
    await within(releaseMs, shards.release());
  } finally {
    over.abort(session.signal.reason ?? 'over');
    await listening.close();
    await within(lastStepMs, cluster.opened.closed());
    await surroundings.close();
  }
}

/** Statuses that were made get their chance; the next start makes them again. */
async function lastWords(queue: Ground['queue']): Promise<void> {
  const until = systemClock.mono() + lastWordsMs;
  while (queue.size() > 0 && systemClock.mono() < until)
    await systemClock.sleep(20, new AbortController().signal);
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  await Promise.race([
    work.catch(() => undefined),
    systemClock.sleep(ms, done.signal).catch(() => undefined),
  ]);
  done.abort();
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function welcome(
  { server, namespace }: FollowedCluster,
  { namespaces, shards }: ClusterControlOptions,
): string {
  const where = namespaces.length === 0 ? 'all namespaces' : namespaces.join(', ');
  const shares = plural(shards.total, 'shard');
  return `fairlead: following ${where} of ${server}, ${shares}, from ${namespace}\n`;
}

/** Names this build: what another one has parsed is parsed again. */
function buildStamp(): string {
  const { size, mtimeMs } = statSync(import.meta.filename);
  return `${toolVersion} ${String(size)} ${String(mtimeMs)}`;
}

/** What is in force, and changes while the process runs. */
interface Running {
  administration: Administration;
  /** Ends the generation that runs. */
  swap: AbortController | undefined;
  /** Why nothing can be done through a connection, by name. */
  troubles: ReadonlyMap<string, Trouble>;
}

/** New settings take the place of those in force; of what is used from the start on alone the log says so. */
async function followConfig(
  files: ConfigFiles,
  {
    running,
    listening,
    surroundings: { telemetry, trouble: current },
  }: {
    readonly running: Running;
    readonly listening: Listening;
    readonly surroundings: Ground['surroundings'];
  },
  signal: AbortSignal,
): Promise<void> {
  const about = { kind: 'condition', about: 'config', name: 'settings' } as const;
  const watch = {
    clock: systemClock,
    inForce: running.administration,
    async onNew(administration: Administration) {
      const later = neededAnew(running.administration, administration);
      await listening.follow(administration);
      running.administration = administration;
      current.current = undefined;
      running.swap?.abort('new settings');
      telemetry.emit({ ...about, state: 'Ready', message: inForceText(later) });
    },
    onBad(trouble: Trouble) {
      current.current = trouble;
      telemetry.emit({ ...about, state: 'Failing', trouble });
    },
  };
  await watchAdministration(files, watch, signal);
}

/** With a moment: each time is news. */
function inForceText(later: readonly string[]): string {
  const since = `new settings are in force since ${isoTime(systemClock.wall())}`;
  return later.length === 0
    ? since
    : `${since}, but for ${later.join(', ')}: start the process anew`;
}

/** What is used from the start on: Leases of other times would be two processes' at once. */
function neededAnew({ settings: before }: Administration, { settings: now }: Administration) {
  const of = ({ leases, allowFileUrls, intervals }: Administration['settings']) => ({
    ...{ leases, allowFileUrls },
    'intervals.relistSeconds': intervals?.relistSeconds,
    'intervals.silenceSeconds': intervals?.silenceSeconds,
  });
  const then = new Map(
    Object.entries(of(before)).map(([name, value]) => [name, JSON.stringify(value)]),
  );
  return Object.entries(of(now)).flatMap(([name, value]) =>
    JSON.stringify(value) === then.get(name) ? [] : [name],
  );
}

/** One generation after the other: connections that changed take the place of those in force. */
async function runGenerations(ground: Ground, running: Running, shards: Shards): Promise<void> {
  const { session, hub } = ground;
  const { signal } = session;
  while (!signal.aborted) {
    if (!(await isComplete(hub, signal))) return;
    const swap = new AbortController();
    running.swap = swap;
    const connections = connectionsOf(ground, running);
    // Read before they are opened: a key that comes meanwhile is another one.
    const versions = await versionsOf(ground, connections, signal).catch(() => undefined);
    const generation = await openClusterGeneration(ground, {
      ...{ administration: running.administration, connections },
      onConnections: () => {
        if (isOther(connections, connectionsOf(ground, running))) swap.abort('connections changed');
      },
    });
    tellTroubles(ground.surroundings.telemetry, running.troubles, generation.troubles);
    running.troubles = generation.troubles;
    try {
      const over = AbortSignal.any([signal, swap.signal]);
      const beside = [
        watchSecrets(ground, { connections, versions, running, swap }, over),
        shareRates(generation.platforms, ground, { shards, signal: over }),
      ];
      await runOne(generation.run, ground, { stop: signal, over });
      swap.abort('over');
      await Promise.all(beside);
    } finally {
      await generation.close();
    }
  }
}

/** Of a connection that could not be opened no loop ever speaks. */
function tellTroubles(
  telemetry: Telemetry,
  before: Running['troubles'],
  now: Running['troubles'],
): void {
  const about = { kind: 'condition', about: 'connection' } as const;
  for (const [name, trouble] of now)
    if (before.get(name)?.message !== trouble.message)
      telemetry.emit({ ...about, name, state: 'Failing', trouble });
  for (const name of before.keys())
    if (!now.has(name)) telemetry.emit({ ...about, name, state: 'Opened' });
}

async function isComplete(hub: Ground['hub'], signal: AbortSignal): Promise<boolean> {
  while (!hub.isComplete()) {
    if (signal.aborted) return false;
    await hub.heard(signal);
  }
  return !signal.aborted;
}

function connectionsOf(ground: Ground, running: Running): readonly ReadConnection[] {
  const { settings } = running.administration;
  return readAll(ground, running).map((one) => withinLease(one, leaseTimesOf(settings)));
}

function readAll({ hub }: Ground, { administration }: Running): readonly ReadConnection[] {
  if (administration.connections.length > 0)
    return administration.connections.map((connection) => {
      const { platformId, grants = [] } = connection.spec;
      return { name: connection.name, connection, problems: [], trusted: { platformId, grants } };
    });
  return readConnections(hub.objects().filter(({ kind }) => kind === 'PlatformConnection'));
}

function isOther(a: readonly ReadConnection[], b: readonly ReadConnection[]): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

/** Keys of connections are read again at the secret interval; another key opens everything anew. */
async function watchSecrets(
  ground: Ground,
  {
    connections,
    versions: opened,
    running,
    swap,
  }: {
    readonly connections: readonly ReadConnection[];
    /** Of the keys that were there when they were opened; undefined: nobody knows. */
    readonly versions: string | undefined;
    readonly running: Running;
    readonly swap: AbortController;
  },
  signal: AbortSignal,
): Promise<void> {
  const { secretSeconds = defaultSecretSeconds } = running.administration.settings.intervals ?? {};
  while (!signal.aborted) {
    try {
      const versions = await versionsOf(ground, connections, signal);
      if (versions !== opened) swap.abort('a key changed');
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ReconcileError)) throw error;
    }
    await systemClock.sleep(secretSeconds * 1000, signal).catch(() => undefined);
  }
}

function versionsOf(
  { cluster }: Ground,
  connections: readonly ReadConnection[],
  signal: AbortSignal,
): Promise<string> {
  return secretVersions(
    connections,
    { reader: cluster.secrets, namespace: cluster.namespace },
    signal,
  );
}

/** Each connection's rate is divided by the shards that anybody holds. */
async function shareRates(
  platforms: Awaited<ReturnType<typeof openClusterGeneration>>['platforms'],
  { shares }: Ground,
  { shards, signal }: { readonly shards: Shards; readonly signal: AbortSignal },
): Promise<void> {
  let before = 0;
  while (!signal.aborted) {
    const held = shares.held().length;
    const share = Math.min(1, Math.max(held, 1) / Math.max(shards.heldByAll(), held, 1));
    if (share !== before)
      for (const { budget, requestsPerSecond } of platforms)
        budget.setRate(requestsPerSecond * share);
    before = share;
    await systemClock.sleep(rateMs, signal).catch(() => undefined);
  }
}

/** A bug outside of any program is told, and everything starts anew after a rest. */
async function runOne(
  run: (signal: AbortSignal) => Promise<void>,
  { surroundings }: Ground,
  { stop, over }: { readonly stop: AbortSignal; readonly over: AbortSignal },
): Promise<void> {
  const late = Promise.withResolvers<undefined>();
  const tooLate = (): void => {
    setTimeout(() => late.resolve(undefined), lastCallMs).unref();
  };
  stop.addEventListener('abort', tooLate, { once: true });
  try {
    await Promise.race([run(over), late.promise]);
  } catch (error) {
    if (over.aborted) return;
    const what = error instanceof Error ? (error.stack ?? error.name) : typeof error;
    const why = `a bug in Fairlead ended the loop; it starts anew: ${what}`;
    surroundings.telemetry.emit({ kind: 'ignored', what: 'loop', why });
    await systemClock.sleep(bugRestMs, over).catch(() => undefined);
  } finally {
    stop.removeEventListener('abort', tooLate);
  }
}
