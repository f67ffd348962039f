import { isHeld, type LeaseView, type SeenLease, type ViewTimes } from './lease-view.ts';

/** Somebody who shares the shards. */
export interface Member {
  readonly identity: string;
  /** Shards it holds. */
  readonly held: number;
}

/**
 * How many shards each member is due: as equal as whole numbers can be, and whoever holds more keeps more, so that nothing
 * moves without need. All members who see the same come to the same.
 *
 * @param members  alive, in any order
 */
export function shares(total: number, members: readonly Member[]): ReadonlyMap<string, number> {
  const ordered = members.toSorted((a, b) => b.held - a.held || (a.identity < b.identity ? -1 : 1));
  const least = members.length === 0 ? 0 : Math.floor(total / members.length);
  const more = members.length === 0 ? 0 : total % members.length;
  return new Map(
    ordered.map(({ identity }, index) => [identity, index < more ? least + 1 : least]),
  );
}

export const kindLabel = 'fairlead.dev/lease';
export const totalLabel = 'fairlead.dev/shards';
/** What of the cluster its holder reads: `cluster`, or a digest of the names of namespaces. */
export const scopeLabel = 'fairlead.dev/scope';

/** By what programs are divided: two who differ in it would both act on some, or leave some to nobody. */
export interface Division {
  readonly total: number;
  readonly scope: string;
}

export function isDividedAlike(
  { lease: { labels } }: SeenLease,
  { total, scope }: Division,
): boolean {
  return labels[totalLabel] === String(total) && labels[scopeLabel] === scope;
}

function ofKind(view: LeaseView, kind: 'shard' | 'member'): readonly SeenLease[] {
  return [...view.values()].filter(({ lease }) => lease.labels[kindLabel] === kind);
}

/** Who is alive besides us and divides as we do: renews, and let no shard run out. */
export function otherMembers(
  view: LeaseView,
  self: Division & { readonly identity: string },
  { durationMs, now }: ViewTimes,
): readonly Member[] {
  const shards = ofKind(view, 'shard');
  const alive = new Set(
    ofKind(view, 'member')
      .filter((seen) => isDividedAlike(seen, self))
      .filter((seen) => seen.lease.holder !== '' && isHeld(seen, durationMs, now))
      .map(({ lease }) => lease.holder),
  );
  for (const seen of shards)
    if (seen.lease.holder !== '' && !isHeld(seen, durationMs, now)) alive.delete(seen.lease.holder);
  alive.delete(self.identity);
  return [...alive].map((identity) => ({
    identity,
    held: shards.filter(({ lease }) => lease.holder === identity).length,
  }));
}

/** Members' Leases that nobody renewed for ten durations: left by processes that were killed. */
export function leftBehind(view: LeaseView, { durationMs, now }: ViewTimes): readonly SeenLease[] {
  return ofKind(view, 'member').filter(
    ({ changedAt, isGone }) => !isGone && now - changedAt > durationMs * 10,
  );
}

/** Whether a process that divides otherwise holds a shard: programs would have two owners. */
export function isDividedOtherwise(
  view: LeaseView,
  division: Division,
  { durationMs, now }: ViewTimes,
): boolean {
  return ofKind(view, 'shard').some(
    (seen) => !isDividedAlike(seen, division) && isHeld(seen, durationMs, now),
  );
}

/** Whether what is held by somebody else here is of other namespaces than ours. */
export function isOfOtherScope(
  view: LeaseView,
  { scope }: Division,
  { durationMs, now }: ViewTimes,
): boolean {
  return ofKind(view, 'shard').some(
    (seen) => seen.lease.labels[scopeLabel] !== scope && isHeld(seen, durationMs, now),
  );
}
