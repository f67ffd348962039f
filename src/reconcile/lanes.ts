import type { Lane } from '../ports/index.ts';

/**
 * Two lines of waiting things; a thing stands in one of them at most. In a line those who want something take turns, and the
 * things of each are first come, first served: whoever wants much waits behind nobody but oneself for the rest.
 */
export interface Lanes<T> {
  /** Puts it at the end of its own in a line; one that stands in the other line leaves that one. */
  add(item: T, lane: Lane): void;
  laneOf(item: T): Lane | undefined;
  delete(item: T): void;
  /** Whose turn it is; it leaves its line. */
  take(from?: From): { readonly item: T; readonly lane: Lane } | undefined;
  size(lane: Lane): number;
}

/** Where a turn is taken from; absent: anywhere. */
export interface From {
  readonly only?: Lane | undefined;
  /** Tells whose turns may be taken. */
  readonly of?: ((owner: string) => boolean) | undefined;
}

/** While both lines wait, the sweep has every eighth turn. */
const sweepTurn = 8;

/** @param ownerOf  who wants it, asked once for each time it is added; absent: all is one's */
export function createLanes<T>(ownerOf: (item: T) => string = () => ''): Lanes<T> {
  const lines = { hot: createLine(ownerOf), sweep: createLine(ownerOf) };
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
    take({ only, of } = {}) {
      const lane = only ?? nextLane();
      const item = lines[lane].take(of);
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
  take(of: From['of']): { readonly value: T } | undefined;
  size(): number;
}

/** In rounds: each who waits has one turn in a round, and who comes late still has one if it had none yet. */
function createLine<T>(ownerOf: (item: T) => string): Line<T> {
  const owners = new Map<T, string>();
  /** Whose turn is yet to come in this round, and in the next one; none is empty. */
  let now = new Map<string, Waiting<T>>();
  let next = new Map<string, Waiting<T>>();
  /** Who had a turn in this round. */
  const served = new Set<string>();

  function nextRound(): void {
    [now, next] = [next, now];
    served.clear();
  }

  function first(of: From['of']): string | undefined {
    if (now.size === 0) nextRound();
    for (const owner of now.keys()) if (of?.(owner) ?? true) return owner;
    for (const owner of next.keys()) if (of?.(owner) ?? true) return owner;
    return undefined;
  }

  return {
    add(item) {
      const owner = ownerOf(item);
      owners.set(item, owner);
      const known = now.get(owner) ?? next.get(owner);
      const items = known ?? createWaiting<T>();
      if (!known) (served.has(owner) ? next : now).set(owner, items);
      items.add(item);
    },
    has: (item) => owners.has(item),
    delete(item) {
      const owner = owners.get(item);
      if (owner === undefined) return;
      owners.delete(item);
      const line = now.has(owner) ? now : next;
      const items = line.get(owner);
      items?.delete(item);
      if (items?.size() === 0) line.delete(owner);
    },
    take(of) {
      const owner = first(of);
      if (owner === undefined) return undefined;
      const items = now.get(owner) ?? next.get(owner);
      const taken = items?.take();
      now.delete(owner);
      next.delete(owner);
      if (items && items.size() > 0) next.set(owner, items);
      served.add(owner);
      if (taken) owners.delete(taken.value);
      return taken;
    },
    size: () => owners.size,
  };
}

interface Waiting<T> {
  add(item: T): void;
  delete(item: T): void;
  take(): { readonly value: T } | undefined;
  size(): number;
}

/** First come, first served. */
function createWaiting<T>(): Waiting<T> {
  const items = new Set<T>();
  // Kept between calls: a new iterator would pass over everything that has left before it reached the first.
  let walk = items.values();
  return {
    add: (item) => items.add(item),
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
