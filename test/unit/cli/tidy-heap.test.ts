import { expect, it, onTestFinished } from 'vitest';

import { type HeapState, ownHeap, tidyHeap } from '../../../src/cli/tidy-heap.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const mebibyte = 1024 * 1024;

function state(usedMiB: number, totalMiB: number, busyShare: number): HeapState {
  return { usedBytes: usedMiB * mebibyte, totalBytes: totalMiB * mebibyte, busyShare };
}

it.each([
  {
    name: 'gives back what a start left behind',
    why: 'a third of the heap is holes, and nothing goes on',
    state: state(70, 118, 0.01),
    afterMs: 5_000,
    expected: 1,
  },
  {
    name: 'waits while something goes on',
    why: 'everything waits for a compaction',
    state: state(70, 118, 0.06),
    afterMs: 600_000,
    expected: 0,
  },
  {
    name: 'spares a heap that is nearly full',
    why: 'little can be given back',
    state: state(100, 118, 0),
    afterMs: 600_000,
    expected: 0,
  },
  {
    name: 'spares a small heap',
    why: 'whatever its holes are, they are few',
    state: state(20, 34, 0),
    afterMs: 600_000,
    expected: 0,
  },
  {
    name: 'rests after it',
    why: 'what fills itself again at once is needed',
    state: state(70, 118, 0),
    afterMs: 60_000,
    expected: 1,
  },
  {
    name: 'looks again after a rest',
    why: 'everything may have been listed again',
    state: state(70, 118, 0),
    afterMs: 70_000,
    expected: 2,
  },
])('$name', async ({ state: seen, afterMs, expected, why }) => {
  const clock = createVirtualClock();
  const over = new AbortController();
  onTestFinished(() => over.abort());
  let compacted = 0;
  const compact = (): void => {
    compacted += 1;
  };

  void tidyHeap({ clock, look: () => seen, compact }, over.signal).catch(() => undefined);
  await clock.advance(afterMs);

  expect(compacted, why).toBe(expected);
});

it('gives the holes of its own heap back', () => {
  const heap = ownHeap(createVirtualClock());
  const kept = Array.from({ length: 400_000 }, (_, index) => ({ index }));
  const before = heap.look();
  kept.length = 0;

  heap.compact();

  expect(heap.look().totalBytes).toBeLessThan(before.totalBytes);
});
