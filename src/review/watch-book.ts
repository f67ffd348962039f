import type { Trouble } from '../core/model/controller.ts';
import type { EpochMs } from '../core/words/time.ts';
import type { PullRequest } from '../ports/forge.ts';

/*
 * What a reviewer knows of the open pull requests of one branch, and when each is to be reviewed next. Times are of the
 * monotonic clock, in milliseconds.
 */

/** One open pull request. */
export interface Watched {
  readonly pull: PullRequest;
  /** What the last verdict was about, and when it was given; undefined: there is none yet. */
  readonly verdict: { readonly ends: string; readonly at: number } | undefined;
  /** When the comment was last written, by whatever it says. */
  readonly wroteAt: number | undefined;
  /** After a review that came to nothing: not before then, as long as the ends are these. */
  readonly rest: { readonly ends: string; readonly until: number } | undefined;
  /** Reviews in turn during which the pull request moved on. */
  readonly overtaken: number;
  /** Reviews in turn that failed. */
  readonly failures: number;
  readonly trouble: Trouble | undefined;
}

/** By number. */
export type WatchBook = ReadonlyMap<number, Watched>;

/** How often comments may be written, and reviews made. Milliseconds. */
export interface WatchPace {
  /** Between two writes of one comment: three in a minute, however many pushes there are. */
  readonly gapMs: number;
  /** After that time a verdict is made anew though nothing was pushed: the platform may have changed. */
  readonly refreshMs: number;
}

/** What a verdict is about: the head, and what it goes to. */
function endsOf({ head, base }: PullRequest): string {
  return `${head.commit} ${base.branch} ${base.commit}`;
}

/** Whoever is no longer open is forgotten; whoever is new waits for a verdict. */
export function withOpen(book: WatchBook, pulls: readonly PullRequest[]): WatchBook {
  return new Map(
    pulls.map((pull) => [pull.number, { ...(book.get(pull.number) ?? unknown), pull }]),
  );
}

const unknown = {
  ...{ verdict: undefined, wroteAt: undefined, rest: undefined, trouble: undefined },
  ...{ overtaken: 0, failures: 0 },
} as const satisfies Omit<Watched, 'pull'>;

/** When it is to be reviewed: at once after a push, but for the gap between comments and the rest after a failure. */
function dueAt({ pull, verdict, wroteAt, rest }: Watched, pace: WatchPace): number {
  const ends = endsOf(pull);
  const wanted = verdict?.ends === ends ? verdict.at + pace.refreshMs : 0;
  const afterComment = wroteAt === undefined ? 0 : wroteAt + pace.gapMs;
  const afterRest = rest?.ends === ends ? rest.until : 0;
  return Math.max(wanted, afterComment, afterRest);
}

/**
 * Who is due first; of equals, who was opened first. Of those who are due by now, whoever waits for a verdict comes
 * before those whose verdict is only made anew: there may be more of these than an hour has time for. Undefined: nobody
 * is open.
 */
export function nextDue(
  book: WatchBook,
  pace: WatchPace,
  now: number,
): { readonly number: number; readonly at: number } | undefined {
  const [first] = [...book.entries()]
    .map(([number, watched]) => {
      const at = dueAt(watched, pace);
      const isNew = at <= now && watched.verdict?.ends !== endsOf(watched.pull);
      return { number, at, rank: isNew ? 0 : 1 };
    })
    .toSorted((a, b) => a.rank - b.rank || a.at - b.at || a.number - b.number);
  return first;
}

/** How one review ended. */
export type Ended =
  /** `pull`: what the verdict is about, which may be newer than what was known before. */
  | { readonly kind: 'reviewed'; readonly pull: PullRequest }
  /** The pull request moved on meanwhile, and nothing is said about what it was. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly trouble: Trouble; readonly restMs: number };

const settleMs = 5_000;
const longestSettleMs = 30_000;

/** @param wroteAt  of the comment, during this review; undefined: it was not written */
export function withEnd(
  book: WatchBook,
  number: number,
  end: Ended,
  { now, wroteAt }: { readonly now: number; readonly wroteAt: number | undefined },
): WatchBook {
  const found = book.get(number);
  if (!found) return book;
  const next = new Map(book);
  if (end.kind === 'closed') next.delete(number);
  else next.set(number, { ...ended(found, end, now), wroteAt: wroteAt ?? found.wroteAt });
  return next;
}

function ended(found: Watched, end: Exclude<Ended, { kind: 'closed' }>, now: number): Watched {
  if (end.kind === 'reviewed') {
    const verdict = { ends: endsOf(end.pull), at: now };
    return { ...found, ...unknown, pull: end.pull, verdict, wroteAt: found.wroteAt };
  }
  const ends = endsOf(found.pull);
  if (end.kind === 'failed') {
    const rest = { ends, until: now + end.restMs };
    return { ...found, rest, failures: found.failures + 1, trouble: end.trouble };
  }
  const settle = Math.min(longestSettleMs, settleMs * 2 ** found.overtaken);
  const rest = { ends, until: now + settle };
  return { ...found, rest, verdict: undefined, overtaken: found.overtaken + 1 };
}

/** What people are told of all of it. */
export interface WatchStatus {
  readonly open: number;
  /** Those whose last push has no verdict yet. */
  readonly waiting: number;
  readonly reviewedAt: EpochMs | undefined;
  /** Of the forge, else of the pull request with the lowest number. */
  readonly trouble: Trouble | undefined;
}

export function statusOf(
  book: WatchBook,
  { reviewedAt, trouble }: Pick<WatchStatus, 'reviewedAt' | 'trouble'>,
): WatchStatus {
  const all = [...book.values()];
  const [first] = all
    .filter((one) => one.trouble !== undefined)
    .toSorted((a, b) => a.pull.number - b.pull.number);
  return {
    open: all.length,
    waiting: all.filter(({ pull, verdict }) => verdict?.ends !== endsOf(pull)).length,
    reviewedAt,
    trouble: trouble ?? first?.trouble,
  };
}
