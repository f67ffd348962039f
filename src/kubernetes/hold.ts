import { ReconcileError } from '../core/words/errors.ts';
import type { Clock } from '../ports/index.ts';
import { withDeadline } from './deadline.ts';
import type { Lease, LeaseStore, LeaseWrite } from './lease.ts';
import { releasedMs } from './lease-view.ts';

/** Milliseconds; each is shorter than the one before. */
export interface LeaseTimes {
  /** A Lease that did not change for so long may be taken. */
  readonly durationMs: number;
  /** A holder that could not renew for so long gives up by itself. */
  readonly renewDeadlineMs: number;
  /** Between two renewals. */
  readonly retryMs: number;
}

export const leaseTimes: LeaseTimes = {
  durationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 2_000,
};

export interface HoldPorts {
  readonly store: LeaseStore;
  readonly clock: Clock;
}

/** A Lease that is ours. */
export interface Hold {
  readonly name: string;
  /** Monotonic moment until which what we send may arrive; minus infinity once it is not ours any more. */
  heldUntil(): number;
  /** The same, whether it still is ours or not: what was sent under it may arrive until then. */
  sentUntil(): number;
  /** Aborted when it is lost or let go. */
  readonly signal: AbortSignal;
  /** Renews until it is lost or let go, or the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** @param text  asked for at each renewal, which tells it to the others; until then nothing is said */
  speak(text: () => string): void;
  /** Renews no longer. Others may take it when its time is over, or at once after `release`. */
  letGo(): void;
  /** Says that it is nobody's; after `letGo`, and when nothing of it is under way. Throws ReconcileError. */
  release(signal: AbortSignal): Promise<void>;
}

/** Clocks run at slightly different speeds, and a message travels after its time was looked at: a share of the duration. */
const marginShare = 1 / 20;

/**
 * Keeps a Lease that was won.
 *
 * @param won  `since`: the monotonic moment at which the write that won it was begun, for others may count from then
 * @param mayRenew  asked before each renewal; absent: always
 */
export function createHold(
  won: { readonly lease: Lease; readonly since: number },
  { store, clock }: HoldPorts,
  times: LeaseTimes,
  mayRenew: () => boolean = () => true,
): Hold {
  const ended = new AbortController();
  // As we wrote them: labels that somebody took away, by which others find it, come back with the next renewal.
  const { holder, labels } = won.lease;
  let { lease, since: renewedAt } = won;
  let say = (): string => '';

  const sentUntil = (): number => renewedAt + times.durationMs * (1 - marginShare);

  function end(why: string): void {
    if (!ended.signal.aborted) ended.abort(new ReconcileError('ClusterUnavailable', why));
  }

  const asWritten = (by: string, said: string): LeaseWrite => ({
    ...{ name: lease.name, holder: by, durationMs: times.durationMs },
    ...{ transitions: lease.transitions, labels, said },
  });

  /** @returns whether it is renewed; if not, it may be tried at once */
  async function renew(signal: AbortSignal): Promise<boolean> {
    const begunAt = clock.mono();
    const answer = await store.update(asWritten(holder, say()), lease.resourceVersion, signal);
    if (answer !== 'Lost') {
      lease = answer;
      renewedAt = begunAt;
      return true;
    }
    const now = await store.get(lease.name, signal);
    // A renewal whose answer was lost has changed it: it is still ours, but counts from no known moment.
    if (now?.holder === holder) lease = now;
    else end(`lease ${lease.name} was taken`);
    return false;
  }

  async function renewOnce(signal: AbortSignal): Promise<void> {
    const ms = renewedAt + times.renewDeadlineMs - clock.mono();
    if (ms <= 0 || !mayRenew()) {
      if (ms <= 0) end(`lease ${lease.name} could not be renewed in time`);
      return;
    }
    const late = (): Error =>
      new ReconcileError('ClusterUnavailable', 'a lease was renewed too late');
    await withDeadline({ clock, ms, late }, signal, async (both) => {
      while (!ended.signal.aborted && !(await renew(both)));
    });
  }

  return {
    name: lease.name,
    heldUntil: () => (ended.signal.aborted ? Number.NEGATIVE_INFINITY : sentUntil()),
    sentUntil,
    signal: ended.signal,
    async run(signal) {
      const both = AbortSignal.any([signal, ended.signal]);
      while (!both.aborted) {
        await clock.sleep(waitMs(renewedAt, times, clock.mono()), both).catch(() => undefined);
        // The store fails for reasons of the world only; what is left of the deadline decides.
        if (!both.aborted) await renewOnce(both).catch(() => undefined);
      }
    },
    speak(text) {
      say = text;
    },
    letGo() {
      end(`lease ${lease.name} was given back`);
    },
    async release(signal) {
      const released = { ...asWritten('', ''), durationMs: releasedMs };
      await store.update(released, lease.resourceVersion, signal);
    },
  };
}

/** Until the next renewal, or until it is too late for one. */
function waitMs(renewedAt: number, { retryMs, renewDeadlineMs }: LeaseTimes, now: number): number {
  const late = renewedAt + renewDeadlineMs - now;
  const due = renewedAt + retryMs - now;
  return Math.max(1, Math.min(due > 0 ? due : retryMs, late));
}
