import { createShares, type Shares } from '../../src/cli/cluster/shares.ts';
import type { HeldShard, Shards } from '../../src/ports/cluster.ts';
import type { FollowedSource } from '../../src/ports/controller.ts';
import type { SimTime } from './loop-clock.ts';

/** Shards of several machines that tell each other something every two seconds, as they do by their Leases. */
export interface Parts {
  /** The shares of a process, for as long as the signal is not aborted. */
  sharesOf(machine: string, signal: AbortSignal): Shares;
  /** The shard is lost by whoever holds it, and won by another one. */
  move(index: number, machine: string): void;
  /** The source as followed by a process: what the one with the first shard completed, all see. */
  shared(source: FollowedSource, shares: Shares): FollowedSource;
  /** The commit that was called completed last. */
  completed(source: string): string | undefined;
}

const renewalMs = 2_000;

export function createParts(time: SimTime, holders: readonly string[]): Parts {
  const now = [...holders];
  const said = holders.map(() => '');
  const held = new Map<number, { lost: AbortController; text: () => string }>();
  const winners = new Map<string, (index: number) => void>();
  const listeners = new Set<() => void>();
  const completed = new Map<string, string>();

  function renew(): void {
    const before = said.join('|');
    for (const [index, { text }] of held) said[index] = text();
    if (said.join('|') !== before) tellAll();
    time.at(time.mono() + renewalMs, renew);
  }
  time.at(renewalMs, renew);

  function tellAll(): void {
    for (const tell of listeners) tell();
  }

  function win(index: number): HeldShard {
    const own = { lost: new AbortController(), text: () => '' };
    held.set(index, own);
    return {
      index,
      heldUntil: () => (own.lost.signal.aborted ? Number.NEGATIVE_INFINITY : Infinity),
      signal: own.lost.signal,
      speak: (text) => void (own.text = text),
    };
  }

  function shardsOf(machine: string, signal: AbortSignal): Shards {
    const won = now.flatMap((holder, index) => (holder === machine ? [win(index)] : []));
    let wake: () => void = () => undefined;
    let isHeard = true;
    let hear: () => void = () => undefined;
    const listener = (): void => {
      isHeard = false;
      hear();
    };
    listeners.add(listener);
    signal.addEventListener('abort', () => {
      listeners.delete(listener);
      hear();
    });
    winners.set(machine, (index) => {
      won.push(win(index));
      wake();
    });
    return {
      total: now.length,
      heldByAll: () => now.length,
      said: (index) => said[index] ?? '',
      async won() {
        for (;;) {
          const next = won.shift();
          if (next) return next;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
      async heard() {
        const { promise, resolve } = Promise.withResolvers<undefined>();
        hear = () => resolve(undefined);
        if (!isHeard || signal.aborted) hear();
        await promise;
        signal.throwIfAborted();
        isHeard = true;
      },
      release: () => Promise.resolve(),
    };
  }

  return {
    sharesOf(machine, signal) {
      const shares = createShares(shardsOf(machine, signal));
      void shares.run(signal);
      return shares;
    },
    move(index, machine) {
      held.get(index)?.lost.abort(new Error('lost'));
      now[index] = machine;
      said[index] = '';
      winners.get(machine)?.(index);
      tellAll();
    },
    shared: (source, shares) => ({
      ...source,
      completedAnywhere: () => completed.get(source.name),
      async completed(commit) {
        await source.completed(commit);
        if (shares.isSpeaker()) completed.set(source.name, commit);
      },
    }),
    completed: (source) => completed.get(source),
  };
}
