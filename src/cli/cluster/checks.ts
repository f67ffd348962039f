import type { CacheHealth } from '../../ports/cluster.ts';
import type { FollowedCluster } from './opened.ts';
import type { Shares } from './shares.ts';

interface Check {
  readonly ready: boolean;
  readonly text: string;
}

/** Nothing was heard of the API server for so long: what is shown may be old. */
const silentMs = 180_000;

/** Whether the objects of the cluster are followed, kind by kind. @param now  monotonic milliseconds */
export function clusterChecks(
  {
    caches,
    namespaces,
    shards,
  }: Pick<FollowedCluster, 'caches' | 'namespaces'> & {
    readonly shards: { health(): CacheHealth };
  },
  shares: Pick<Shares, 'held'>,
  now: number,
): readonly Check[] {
  const kinds = [...caches].map(([kind, cache]) => checkOf(kind, cache.health(), now));
  const labels = namespaces ? [checkOf('Namespace', namespaces.health(), now)] : [];
  const held = shares.held().map(({ index }) => index);
  const share = held.length === 0 ? 'none: another process acts' : held.join(', ');
  const leases = checkOf('Lease', shards.health(), now);
  return [...kinds, ...labels, leases, { ready: true, text: `shards held: ${share}` }];
}

function checkOf(what: string, { state, heardAt, trouble }: CacheHealth, now: number): Check {
  const because = trouble
    ? `: ${trouble.message}${trouble.nextStep === undefined ? '' : `; ${trouble.nextStep}`}`
    : '';
  if (state === 'Following' && now - heardAt < silentMs)
    return { ready: true, text: `${what}: followed` };
  const why = state === 'Following' ? 'nothing was heard for a while' : 'not followed';
  return {
    ready: false,
    text: `${what}: ${state === 'Starting' ? 'not read yet' : why}${because}`,
  };
}
