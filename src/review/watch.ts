import type { Trouble } from '../core/model/controller.ts';
import { ReconcileError } from '../core/words/errors.ts';
import type { EpochMs } from '../core/words/time.ts';
import type { PullRequest } from '../ports/forge.ts';
import type { Clock, Random } from '../ports/index.ts';
import {
  type Ended,
  nextDue,
  statusOf,
  type WatchBook,
  type WatchPace,
  type WatchStatus,
  withEnd,
  withOpen,
} from './watch-book.ts';

/** What reviewing the pull requests of one branch may hold: no platform is among it. */
export interface WatchPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Open ones into the branch; `base.commit` is where the branch stands now. Throws ReconcileError. */
  readonly openPulls: (signal: AbortSignal) => Promise<readonly PullRequest[]>;
  /**
   * Reviews one and says so on it.
   *
   * @param wrote  to be called for each write of the comment, whatever it says
   * @throws whatever keeps it from a verdict; the signal's reason
   */
  readonly review: (
    pull: PullRequest,
    wrote: () => void,
    signal: AbortSignal,
  ) => Promise<Exclude<Ended, { kind: 'failed' }>>;
  /** Resolves when somebody says that a pull request may have changed. */
  readonly hinted: (signal: AbortSignal) => Promise<void>;
  readonly told: (status: WatchStatus) => void;
}

export interface WatchSettings extends WatchPace {
  /** Between two looks at the forge, with jitter. */
  readonly intervalMs: number;
}

/** Three writes of a comment in a minute: the first at once, the others half a minute apart. */
export const commentGapMs = 30_000;
/** Hints come in floods; the forge is asked at most that often. */
const hintGapMs = 5_000;
const longestPollMs = 15 * 60_000;
const firstRestMs = 30_000;
const longestRestMs = 15 * 60_000;
const jitterShare = 0.1;

interface Watch {
  readonly ports: WatchPorts;
  readonly settings: WatchSettings;
  readonly signal: AbortSignal;
  book: WatchBook;
  pollAt: number;
  polledAt: number;
  pollFailures: number;
  pollTrouble: Trouble | undefined;
  reviewedAt: EpochMs | undefined;
}

/**
 * Reviews the open pull requests of one branch until the signal is aborted: one at a time, whoever waits longest first;
 * the last push wins. Nothing that fails ends it, and nothing of it is kept: the comments say what was reviewed.
 *
 * @throws the signal's reason
 */
export async function watchPulls(
  ports: WatchPorts,
  settings: WatchSettings,
  signal: AbortSignal,
): Promise<never> {
  const now = ports.clock.mono();
  const watch: Watch = {
    ...{ ports, settings, signal, book: new Map() },
    // Many repositories that begin together are not asked together.
    pollAt: now + Math.floor(ports.random.next() * Math.min(settings.intervalMs, 10_000)),
    polledAt: now - hintGapMs,
    pollFailures: 0,
    pollTrouble: undefined,
    reviewedAt: undefined,
  };
  for (;;) {
    signal.throwIfAborted();
    await step(watch);
  }
}

/** A look comes before a review: a verdict is best about what is there now. */
async function step(watch: Watch): Promise<void> {
  const { clock } = watch.ports;
  if (clock.mono() >= watch.pollAt) return poll(watch);
  const due = nextDue(watch.book, watch.settings, clock.mono());
  if (due && due.at <= clock.mono()) return reviewOne(watch, due.number);
  const until = Math.min(watch.pollAt, due?.at ?? Infinity);
  if (await hintedBefore(watch, until)) watch.pollAt = soon(watch);
}

function soon({ pollAt, polledAt }: Watch): number {
  return Math.min(pollAt, polledAt + hintGapMs);
}

async function poll(watch: Watch): Promise<void> {
  const { ports, settings, signal } = watch;
  watch.polledAt = ports.clock.mono();
  try {
    watch.book = withOpen(watch.book, await ports.openPulls(signal));
    watch.pollFailures = 0;
    watch.pollTrouble = undefined;
  } catch (error) {
    signal.throwIfAborted();
    watch.pollFailures += 1;
    watch.pollTrouble = troubleOf(error);
  }
  const wait = Math.min(settings.intervalMs * 2 ** watch.pollFailures, longestPollMs);
  watch.pollAt = ports.clock.mono() + jittered(Math.max(wait, settings.intervalMs), ports.random);
  tell(watch);
}

async function reviewOne(watch: Watch, number: number): Promise<void> {
  const { ports, signal } = watch;
  const found = watch.book.get(number);
  if (!found) return;
  let wroteAt: number | undefined;
  const wrote = (): void => {
    wroteAt = ports.clock.mono();
  };
  const end = await endOf(watch, found.failures, () => ports.review(found.pull, wrote, signal));
  if (end.kind === 'reviewed') watch.reviewedAt = ports.clock.wall();
  watch.book = withEnd(watch.book, number, end, { now: ports.clock.mono(), wroteAt });
  tell(watch);
}

async function endOf(
  { ports, signal }: Watch,
  failures: number,
  review: () => Promise<Ended>,
): Promise<Ended> {
  try {
    return await review();
  } catch (error) {
    signal.throwIfAborted();
    const rest = Math.min(firstRestMs * 2 ** failures, longestRestMs);
    return { kind: 'failed', trouble: troubleOf(error), restMs: jittered(rest, ports.random) };
  }
}

function tell({ ports, book, pollTrouble, reviewedAt }: Watch): void {
  ports.told(statusOf(book, { reviewedAt, trouble: pollTrouble }));
}

function jittered(ms: number, random: Random): number {
  return Math.round(ms * (1 + jitterShare * (2 * random.next() - 1)));
}

/** Whether a hint came before that moment of the monotonic clock. @throws the signal's reason */
async function hintedBefore({ ports, signal }: Watch, until: number): Promise<boolean> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  let isHinted = false;
  const hint = ports.hinted(either).then(() => {
    isHinted = !either.aborted;
  });
  try {
    await Promise.race([hint, ports.clock.sleep(Math.max(0, until - ports.clock.mono()), either)]);
  } finally {
    over.abort();
  }
  signal.throwIfAborted();
  return isHinted;
}

/** A failure that is no ReconcileError is a bug, or a setting: it is told, and the other pull requests go on. */
function troubleOf(error: unknown): Trouble {
  if (error instanceof ReconcileError) {
    const { code, message, nextStep } = error;
    return { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
  }
  const message = error instanceof Error ? error.message : 'something that is no error was thrown';
  return { code: 'InternalError', message };
}
