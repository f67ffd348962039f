import { describe, expect, it } from 'vitest';

import { createLeaseWorld, writers } from './lease-world.ts';

const shard = 'fairlead-shard-0';

describe('a process that starts', () => {
  it('acts at once where there is no Lease at all', async () => {
    const world = createLeaseWorld(1);
    const first = world.start('a');
    await world.pass(2_000);

    expect([...first.held.keys()]).toEqual([0]);
  });

  it.each([
    { name: 'of one', total: 1 },
    { name: 'of three', total: 3 },
  ])('leaves nothing to somebody who may not take it yet: $name', async ({ total }) => {
    const world = createLeaseWorld(2);
    const all = ['b', 'a', 'c'].map((name) => world.start(name, { total }));
    await world.pass(5_000);

    const held = all.flatMap((each) => [...each.held.keys()]);
    expect(held.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: total }, (_, index) => index),
    );
  });

  it('does not make anew what was taken away under a holder that does not know yet', async () => {
    const world = createLeaseWorld(3);
    const holder = world.start('b');
    await world.pass(5_000);
    holder.line = 'cut';
    await world.pass(100);
    world.remove(shard);
    const next = world.start('a');
    let most = 0;
    await world.pass(60_000, () => {
      const now = world.clock.mono();
      most = Math.max(most, writers([holder, next], 0, now).length);
    });

    expect(most).toBe(1);
    expect([...next.held.keys()]).toEqual([0]);
  });
});

describe('a holder', () => {
  it.each([...[0, 300, 600, 900, 1_200, 1_500, 1_800]])(
    'writes nothing more a second after somebody took its Lease away: %i',
    async (later) => {
      const world = createLeaseWorld(4);
      const holder = world.start('a');
      await world.pass(5_000 + later);

      world.remove(shard);
      await world.pass(1_200);

      expect(writers([holder], 0, world.clock.mono())).toEqual([]);
    },
  );

  it('puts back the labels by which others find its Lease', async () => {
    const world = createLeaseWorld(5);
    world.start('a');
    await world.pass(5_000);
    const before = world.leases.get(shard)?.metadata['labels'];

    world.unlabel(shard);
    await world.pass(5_000);

    expect(before).toEqual({
      'fairlead.dev/leases': 'fairlead',
      'fairlead.dev/lease': 'shard',
      'fairlead.dev/shards': '1',
      'fairlead.dev/scope': 'cluster',
    });
    expect(world.leases.get(shard)?.metadata['labels']).toEqual(before);
  });
});

describe('two controllers of different namespaces under one name', () => {
  it('never hold a shard at the same time; the second says so once it is no rollout any more', async () => {
    const world = createLeaseWorld(6);
    const first = world.start('b', { scope: 'shop', total: 2 });
    await world.pass(3_000);
    const second = world.start('a', { scope: 'kiosk', total: 2 });
    let most = 0;
    const count = (): void => {
      most = Math.max(most, second.held.size);
    };

    await world.pass(60_000, count);
    const early = second.shards.health();
    await world.pass(120_000, count);

    expect([first.held.size, most]).toEqual([2, 0]);
    expect(early).toMatchObject({ state: 'Following' });
    expect(second.shards.health()).toMatchObject({
      state: 'Failing',
      trouble: { code: 'Contended' },
    });
    expect(first.shards.health()).toMatchObject({ state: 'Following' });
  });

  it('follow each other when the first one goes', async () => {
    const world = createLeaseWorld(7);
    const first = world.start('b', { scope: 'shop' });
    await world.pass(3_000);
    const second = world.start('a', { scope: 'shop kiosk' });
    await world.pass(150_000);
    void first.shards.release();
    await world.pass(3_000);

    expect([...second.held.keys()]).toEqual([0]);
    expect(second.shards.health()).toMatchObject({ state: 'Following' });
  });
});
