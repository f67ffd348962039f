import type { HeldShard, Shards } from '../../ports/cluster.ts';
import type { Clock, Random } from '../../ports/index.ts';
import type { FollowedCluster } from './opened.ts';

export interface ShardOptions {
  readonly total: number;
  /** One of them and no other; absent, as many as are free. */
  readonly only: number | undefined;
}

/** One process with everything. */
export function openShards(
  _cluster: FollowedCluster,
  { total, only }: ShardOptions,
  { signal }: { readonly clock: Clock; readonly random: Random; readonly signal: AbortSignal },
): Shards {
  const waiting = Array.from({ length: total }, (_, index) => index).filter(
    (index) => only === undefined || index === only,
  );
  const all = waiting.length;
  return {
    total,
    heldByAll: () => all,
    won(over) {
      const index = waiting.shift();
      if (index !== undefined)
        return Promise.resolve<HeldShard>({ index, signal, heldUntil: () => Infinity });
      return new Promise((_, reject) => {
        over.addEventListener('abort', () => reject(over.reason as Error), { once: true });
      });
    },
    release: () => Promise.resolve(),
  };
}
