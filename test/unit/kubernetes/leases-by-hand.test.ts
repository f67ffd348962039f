import { describe, expect, it } from 'vitest';

import { createLeaseWorld, type LeaseWorld, writers } from './lease-world.ts';

const shard = 'fairlead-shard-0';

/** Who comes first by name is due the shard. */
const pairs = [
  ['a', 'b'],
  ['b', 'a'],
] as const;
const deeds = {
  removed: (world: LeaseWorld) => world.remove(shard),
  emptied: (world: LeaseWorld) => world.empty(shard),
};
const rows = pairs.flatMap(([holder, other]) =>
  (['removed', 'emptied'] as const).flatMap((deed) =>
    (['up', 'cut', 'deaf'] as const).map((line) => ({ holder, other, deed, line })),
  ),
);

describe('a Lease that somebody takes away by hand', () => {
  it.each(rows)(
    'never has two who write: $deed, holder $holder is $line',
    async ({ holder, other, deed, line }) => {
      const world = createLeaseWorld(7);
      const first = world.start(holder);
      await world.pass(3_000);
      const second = world.start(other);
      await world.pass(5_000);
      expect([...first.held.keys()]).toEqual([0]);
      let most = 0;
      const count = (): void => {
        const now = world.clock.mono();
        most = Math.max(most, writers([first, second], 0, now).length);
      };

      first.line = line;
      deeds[deed](world);
      await world.pass(60_000, count);

      expect(most).toBe(1);
      expect(writers([first, second], 0, world.clock.mono()), 'somebody acts again').toHaveLength(
        1,
      );
    },
  );

  it('is taken at once where its holder gave it back', async () => {
    const world = createLeaseWorld(7);
    const first = world.start('a');
    await world.pass(3_000);
    const second = world.start('b');
    await world.pass(5_000);

    void first.shards.release();
    await world.pass(3_000);

    expect([...second.held.keys()]).toEqual([0]);
  });

  it('of its labels, while nobody holds it, is found again by its name', async () => {
    const world = createLeaseWorld(7);
    const first = world.start('a');
    await world.pass(3_000);
    void first.shards.release();
    await world.pass(3_000);

    world.unlabel(shard);
    const second = world.start('b');
    await world.pass(20_000);

    expect([...second.held.keys()]).toEqual([0]);
    expect(world.leases.get(shard)?.metadata['labels']).toMatchObject({
      'fairlead.dev/leases': 'fairlead',
    });
  });

  it.each(['up', 'cut', 'deaf'] as const)(
    'of its labels, while somebody who is %s holds it, never has two who write',
    async (line) => {
      const world = createLeaseWorld(7);
      const first = world.start('b');
      await world.pass(3_000);
      first.line = line;
      world.unlabel(shard);
      const second = world.start('a');
      let most = 0;

      await world.pass(60_000, () => {
        most = Math.max(most, writers([first, second], 0, world.clock.mono()).length);
      });

      expect(most).toBe(1);
      expect(writers([first, second], 0, world.clock.mono())).toHaveLength(1);
    },
  );

  it('is left to an installation that calls it its own', async () => {
    const world = createLeaseWorld(7);
    const first = world.start('a');
    await world.pass(3_000);
    void first.shards.release();
    await world.pass(3_000);
    const left = world.leases.get(shard)!;
    const labels = { 'fairlead.dev/leases': 'other' };
    world.leases.set(shard, { ...left, metadata: { ...left.metadata, labels } });

    const second = world.start('b');
    await world.pass(20_000);

    expect([...second.held.keys()], 'it is held under the other name').toEqual([]);
    expect(world.leases.get(shard)?.metadata['labels']).toEqual(labels);
  });
});
