import { ReconcileError } from '../core/words/errors.ts';
import type { CacheHealth, HeldShard, Shards } from '../ports/cluster.ts';
import type { Clock, Random } from '../ports/index.ts';
import { asError, untilAborted } from './deadline.ts';
import type { Hold } from './hold.ts';
import type { LeaseStore } from './lease.ts';
import { createLeaseGroup, type GroupSettings } from './lease-group.ts';
import { freeSince, nextExpiry, releasedMs, type ViewTimes } from './lease-view.ts';
import {
  isDividedAlike,
  isDividedOtherwise,
  isOfOtherScope,
  leftBehind,
  otherMembers,
  shares,
} from './share.ts';

export interface ShardSettings extends GroupSettings {
  /** Only these are ever taken, and all of them; absent: a fair share. */
  readonly only?: readonly number[] | undefined;
}

export interface ShardPorts {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly random: Random;
}

export interface LeasedShards extends Shards {
  health(): CacheHealth;
  /** Takes, renews and rebalances until the signal is aborted or everything is released. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** Durations. */
const replacedWithin = 8;

/**
 * Shards by Leases, one each, and one for each process that wants some: `NAME-shard-I`, `NAME-member-...`.
 *
 * Everybody lists all of them twice per renewal and counts from the moment a change was seen. Who holds more than its share
 * gives back; who holds less takes what is free. Two who take the same are told apart by the version they saw.
 */
export function createShards(settings: ShardSettings, ports: ShardPorts): LeasedShards {
  const { total, only, identity, times } = settings;
  const { store, clock, random } = ports;
  const group = createLeaseGroup(settings, ports);
  const startedAt = clock.mono();
  const stopped = new AbortController();
  const held = new Map<number, Hold>();
  /** Let go, and not to be taken by us before this moment: what was sent may still arrive. */
  const leaving = new Map<number, number>();
  const won: HeldShard[] = [];
  const tasks = new Set<Promise<void>>();
  let member: Hold | undefined;
  let trouble: CacheHealth['trouble'];
  let otherScopeSince: number | undefined;
  let wake: () => void = () => undefined;
  let wakeListener: () => void = () => undefined;
  /** By shard. */
  let sayings: readonly string[] = [];
  let isHeard = true;

  const viewTimes = (): ViewTimes => ({ durationMs: times.durationMs, now: clock.mono() });

  function begin(work: Promise<void>): void {
    const task = work
      .catch(() => undefined)
      .finally(() => {
        tasks.delete(task);
      });
    tasks.add(task);
  }

  async function keepMember(signal: AbortSignal): Promise<void> {
    if (only !== undefined || member?.signal.aborted === false) return;
    member = await group.acquireMember(signal);
    if (member !== undefined) begin(member.run(signal));
  }

  function isFree(index: number): boolean {
    if (held.has(index) || (leaving.get(index) ?? 0) > clock.mono()) return false;
    const seen = group.view().get(group.shardName(index));
    if (seen === undefined) return group.mayMake();
    // Ours by name and not in our hands: won by a write whose answer was lost, or lost by us for being late.
    if (seen.lease.holder === identity && !seen.isGone) return true;
    return freeSince(seen, viewTimes()) !== undefined;
  }

  const all = only ?? Array.from({ length: total }, (_, index) => index);

  /** Whoever may not take yet what is missing is no member yet: others would leave it to them. */
  function isWaiting(): boolean {
    const isUnseen = (index: number): boolean => !group.view().has(group.shardName(index));
    return held.size === 0 && !group.mayMake() && all.some(isUnseen);
  }

  /** Deleted, emptied or taken by hand: nothing is written under it from now on, before the next renewal finds out. */
  async function heedLosses(signal: AbortSignal): Promise<void> {
    const unlisted: [number, Hold][] = [];
    for (const [index, hold] of held) {
      const seen = group.view().get(group.shardName(index));
      if (!seen || seen.isGone) unlisted.push([index, hold]);
      else if (seen.lease.holder !== identity) hold.letGo();
    }
    for (const [index, hold] of unlisted) {
      const isOurs = await group.isUnlisted(index, signal).catch(() => false);
      if (!isOurs) hold.letGo();
    }
  }

  /** Holders of another scope stay for longer than it takes to replace old processes by new ones. */
  function heedScope(): void {
    if (held.size > 0 || !isOfOtherScope(group.view(), settings, viewTimes())) {
      otherScopeSince = undefined;
      return;
    }
    otherScopeSince ??= clock.mono();
    if (clock.mono() - otherScopeSince < times.durationMs * replacedWithin) return;
    throw new ReconcileError(
      'Contended',
      `the Leases ${settings.name}-... are held by a controller of other namespaces`,
      { nextStep: 'give each installation a name of its own: --leases NAME' },
    );
  }

  function candidates(): readonly number[] {
    const first = Math.floor(random.next() * all.length);
    return [...all.slice(first), ...all.slice(0, first)].filter(isFree);
  }

  async function take(wanted: number, signal: AbortSignal): Promise<void> {
    const taken: [number, Hold][] = [];
    for (const index of candidates().slice(0, wanted)) {
      const hold = await group.acquireShard(index, signal);
      if (hold !== undefined) taken.push([index, hold]);
    }
    if (taken.length === 0) return;
    // Looked at after the writes: of two who divide otherwise and were equally fast, at least one sees the other here.
    await group.refresh(signal);
    const isShared = isDividedOtherwise(group.view(), settings, viewTimes());
    for (const [index, hold] of taken)
      if (isShared) await hold.release(signal);
      else announce(index, hold, signal);
  }

  function announce(index: number, hold: Hold, signal: AbortSignal): void {
    held.set(index, hold);
    const drained = Promise.withResolvers<undefined>();
    begin(hold.run(signal));
    begin(handOn(index, { hold, drained: drained.promise }, signal));
    won.push({
      index,
      heldUntil: () => hold.heldUntil(),
      signal: hold.signal,
      drained: () => {
        drained.resolve(undefined);
      },
      speak: (text) => {
        hold.speak(text);
      },
    });
    wake();
  }

  /** After it was lost or let go: gives it to whoever comes next, once nothing of it can be under way. */
  async function handOn(
    index: number,
    { hold, drained }: { readonly hold: Hold; readonly drained: Promise<unknown> },
    signal: AbortSignal,
  ): Promise<void> {
    const gone = AbortSignal.any([hold.signal, signal]);
    await untilAborted(new Promise(() => undefined), gone).catch(() => undefined);
    held.delete(index);
    hold.letGo();
    if (signal.aborted) return;
    const until = hold.sentUntil();
    leaving.set(index, until);
    const waited = clock.sleep(Math.max(0, until - clock.mono()), signal);
    await Promise.race([drained, waited]).catch(() => undefined);
    if (!signal.aborted) await hold.release(signal);
    leaving.delete(index);
  }

  /** Gives back one shard too many, if somebody is waiting for it. */
  function giveBack(due: ReadonlyMap<string, number>, others: ReturnType<typeof otherMembers>) {
    const isWanted = others.some(({ identity: other, held: has }) => has < (due.get(other) ?? 0));
    const last = Math.max(...held.keys());
    if (isWanted) held.get(last)?.letGo();
  }

  async function balance(signal: AbortSignal): Promise<void> {
    if (only !== undefined) {
      await take(only.length - held.size, signal);
      return;
    }
    const others = otherMembers(group.view(), settings, viewTimes());
    const due = shares(total, [...others, { identity, held: held.size }]);
    const excess = held.size - (due.get(identity) ?? 0);
    if (excess > 0) giveBack(due, others);
    else if (excess < 0) await take(-excess, signal);
  }

  function said(index: number): string {
    const seen = group.view().get(group.shardName(index));
    // Of another number of shards the same name is another part of the programs.
    return seen && isDividedAlike(seen, settings) ? seen.lease.said : '';
  }

  function listen(): void {
    const now = Array.from({ length: total }, (_, index) => said(index));
    if (now.every((each, index) => each === (sayings[index] ?? ''))) return;
    sayings = now;
    isHeard = false;
    wakeListener();
  }

  async function turn(signal: AbortSignal): Promise<void> {
    await group.refresh(signal);
    listen();
    await heedLosses(signal);
    heedScope();
    if (isWaiting()) {
      trouble = undefined;
      return;
    }
    await keepMember(signal);
    for (const { lease } of leftBehind(group.view(), viewTimes()))
      await store.remove(lease, signal);
    // Who divides otherwise goes first until nobody does any more; what we hold, we hold by right.
    if (held.size > 0 || !isDividedOtherwise(group.view(), settings, viewTimes()))
      await balance(signal);
    trouble = undefined;
  }

  /** Twice per renewal, and at once when somebody's time is over. */
  function pauseMs(): number {
    const usual = (times.retryMs / 2) * (0.9 + random.next() / 10);
    const expiry = nextExpiry(group.view(), identity, viewTimes()) - clock.mono();
    return Math.max(times.retryMs / 40, Math.min(usual, expiry));
  }

  async function follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await turn(signal).catch((thrown: unknown) => {
        trouble = troubleOf(thrown);
      });
      await clock.sleep(pauseMs(), signal).catch(() => undefined);
    }
  }

  function heldByAll(): number {
    const seenAt = group.seenAt();
    const now = clock.mono();
    // A shard counts until it was free for two durations: whoever takes it meanwhile is known to all before it writes.
    const isLong = (since: number): boolean => now - since >= times.durationMs * 2;
    if (seenAt === undefined || now - seenAt > times.durationMs) return total;
    const free = Array.from({ length: total }, (_, index) => index).filter((index) => {
      if (held.has(index)) return false;
      const seen = group.view().get(group.shardName(index));
      const since = seen === undefined ? startedAt : freeSince(seen, viewTimes());
      return since !== undefined && isLong(since);
    });
    return Math.max(1, total - free.length);
  }

  async function releaseAll(): Promise<void> {
    const holds = [...(member === undefined ? [] : [member]), ...held.values()];
    stopped.abort(new ReconcileError('ClusterUnavailable', 'shards are released'));
    await Promise.all(tasks);
    const { signal } = new AbortController();
    // The member first: nobody then counts on us for what becomes free.
    for (const hold of holds) {
      hold.letGo();
      await hold.release(signal).catch(() => undefined);
    }
    await releaseUnknown(signal).catch(() => undefined);
  }

  /** What was won by a write that was cut off is ours, too. */
  async function releaseUnknown(signal: AbortSignal): Promise<void> {
    await group.refresh(signal);
    for (const { lease, isGone } of group.view().values())
      if (lease.holder === identity && !isGone) {
        const released = { ...lease, holder: '', durationMs: releasedMs, said: '' };
        await store.update(released, lease.resourceVersion, signal);
      }
  }

  let released: Promise<void> | undefined;

  return {
    total,
    heldByAll,
    async won(signal) {
      for (;;) {
        signal.throwIfAborted();
        const next = won.shift();
        if (next !== undefined && !next.signal.aborted) return next;
        if (next !== undefined) continue;
        const woken = Promise.withResolvers<undefined>();
        wake = () => {
          woken.resolve(undefined);
        };
        await untilAborted(woken.promise, signal);
      }
    },
    said,
    async heard(signal) {
      signal.throwIfAborted();
      const woken = Promise.withResolvers<undefined>();
      wakeListener = () => {
        woken.resolve(undefined);
      };
      if (!isHeard) woken.resolve(undefined);
      await untilAborted(woken.promise, signal);
      isHeard = true;
    },
    release: () => (released ??= releaseAll()),
    health: () => ({
      state:
        trouble !== undefined ? 'Failing' : group.seenAt() === undefined ? 'Starting' : 'Following',
      heardAt: group.seenAt() ?? startedAt,
      ...(trouble === undefined ? {} : { trouble }),
    }),
    async run(signal) {
      const both = AbortSignal.any([signal, stopped.signal]);
      const following = follow(both);
      begin(following);
      await following;
      await Promise.all(tasks);
    },
  };
}

function troubleOf(thrown: unknown): CacheHealth['trouble'] {
  const error = asError(thrown);
  if (!(error instanceof ReconcileError))
    return { code: 'InternalError', message: 'sharing failed' };
  const { code, message, nextStep } = error;
  return { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
}
