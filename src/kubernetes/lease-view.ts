import type { Lease } from './lease.ts';

/** A Lease and since when we know it as it is. */
export interface SeenLease {
  readonly lease: Lease;
  /** Monotonic. */
  readonly changedAt: number;
  /** It stands there no more, and whoever held it may not know yet. */
  readonly isGone?: true;
}

/** Leases by name, as they were seen; nobody's clock counts but ours. */
export type LeaseView = ReadonlyMap<string, SeenLease>;

export interface ViewTimes {
  readonly durationMs: number;
  readonly now: number;
}

/**
 * The view after a list: what has another version changed now, whenever its holder says it did. A Lease that somebody took
 * away by hand is held as if it had been renewed at that moment: its holder acts until it notices.
 */
export function look(before: LeaseView, listed: readonly Lease[], times: ViewTimes): LeaseView {
  const { now, durationMs } = times;
  const view = new Map<string, SeenLease>();
  for (const lease of listed) {
    const known = before.get(lease.name);
    const isSame = known?.lease.resourceVersion === lease.resourceVersion && !known.isGone;
    view.set(lease.name, isSame ? known : { lease, changedAt: now });
  }
  for (const [name, seen] of before) {
    if (view.has(name) || !isHeld(seen, durationMs, now)) continue;
    view.set(name, seen.isGone ? seen : { ...seen, changedAt: now, isGone: true });
  }
  return view;
}

/** What a Lease that was given back says it lasts: any other without a holder was emptied by hand. */
export const releasedMs = 1_000;

/** Whoever held it acts no more. */
function isReleased({ holder, durationMs }: Lease): boolean {
  return holder === '' && durationMs <= releasedMs;
}

/**
 * When a Lease may be taken from its holder, as a monotonic moment: the longer of both durations after it was seen to
 * change. A holder that claims more than ten times ours is not believed.
 */
function expiresAt({ lease, changedAt }: SeenLease, durationMs: number): number {
  const claimed = Math.min(lease.durationMs, durationMs * 10);
  return changedAt + Math.max(durationMs, claimed);
}

/** Somebody may act under it. */
export function isHeld(seen: SeenLease, durationMs: number, now: number): boolean {
  return !isReleased(seen.lease) && now < expiresAt(seen, durationMs);
}

/** Since when nobody holds a Lease; undefined while somebody may. */
export function freeSince(seen: SeenLease, { durationMs, now }: ViewTimes): number | undefined {
  if (isHeld(seen, durationMs, now)) return undefined;
  return isReleased(seen.lease) ? seen.changedAt : expiresAt(seen, durationMs);
}

/** The next moment at which somebody's Lease runs out; infinity if nobody's does. */
export function nextExpiry(view: LeaseView, self: string, { durationMs, now }: ViewTimes): number {
  const moments = [...view.values()]
    .filter(({ lease }) => lease.holder !== self && !isReleased(lease))
    .map((seen) => expiresAt(seen, durationMs))
    .filter((moment) => moment > now);
  return Math.min(Number.POSITIVE_INFINITY, ...moments);
}
