import { describe, expect, it } from 'vitest';

import { createHints } from '../../../src/cli/controller/hints.ts';
import { withReviews } from '../../../src/cli/controller/review-board.ts';
import type { ControllerStatus } from '../../../src/core/model/controller.ts';

const status = (...names: readonly string[]) =>
  ({ sources: names.map((name) => ({ name })) }) as unknown as ControllerStatus;

function board() {
  let make: (() => ControllerStatus) | undefined;
  let changes = 0;
  const reviews = withReviews({
    changed(next) {
      make = next;
      changes += 1;
    },
  });
  return { reviews, shown: () => make?.().sources, changes: () => changes };
}

describe('the board of a controller that reviews', () => {
  it('shows reviews with their source, whoever spoke last', () => {
    const { reviews, shown } = board();

    reviews.changed(() => status('a', 'b'));
    reviews.tell('b', { open: 3, waiting: 1 });
    const first = shown();
    reviews.changed(() => status('a', 'b', 'c'));

    expect(first).toEqual([{ name: 'a' }, { name: 'b', reviews: { open: 3, waiting: 1 } }]);
    expect(shown()).toHaveLength(3);
    expect(shown()?.[1]).toHaveProperty('reviews');
  });

  it('says nothing before the loop has', () => {
    const { reviews, shown, changes } = board();

    reviews.tell('a', { open: 1, waiting: 0 });

    expect(changes()).toBe(0);
    reviews.changed(() => status('a'));
    expect(shown()).toEqual([{ name: 'a', reviews: { open: 1, waiting: 0 } }]);
  });
});

describe('hints', () => {
  const never = new AbortController().signal;

  it.each([
    { name: 'a push wakes who looks and who reviews', by: 'hint', looks: true, reviews: true },
    { name: 'a pull request wakes who reviews', by: 'hintPulls', looks: false, reviews: true },
  ] as const)('$name', async ({ by, looks, reviews }) => {
    const hints = createHints();
    const woken = { looks: false, reviews: false };
    void hints.next('a', never).then(() => (woken.looks = true));
    void hints.nextPulls('a', never).then(() => (woken.reviews = true));

    hints[by]('a');
    await new Promise((resolve) => setImmediate(resolve));

    expect(woken).toEqual({ looks, reviews });
  });

  it('that nobody waited for are kept, once', async () => {
    const hints = createHints();
    hints.hintPulls('a');
    hints.hintPulls('a');

    await hints.nextPulls('a', never);
    const stop = new AbortController();
    let isWoken = false;
    const next = hints.nextPulls('a', stop.signal).then(() => (isWoken = !stop.signal.aborted));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await next;

    expect(isWoken).toBe(false);
  });
});
