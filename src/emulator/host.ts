import type { EpochMs } from '../core/words/time.ts';
import type { Operation } from '../protocol/operations.ts';
import type { CallEntry } from './calls.ts';
import type { Answer } from './world/answers.ts';
import type { ConsoleAnswer, ConsoleRequest } from './world/console.ts';
import type { World } from './world/state.ts';
import { step, type CallRequest } from './world.ts';

/** Where a host keeps what must outlive the process. */
export interface Store {
  /** Whether a commit costs time: then those of one turn of the event loop are made together. */
  readonly isSlow: boolean;
  /** Makes the touched records and the log entries durable, all or none. Synchronous. @throws when the disk refuses */
  commit(world: World, calls: readonly CallEntry[]): void;
  calls(after: number): CallEntry[];
  clearCalls(): void;
  close(): void;
}

/** A store that forgets with the process. */
export function memoryStore(): Store {
  let log: CallEntry[] = [];
  return {
    isSlow: false,
    commit: (_world, calls) => {
      log.push(...calls);
    },
    calls: (after) => log.filter(({ seq }) => seq > after),
    clearCalls: () => {
      log = [];
    },
    close: () => undefined,
  };
}

/** The one place in which a world moves on. Everything that shows or changes a platform goes through it. */
export interface Host {
  world(): World;
  /** Performs at once; `settle` makes it durable. `world` lets a read see an older state. */
  call<R extends CallRequest>(
    request: R,
    now: EpochMs,
    world?: World,
  ): R extends { operation: infer O extends Operation } ? Answer<O> : never;
  console(action: ConsoleRequest, now: EpochMs): ConsoleAnswer;
  /** Replaces the world by one made of it, outside all rules: keys of clients, switches of a test. */
  alter(change: (world: World) => World): void;
  log(entry: Omit<CallEntry, 'seq'>): CallEntry;
  /** Everything so far is durable, or the returned promise rejects and the world is as it was before. */
  settle(): Promise<void>;
  /** Soon durable; for log entries of reads, which nobody waits for. */
  settleSoon(): void;
  /** Log entries after a sequence number, oldest first. */
  calls(after?: number): CallEntry[];
  resetCalls(): void;
  /** A state from before, `steps` writes ago; the oldest kept if there are fewer. */
  past(steps: number): World;
  close(): void;
}

/** Structure is shared, so old states cost only what has changed since. */
const keptStates = 64;
/** How long the log of reads may be ahead of the disk. */
const logDelayMs = 50;

/** A host over a world. Writes of one turn of the event loop reach the store together. */
export function createHost(initial: World, store: Store = memoryStore()): Host {
  let world = initial;
  let durable = initial;
  let past: World[] = [];
  let nextSeq = (store.calls(0).at(-1)?.seq ?? 0) + 1;
  let unwritten: CallEntry[] = [];
  let touched: World['touched'][] = [];
  let turn: Promise<void> | undefined;
  let soon: NodeJS.Timeout | undefined;

  function settle(): Promise<void> {
    if (!store.isSlow) return Promise.resolve(flush());
    turn ??= new Promise((resolve) => setImmediate(resolve)).then(flush);
    return turn;
  }

  function flush(): void {
    turn = undefined;
    const calls = unwritten;
    const all = touched.flat();
    unwritten = [];
    touched = [];
    if (calls.length === 0 && all.length === 0) return;
    try {
      store.commit({ ...world, touched: all }, calls);
      durable = world;
    } catch (error) {
      world = durable;
      throw error;
    }
  }

  function advance(next: World): void {
    if (next.touched.length === 0) return;
    past = [...past.slice(1 - keptStates), world];
    touched.push(next.touched);
    world = next;
  }

  return {
    world: () => world,
    call: (request, now, seen = world) => {
      const { state, response } = step(seen, request, now);
      if (seen === world) advance(state);
      return response as never;
    },
    console: (action, now) => {
      const { state, response } = step(world, { kind: 'console', action }, now);
      advance(state);
      return response;
    },
    alter: (change) => {
      advance(change({ ...world, touched: [] }));
    },
    log: (entry) => {
      const stored = { seq: nextSeq, ...entry };
      nextSeq += 1;
      unwritten.push(stored);
      return stored;
    },
    settle,
    settleSoon: () => {
      if (!store.isSlow) flush();
      else
        soon ??= setTimeout(() => {
          soon = undefined;
          // A write that waits for the same turn reports the failure; a log alone has nobody to tell.
          settle().catch(() => undefined);
        }, logDelayMs).unref();
    },
    calls: (after = 0) => [...store.calls(after), ...unwritten.filter(({ seq }) => seq > after)],
    resetCalls: () => {
      unwritten = [];
      store.clearCalls();
    },
    past: (steps) => past.at(-steps) ?? past[0] ?? world,
    close: () => {
      clearTimeout(soon);
      flush();
      store.close();
    },
  };
}
