import { describe, expect, it } from 'vitest';

import { nextDue, type WatchBook, withEnd, withOpen } from '../../../src/review/watch-book.ts';
import { somePull } from '../../support/forge-memory.ts';

const pace = { gapMs: 30_000, refreshMs: 120_000 };
const reviewMs = 2_000;

/** More pull requests than a refresh has time for, each reviewed when it was due. */
function crowd(reviews: number) {
  const pulls = Array.from({ length: 100 }, (_, index) => ({
    ...somePull,
    number: index + 1,
    head: { branch: 'topic', commit: String(index).padStart(40, '0') },
  }));
  let book: WatchBook = withOpen(new Map(), pulls);
  let now = 0;
  const reviewNext = (): number => {
    const due = nextDue(book, pace, now);
    const pull = due && book.get(due.number)?.pull;
    if (!due || !pull) throw new Error('nobody is open');
    now = Math.max(now, due.at) + reviewMs;
    const end = { kind: 'reviewed', pull } as const;
    book = withEnd(book, due.number, end, { now, wroteAt: now });
    return due.number;
  };
  let last = 0;
  for (let review = 0; review < reviews; review += 1) last = reviewNext();
  const push = (number: number): void => {
    const head = { branch: 'topic', commit: 'f'.repeat(40) };
    book = withOpen(
      book,
      pulls.map((pull) => (pull.number === number ? { ...pull, head } : pull)),
    );
  };
  return { last, push, reviewNext, now: () => now };
}

describe('more pull requests than a refresh has time for', () => {
  it('a push is reviewed before verdicts that are only made anew', () => {
    const { last, push, reviewNext, now } = crowd(150);
    const pushedAt = now();

    push(last);
    while (reviewNext() !== last);

    expect(now() - pushedAt, 'the gap between two comments, and its own review').toBeLessThan(
      pace.gapMs + 2 * reviewMs,
    );
  });

  it('verdicts that are old are made anew all the same', () => {
    const { reviewNext } = crowd(100);

    expect([reviewNext(), reviewNext(), reviewNext()]).toEqual([1, 2, 3]);
  });
});
