import { createHash } from 'node:crypto';

import type { Clock } from '../ports/index.ts';
import { createHold, type Hold, type LeaseTimes } from './hold.ts';
import type { LeaseAnswer, LeaseStore, LeaseWrite } from './lease.ts';
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
  /**
   * Whether a shard's Lease that is not listed is ours all the same: then it lacks its labels, and gets them back. Throws
   * ReconcileError.
   */
  isUnlisted(index: number, signal: AbortSignal): Promise<boolean>;
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

  const labelsOf = (kind: 'shard' | 'member'): LeaseWrite['labels'] => ({
    ...{ [nameLabel]: name, [kindLabel]: kind },
    ...{ [totalLabel]: String(total), [scopeLabel]: scope },
  });

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
      labels: labelsOf(lease.kind),
      said: '',
      transitions: seen === undefined ? 0 : seen.transitions + 1,
    };
    const answer =
      seen === undefined
        ? await store.create(wanted, signal)
        : await store.update(wanted, seen.resourceVersion, signal);
    if (answer === 'Lost') {
      if (seen === undefined) await label(wanted, signal);
      return undefined;
    }
    return createHold({ lease: answer, since }, ports, times, mayRenew);
  }

  /**
   * A Lease whose labels were taken away is in no list, and is not made a second time: it gets them back, and stays whose
   * it is. Once it is listed its holder's time counts from then. One that bears another name is not ours.
   */
  async function label(
    { name: leaseName, labels }: Pick<LeaseWrite, 'name' | 'labels'>,
    signal: AbortSignal,
  ): Promise<LeaseAnswer> {
    const found = await store.get(leaseName, signal);
    if (found === undefined || found.labels[nameLabel] !== undefined) return 'Lost';
    return store.update({ ...found, labels }, found.resourceVersion, signal);
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
    async isUnlisted(index, signal) {
      const lease = { name: shardName(index), labels: labelsOf('shard') };
      const answer = await label(lease, signal);
      return answer !== 'Lost' && answer.holder === identity;
    },
    shardName,
  };
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}
