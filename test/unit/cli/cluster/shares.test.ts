import { describe, expect, it } from 'vitest';

import { createShares, shardOf } from '../../../../src/cli/cluster/shares.ts';
import type { ProgramId } from '../../../../src/core/words/keys.ts';
import type { HeldShard } from '../../../../src/ports/cluster.ts';
import { settle } from './stage.ts';

const id = (text: string) => text as ProgramId;
const all = Array.from({ length: 3_000 }, (_, index) => id(`p/acme/${index}`));

function stage(total: number) {
  const waiting: ((shard: HeldShard) => void)[] = [];
  const said: string[] = [];
  const shares = createShares({
    total,
    heldByAll: () => total,
    won: () => new Promise((resolve) => waiting.push(resolve)),
    release: () => Promise.resolve(),
    said: (index) => said[index] ?? '',
    heard: () => new Promise(() => undefined),
  });
  const over = new AbortController();
  void shares.run(over.signal);
  return {
    shares,
    said,
    async win(index: number) {
      const lost = new AbortController();
      const drained: string[] = [];
      let text = (): string => '';
      waiting.shift()?.({
        index,
        signal: lost.signal,
        heldUntil: () => 42,
        drained: () => void drained.push('drained'),
        speak: (say) => void (text = say),
      });
      await settle();
      return { lose: () => lost.abort(), drained, text: () => text() };
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

  it('say nothing before what they hold was taken up', async () => {
    const { shares, win } = stage(2);
    shares.speak(() => ({ judged: { 'team/repo': 'c2' }, done: {} }));

    const won = await win(1);

    expect(won.text()).toBe('');
    shares.takenUp();
    expect(won.text()).toBe('{"judged":{"team/repo":"c2"},"done":{}}');
  });

  it('hear of every share that they have not taken up themselves', async () => {
    const { shares, said, win } = stage(3);
    said[0] = '{"judged":{},"done":{"team/repo":"c1"}}';
    said[2] = 'no JSON';
    await win(1);
    expect(shares.others()).toHaveLength(3);

    shares.takenUp();

    const nothing = { judged: {}, done: {} };
    expect(shares.others()).toEqual([{ judged: {}, done: { 'team/repo': 'c1' } }, nothing]);
    const program = all.find((one) => shardOf(one, 3) === 0) ?? id('');
    expect(shares.said(program).done).toEqual({ 'team/repo': 'c1' });
  });
});
