import { createHash } from 'node:crypto';
import type { Settings } from '../../core/kinds/index.ts';
import { leaseTimes, type LeaseTimes } from '../../kubernetes/index.ts';
import type { ReadConnection } from './connections.ts';

/** How soon another process takes over, as the settings say. */
export function leaseTimesOf({ leases = {} }: Settings['spec']): LeaseTimes {
  const { durationSeconds, renewSeconds, retrySeconds } = leases;
  const ms = (seconds: number | undefined, usualMs: number): number =>
    seconds === undefined ? usualMs : seconds * 1000;
  return {
    durationMs: ms(durationSeconds, leaseTimes.durationMs),
    renewDeadlineMs: ms(renewSeconds, leaseTimes.renewDeadlineMs),
    retryMs: ms(retrySeconds, leaseTimes.retryMs),
  };
}

/**
 * What tells the Leases of two controllers apart that have one namespace: those who read the same share them, and who reads
 * other namespaces has others. A name that is given keeps them over a change of the namespaces; `scope` then lets nobody
 * take one while whoever reads other namespaces still holds one.
 */
export function leaseNames({
  namespaces,
  leases,
}: {
  readonly namespaces: readonly string[];
  readonly leases: string | undefined;
}): { readonly name: string; readonly scope: string } {
  if (namespaces.length === 0) return { name: leases ?? 'fairlead', scope: 'cluster' };
  const names = [...new Set(namespaces)].toSorted().join(' ');
  const scope = createHash('sha256').update(names).digest('hex').slice(0, 16);
  return { name: leases ?? `fairlead-${scope}`, scope };
}

const usualTimeoutSeconds = 30;

/**
 * A write goes out only if the Lease outlives its deadline: a call takes half a Lease at most, or there would never be a
 * moment to send one.
 */
export function withinLease(one: ReadConnection, { durationMs }: LeaseTimes): ReadConnection {
  if (!one.connection) return one;
  const { name, spec } = one.connection;
  const most = durationMs / 2000;
  const timeoutSeconds = Math.min(spec.timeoutSeconds ?? usualTimeoutSeconds, most);
  return { ...one, connection: { name, spec: { ...spec, timeoutSeconds } } };
}
