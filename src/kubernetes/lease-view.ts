import type { Lease } from './lease.ts';

/** A Lease and since when we know it as it is. */
export interface SeenLease {
  readonly lease: Lease;
  /** Monotonic. */
  readonly changedAt: number;
}

/** Leases by name, as they were seen; nobody's clock counts but ours. */
export type LeaseView = ReadonlyMap<string, SeenLease>;

/** The view after a list: what has another version changed now, whenever its holder says it did. */
export function look(before: LeaseView, listed: readonly Lease[], now: number): LeaseView {
  return new Map(
    listed.map((lease) => {
      const known = before.get(lease.name);
      const isSame = known?.lease.resourceVersion === lease.resourceVersion;
      return [lease.name, isSame ? known : { lease, changedAt: now }];
    }),
  );
}

/**
 * When a Lease may be taken from its holder, as a monotonic moment: the longer of both durations after it was seen to
 * change. A holder that claims more than ten times ours is not believed.
 */
export function expiresAt({ lease, changedAt }: SeenLease, durationMs: number): number {
  const claimed = Math.min(lease.durationMs, durationMs * 10);
  return changedAt + Math.max(durationMs, claimed);
}

export function isHeld(seen: SeenLease, durationMs: number, now: number): boolean {
  return seen.lease.holder !== '' && now < expiresAt(seen, durationMs);
}
