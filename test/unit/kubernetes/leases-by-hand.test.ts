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
});
