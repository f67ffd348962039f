import type { WatchStatus } from '../../src/review/watch-book.ts';
import { commentGapMs, watchPulls, type WatchPorts } from '../../src/review/watch.ts';
import type { PullRequest } from '../../src/ports/forge.ts';
import { createHints } from '../../src/cli/controller/hints.ts';
import { somePull } from './forge-memory.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** A branch with pull requests on a virtual clock, and a reviewer that watches it. */
export interface WatchStage {
  readonly clock: VirtualClock;
  /** Pushes to a pull request, opening it first if need be. */
  readonly push: (number: number, head: string) => void;
  readonly moveBase: (commit: string) => void;
  readonly close: (number: number) => void;
  readonly hint: () => void;
  /** Commit by commit, what the comment of a pull request said, and when. */
  readonly writes: { readonly number: number; readonly head: string; readonly at: number }[];
  /** Reviews that were begun. */
  readonly reviews: { readonly number: number; readonly head: string; readonly at: number }[];
  /** When the forge was asked. */
  readonly polls: number[];
  readonly status: () => WatchStatus | undefined;
  /** Most reviews that were under way at one time. */
  readonly mostAtOnce: () => number;
  /** Called as each review begins, and as each look at the forge does; what it throws is the failure. */
  beforeReview: (number: number) => void;
  beforePoll: () => void;
  readonly stop: () => Promise<unknown>;
}

export function createWatchStage(options: {
  readonly reviewMs: number;
  readonly intervalMs?: number;
  readonly refreshMs?: number;
}): WatchStage {
  const { reviewMs, intervalMs = 60_000, refreshMs = 3_600_000 } = options;
  const clock = createVirtualClock();
  const hints = createHints();
  const stopping = new AbortController();
  const pulls = new Map<number, PullRequest>();
  let base = 'b0';
  let [under, most] = [0, 0];
  let last: WatchStatus | undefined;
  const stage: Omit<WatchStage, 'stop'> = {
    clock,
    push(number, head) {
      const before = pulls.get(number) ?? { ...somePull, number };
      pulls.set(number, { ...before, head: { branch: 'topic', commit: head } });
    },
    moveBase: (commit) => {
      base = commit;
    },
    close: (number) => pulls.delete(number),
    hint: () => {
      hints.hint('a');
    },
    ...{ writes: [], reviews: [], polls: [] },
    status: () => last,
    mostAtOnce: () => most,
    beforeReview: () => undefined,
    beforePoll: () => undefined,
  };
  const now = (pull: PullRequest): PullRequest => ({
    ...pull,
    base: { branch: 'main', commit: base },
  });
  const ports: WatchPorts = {
    clock,
    random: { next: () => 0.5 },
    openPulls: async () => {
      stage.polls.push(clock.mono());
      stage.beforePoll();
      return Promise.resolve([...pulls.values()].map(now));
    },
    review: async ({ number }, wrote, signal) => {
      under += 1;
      most = Math.max(most, under);
      try {
        const pull = pulls.get(number);
        if (!pull) return { kind: 'closed' };
        const head = pull.head.commit;
        const began = now(pull);
        stage.reviews.push({ number, head, at: clock.mono() });
        stage.beforeReview(number);
        await clock.sleep(reviewMs, signal);
        if (pulls.get(number)?.head.commit !== head) return { kind: 'overtaken' };
        stage.writes.push({ number, head, at: clock.mono() });
        wrote();
        return { kind: 'reviewed', pull: began };
      } finally {
        under -= 1;
      }
    },
    hinted: async (signal) => hints.next('a', signal),
    told: (status) => {
      last = status;
    },
  };
  const settings = { intervalMs, refreshMs, gapMs: commentGapMs };
  const ended = watchPulls(ports, settings, stopping.signal).catch((error: unknown) => error);
  return Object.assign(stage, {
    stop: async () => {
      stopping.abort(new Error('stop'));
      return ended;
    },
  });
}
