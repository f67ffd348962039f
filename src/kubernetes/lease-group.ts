import { createHash } from 'node:crypto';

import type { Clock } from '../ports/index.ts';
import { createHold, type Hold, type LeaseTimes } from './hold.ts';
import type { LeaseStore, LeaseWrite } from './lease.ts';
import { type LeaseView, look } from './lease-view.ts';
import { kindLabel, scopeLabel, totalLabel } from './share.ts';

export interface GroupSettings {
  /** Begins the names of Leases, and tells installations in one namespace apart. */
  readonly name: string;
  readonly total: number;
  /** What of the cluster is read, as the value of a label: whoever shares our Leases reads the same. */
  readonly scope: string;
  /** Of this process alone, before and after. */
  readonly identity: string;
  readonly times: LeaseTimes;
}

/** All Leases of an installation, as one process sees and takes them. */
export interface LeaseGroup {
  /** As of the last list. */
  view(): LeaseView;
  /** When that was (monotonic); undefined before the first one. */
  seenAt(): number | undefined;
  /**
   * Whether a shard's Lease that we never saw may be made. Where the first list was not empty somebody may have held it
   * before it was deleted: not before a duration is over.
   */
  mayMake(): boolean;
  /** Throws ReconcileError. */
  refresh(signal: AbortSignal): Promise<void>;
  /**
   * Takes a Lease as it was seen. Throws ReconcileError, after which it may be ours or not.
   *
   * @returns undefined when somebody else was faster
   */
  acquireShard(index: number, signal: AbortSignal): Promise<Hold | undefined>;
  acquireMember(signal: AbortSignal): Promise<Hold | undefined>;
  shardName(index: number): string;
}

const nameLabel = 'fairlead.dev/leases';

export function createLeaseGroup(
  { name, total, scope, identity, times }: GroupSettings,
  ports: { readonly store: LeaseStore; readonly clock: Clock },
): LeaseGroup {
  const { store, clock } = ports;
  const shardName = (index: number): string => `${name}-shard-${index}`;
  const memberName = `${name}-member-${digest(identity)}`;
  let view: LeaseView = new Map();
  let seenAt: number | undefined;
  let first: { readonly at: number; readonly isEmpty: boolean } | undefined;

  async function acquire(
    lease: { readonly name: string; readonly kind: 'shard' | 'member' },
    mayRenew: (() => boolean) | undefined,
    signal: AbortSignal,
  ): Promise<Hold | undefined> {
    const known = view.get(lease.name);
    const seen = known?.isGone ? undefined : known?.lease;
    const since = clock.mono();
    const wanted: LeaseWrite = {
      ...{ holder: identity, durationMs: times.durationMs },
      name: lease.name,
      labels: {
        ...{ [nameLabel]: name, [kindLabel]: lease.kind },
        ...{ [totalLabel]: String(total), [scopeLabel]: scope },
      },
      transitions: seen === undefined ? 0 : seen.transitions + 1,
    };
    const answer =
      seen === undefined
        ? await store.create(wanted, signal)
        : await store.update(wanted, seen.resourceVersion, signal);
    if (answer === 'Lost') return undefined;
    return createHold({ lease: answer, since }, ports, times, mayRenew);
  }

  /** Somebody whose own view is old wants no share. */
  const isAwake = (): boolean => seenAt !== undefined && clock.mono() - seenAt < times.durationMs;

  return {
    view: () => view,
    seenAt: () => seenAt,
    mayMake: () =>
      first !== undefined && (first.isEmpty || clock.mono() - first.at >= times.durationMs),
    async refresh(signal) {
      const listed = await store.list(`${nameLabel}=${name}`, signal);
      seenAt = clock.mono();
      first ??= { at: seenAt, isEmpty: listed.length === 0 };
      view = look(view, listed, { now: seenAt, durationMs: times.durationMs });
    },
    acquireShard: (index, signal) =>
      acquire({ name: shardName(index), kind: 'shard' }, undefined, signal),
    acquireMember: (signal) => acquire({ name: memberName, kind: 'member' }, isAwake, signal),
    shardName,
  };
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}
