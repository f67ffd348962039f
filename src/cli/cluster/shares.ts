import { createHash } from 'node:crypto';
import type { ProgramId } from '../../core/words/keys.ts';
import type { HeldShard, Shards } from '../../ports/cluster.ts';
import type { Holder, OwnShards, ShareNews } from '../../reconcile/loop.ts';
import { readNews, writeNews } from './share-news.ts';

/** The shard of a program, for ever the same: from 0 to `total`. */
export function shardOf(program: ProgramId, total: number): number {
  return createHash('sha256').update(program).digest().readUInt32BE(0) % total;
}

export interface Shares extends OwnShards {
  /** Takes up shards until the signal is aborted. @throws the signal's reason */
  run(signal: AbortSignal): Promise<void>;
  /** Shards held here. */
  held(): readonly HeldShard[];
  /** Of objects that belong to no program one process speaks: whoever holds the first shard. */
  isSpeaker(): boolean;
}

/** Joins the shards that this process wins and loses with the loop that works on their programs. */
export function createShares(shards: Shards): Shares {
  const held = new Map<number, Held>();
  /** Of programs that were asked for: hashing costs more than looking it up. */
  const known = new Map<ProgramId, number>();
  let isChanged = false;
  let wake: () => void = () => undefined;
  let newsOfOurs: () => ShareNews = () => ({ judged: {}, done: {} });
  const takenUp = new WeakSet<HeldShard>();
  /** What was said of each shard: asked far more often than it changes. */
  const understood = new Map<number, { readonly text: string; readonly news: ShareNews }>();

  function tell(): void {
    isChanged = true;
    wake();
  }

  function saidOf(index: number): ShareNews {
    const text = shards.said(index);
    const before = understood.get(index);
    const now = before?.text === text ? before : { text, news: readNews(text) };
    understood.set(index, now);
    return now.news;
  }

  function isTakenUp(index: number): boolean {
    const own = held.get(index)?.shard;
    return own !== undefined && takenUp.has(own);
  }

  function take(shard: HeldShard): void {
    const own = holderOf(shard);
    held.set(shard.index, { shard, holder: own });
    shard.speak(() => (takenUp.has(shard) ? writeNews(newsOfOurs()) : ''));
    const lose = (): void => {
      if (held.get(shard.index)?.shard === shard) held.delete(shard.index);
      tell();
    };
    if (shard.signal.aborted) lose();
    else shard.signal.addEventListener('abort', lose, { once: true });
    tell();
  }

  function indexOf(program: ProgramId): number {
    const index = known.get(program) ?? shardOf(program, shards.total);
    if (known.size >= mostKnown) known.clear();
    known.set(program, index);
    return index;
  }

  return {
    held: () => [...held.values()].map(({ shard }) => shard),
    count: () => held.size,
    isSpeaker: () => held.has(0),
    takenUp() {
      for (const { shard } of held.values()) takenUp.add(shard);
    },
    speak(say) {
      newsOfOurs = say;
    },
    said: (program) => saidOf(indexOf(program)),
    others() {
      const all = Array.from({ length: shards.total }, (_, index) => index);
      const strange = all.filter((index) => !isTakenUp(index));
      return strange.map(saidOf);
    },
    heard: (signal) => shards.heard(signal),
    holder: (program) => held.get(indexOf(program))?.holder,
    async changed(signal) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      wake = () => resolve(undefined);
      const stop = (): void => resolve(undefined);
      signal.addEventListener('abort', stop, { once: true });
      if (isChanged || signal.aborted) resolve(undefined);
      await promise;
      signal.removeEventListener('abort', stop);
      isChanged = false;
    },
    async run(signal) {
      for (;;) take(await shards.won(signal));
    },
  };
}

const mostKnown = 200_000;

interface Held {
  readonly shard: HeldShard;
  readonly holder: Holder;
}

/** Counts the passes under way: when the shard is lost, the next one waits for the last of them at most. */
function holderOf(shard: HeldShard): Holder {
  const { signal } = shard;
  let passes = 0;
  const drain = (): void => {
    if (passes === 0 && signal.aborted) shard.drained?.();
  };
  signal.addEventListener('abort', drain, { once: true });
  return {
    signal,
    heldUntil: () => shard.heldUntil(),
    begin() {
      passes += 1;
      return () => {
        passes -= 1;
        drain();
      };
    },
  };
}
