import type { Lane } from '../ports/index.ts';

/** Two lines of waiting things, each first come, first served; a thing stands in one of them at most. */
export interface Lanes<T> {
  /** Puts it at the end of a line; one that stands in the other line leaves that one. */
  add(item: T, lane: Lane): void;
  laneOf(item: T): Lane | undefined;
  delete(item: T): void;
  /** Whose turn it is, of `only` where that is given; it leaves its line. */
  take(only?: Lane): { readonly item: T; readonly lane: Lane } | undefined;
  size(lane: Lane): number;
}

/** While both lines wait, the sweep has every eighth turn. */
const sweepTurn = 8;

export function createLanes<T>(): Lanes<T> {
  const lines = { hot: createLine<T>(), sweep: createLine<T>() };
  /** Turns of the hot line since the sweep has been waiting. */
  let hotTurns = 0;

  function laneOf(item: T): Lane | undefined {
    if (lines.hot.has(item)) return 'hot';
    return lines.sweep.has(item) ? 'sweep' : undefined;
  }

  function nextLane(): Lane {
    if (lines.sweep.size() === 0) return 'hot';
    return lines.hot.size() > 0 && hotTurns + 1 < sweepTurn ? 'hot' : 'sweep';
  }

  return {
    laneOf,
    add(item, lane) {
      const before = laneOf(item);
      if (before === lane) return;
      if (before) lines[before].delete(item);
      lines[lane].add(item);
    },
    delete(item) {
      lines.hot.delete(item);
      lines.sweep.delete(item);
    },
    take(only) {
      const lane = only ?? nextLane();
      const item = lines[lane].take();
      if (item === undefined) return undefined;
      if (!only) hotTurns = lane === 'hot' && lines.sweep.size() > 0 ? hotTurns + 1 : 0;
      return { item: item.value, lane };
    },
    size: (lane) => lines[lane].size(),
  };
}

interface Line<T> {
  add(item: T): void;
  has(item: T): boolean;
  delete(item: T): void;
  take(): { readonly value: T } | undefined;
  size(): number;
}

function createLine<T>(): Line<T> {
  const items = new Set<T>();
  // Kept between calls: a new iterator would pass over everything that has left before it reached the first.
  let walk = items.values();
  return {
    add: (item) => items.add(item),
    has: (item) => items.has(item),
    delete: (item) => items.delete(item),
    take() {
      if (items.size === 0) return undefined;
      let step = walk.next();
      if (step.done) {
        walk = items.values();
        step = walk.next();
      }
      if (step.done) return undefined;
      items.delete(step.value);
      return { value: step.value };
    },
    size: () => items.size,
  };
}
