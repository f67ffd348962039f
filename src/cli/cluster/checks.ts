import type { Trouble } from '../../core/model/controller.ts';
import type { ReconcileError } from '../../core/words/errors.ts';
import type { CacheHealth } from '../../ports/cluster.ts';
import type { Telemetry } from '../../ports/index.ts';
import type { FollowedCluster } from './opened.ts';
import type { Shares } from './shares.ts';

export interface Check {
  readonly ready: boolean;
  readonly text: string;
}

/** Nothing was heard of the API server for so long: what is shown may be old. */
const silentMs = 180_000;

/** Tells the log when something is not followed any more, and when it is again: once per transition. */
export function createHealthTeller(telemetry: Telemetry): (checks: readonly Check[]) => void {
  const said = new Map<string, string>();
  return (checks) => {
    for (const { ready, text } of checks) {
      const [name = ''] = text.split(':', 1);
      const before = said.get(name);
      const now = ready ? 'Ready' : text;
      said.set(name, now);
      // That nothing is read yet is no news at the start.
      if (before === now || (before === undefined && ready)) continue;
      telemetry.emit({
        ...{ kind: 'condition', about: 'config', name: `cluster ${name}` },
        ...(ready ? { state: 'Ready' } : { state: 'Failing', message: text }),
      });
    }
  };
}

/** Whether the objects of the cluster are followed, kind by kind. @param now  monotonic milliseconds */
export function clusterChecks(
  {
    caches,
    namespaces,
    shards,
    statuses,
    unopened,
  }: Pick<FollowedCluster, 'caches' | 'namespaces'> & {
    readonly shards: { health(): CacheHealth };
    readonly statuses: { trouble(): CacheHealth['trouble'] };
    /** Connections that could not be opened, by name. */
    readonly unopened: () => ReadonlyMap<string, Trouble>;
  },
  shares: Pick<Shares, 'held'>,
  now: number,
): readonly Check[] {
  const kinds = [...caches].map(([kind, cache]) => checkOf(kind, cache.health(), now));
  const labels = namespaces ? [checkOf('Namespace', namespaces.health(), now)] : [];
  const held = shares.held().map(({ index }) => index);
  const share = held.length === 0 ? 'none: another process acts' : held.join(', ');
  const leases = checkOf('Lease', shards.health(), now);
  const written = writtenCheck(statuses.trouble());
  const troubles = unopened();
  const declared = [...(caches.get('PlatformConnection')?.all() ?? [])].length;
  // Where none of them can be opened, nothing at all can be done.
  const isAll = declared > 0 && troubles.size >= declared;
  const connections = [...troubles].map((one) => unopenedCheck(one, isAll));
  return [
    ...kinds,
    ...labels,
    leases,
    written,
    ...connections,
    { ready: true, text: `shards held: ${share}` },
  ];
}

function writtenCheck(trouble: CacheHealth['trouble']): Check {
  if (!trouble) return { ready: true, text: 'status: written' };
  return { ready: false, text: `status: not written${because(trouble)}` };
}

/** A right that is missing takes out the controller; what is wrong with one connection of several is that one's matter. */
function unopenedCheck([name, trouble]: readonly [string, Trouble], isAll: boolean): Check {
  const ready = trouble.code !== 'ClusterRefused' && !isAll;
  const who = `connection ${name}: `;
  const message = trouble.message.startsWith(who)
    ? trouble.message.slice(who.length)
    : trouble.message;
  return { ready, text: `${who}not opened${because({ ...trouble, message })}` };
}

function because(trouble: CacheHealth['trouble']): string {
  if (!trouble) return '';
  const { message, nextStep } = trouble;
  return `: ${message}${nextStep === undefined ? '' : `; ${nextStep}`}`;
}

/** An error as it is shown. */
export function troubleOf({ code, message, nextStep }: ReconcileError): CacheHealth['trouble'] {
  return { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
}

function checkOf(what: string, { state, heardAt, trouble }: CacheHealth, now: number): Check {
  if (state === 'Following' && !trouble && now - heardAt < silentMs)
    return { ready: true, text: `${what}: followed` };
  const why = state === 'Following' ? 'nothing was heard for a while' : 'not followed';
  return {
    ready: false,
    text: `${what}: ${state === 'Starting' ? 'not read yet' : why}${because(trouble)}`,
  };
}
