import { describe, expect, it } from 'vitest';

import { createShares, shardOf } from '../../../../src/cli/cluster/shares.ts';
import type { ProgramId } from '../../../../src/core/words/keys.ts';
import type { HeldShard } from '../../../../src/ports/cluster.ts';
import { settle } from './stage.ts';

const id = (text: string) => text as ProgramId;
const all = Array.from({ length: 3_000 }, (_, index) => id(`p/acme/${index}`));

function stage(total: number) {
  const waiting: ((shard: HeldShard) => void)[] = [];
  const shares = createShares({
    total,
    heldByAll: () => total,
    won: () => new Promise((resolve) => waiting.push(resolve)),
    release: () => Promise.resolve(),
  });
  const over = new AbortController();
  void shares.run(over.signal);
  return {
    shares,
    async win(index: number) {
      const lost = new AbortController();
      const drained: string[] = [];
      waiting.shift()?.({
        index,
        signal: lost.signal,
        heldUntil: () => 42,
        drained: () => void drained.push('drained'),
      });
      await settle();
      return { lose: () => lost.abort(), drained };
    },
  };
}

describe('shards', () => {
  it('are given to programs evenly, and for ever the same', () => {
    const counts = [0, 1, 2].map((shard) => all.filter((one) => shardOf(one, 3) === shard).length);

    expect(Math.min(...counts)).toBeGreaterThan(900);
    expect(shardOf(id('p/acme/35'), 3), 'a change would move programs between versions').toBe(0);
  });

  it('are ours from the moment they are won until they are lost', async () => {
    const { shares, win } = stage(3);
    const program = all.find((one) => shardOf(one, 3) === 1) ?? id('');
    expect(shares.holder(program)).toBeUndefined();

    const { lose } = await win(1);
    await shares.changed(new AbortController().signal);

    expect(shares.holder(program)?.heldUntil()).toBe(42);
    lose();
    await shares.changed(new AbortController().signal);
    expect(shares.holder(program)).toBeUndefined();
  });

  it('are handed on when the last pass over their programs has ended, not before', async () => {
    const { shares, win } = stage(1);
    const { lose, drained } = await win(0);
    const holder = shares.holder(id('p/acme/1'));
    const [first, second] = [holder?.begin(), holder?.begin()];

    lose();
    first?.();
    expect(drained).toEqual([]);
    second?.();

    expect(drained).toEqual(['drained']);
  });

  it('are handed on at once where nothing is under way', async () => {
    const { win } = stage(1);
    const { lose, drained } = await win(0);

    lose();

    expect(drained).toEqual(['drained']);
  });
});
