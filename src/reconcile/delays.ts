/** Something that becomes due at a moment of the monotonic clock, in milliseconds. */
export interface Delay<Key> {
  readonly key: Key;
  readonly dueMs: number;
}

/** At most one delay per key, the earliest first; of equal ones, the one that was set first. */
export interface Delays<Key> {
  /** Replaces what was set for the key. */
  set(key: Key, dueMs: number): void;
  dueAt(key: Key): number | undefined;
  delete(key: Key): void;
  earliest(): Delay<Key> | undefined;
  size(): number;
}

interface Entry<Key> extends Delay<Key> {
  readonly order: number;
}

/** A binary heap that knows where each key stands: every operation takes at most O(log n), a lookup O(1). */
export function createDelays<Key>(): Delays<Key> {
  const heap: Entry<Key>[] = [];
  const places = new Map<Key, number>();
  let orders = 0;

  function put(entry: Entry<Key>, place: number): void {
    heap[place] = entry;
    places.set(entry.key, place);
  }

  /** Moves an entry from a free place to where it belongs, others making room. */
  function settle(entry: Entry<Key>, from: number): void {
    put(entry, sink(entry, rise(entry, from)));
  }

  function rise(entry: Entry<Key>, from: number): number {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(entry, parent)) break;
      put(parent, place);
      place = above;
    }
    return place;
  }

  function sink(entry: Entry<Key>, from: number): number {
    let place = from;
    for (;;) {
      const below = soonerChild(place);
      const child = heap[below];
      if (!child || !isBefore(child, entry)) return place;
      put(child, place);
      place = below;
    }
  }

  function soonerChild(place: number): number {
    const [left, right] = [2 * place + 1, 2 * place + 2];
    const [a, b] = [heap[left], heap[right]];
    return a && b && isBefore(b, a) ? right : left;
  }

  function remove(key: Key): void {
    const place = places.get(key);
    const last = heap.at(-1);
    if (place === undefined || !last) return;
    heap.pop();
    places.delete(key);
    if (place < heap.length) settle(last, place);
  }

  return {
    set(key, dueMs) {
      remove(key);
      settle({ key, dueMs, order: (orders += 1) }, heap.length);
    },
    dueAt(key) {
      const place = places.get(key);
      return place === undefined ? undefined : heap[place]?.dueMs;
    },
    delete: remove,
    earliest: () => heap[0],
    size: () => heap.length,
  };
}

function isBefore<Key>(a: Entry<Key>, b: Entry<Key>): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
