import type { Trouble } from '../../core/model/controller.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Shards } from '../../ports/cluster.ts';
import type { Telemetry } from '../../ports/index.ts';
import type { Administration } from '../settings.ts';
import { systemClock } from '../system.ts';
import { readConnections, secretVersions, type ReadConnection } from './connections.ts';
import { openClusterGeneration, type Ground } from './generation.ts';
import { leaseTimesOf, withinLease } from './leases.ts';

/** A call under way may take that long to end once somebody said stop; the process then ends without it. */
const lastCallMs = 2_500;
const bugRestMs = 5_000;
const defaultSecretSeconds = 60;
const rateMs = 1_000;

/** What is in force, and changes while the process runs. */
export interface Running {
  administration: Administration;
  /** Ends the generation that runs. */
  swap: AbortController | undefined;
  /** Why nothing can be done through a connection, by name. */
  troubles: ReadonlyMap<string, Trouble>;
}

/** One generation after the other: connections that changed take the place of those in force. */
export async function runGenerations(
  ground: Ground,
  running: Running,
  shards: Shards,
): Promise<void> {
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
