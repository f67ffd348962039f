import { statSync } from 'node:fs';
import { plural } from '../../core/render/sentence.ts';
import type { Trouble } from '../../core/model/controller.ts';
import { isoTime } from '../../core/words/time.ts';
import { gitFor } from '../composition/git.ts';
import { createListening, type Listening } from '../controller/listening.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { ownHeap, tidyHeap } from '../tidy-heap.ts';
import { toolVersion } from '../version.ts';
import { createApprovalGuard } from './approval-guard.ts';
import type { Ground } from './generation.ts';
import { runGenerations, type Running } from './generations.ts';
import { createHub } from './hub.ts';
import { followCluster, type FollowedCluster } from './opened.ts';
import { administrationOf, watchAdministration, type ConfigFiles } from './config.ts';
import { clusterChecks } from './checks.ts';
import { createShares } from './shares.ts';
import { leaseNames, leaseTimesOf } from './leases.ts';
import { tidyMirrors } from './mirrors.ts';
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

const lastWordsMs = 300;
/** Leases are given back: where that fails whoever comes next waits for their end, so a slow API server gets its time. */
const releaseMs = 5_000;
/** Connections are closed. */
const lastStepMs = 800;

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
      git: gitFor(session, allowFileUrls, administration.settings.mirrorMebibytes),
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
      tidyMirrors({ hub, clock, ...ground.git }, over.signal),
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
