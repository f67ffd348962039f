import { describe, expect, it } from 'vitest';

import { createLeaseWorld, type Process, writers } from './lease-world.ts';

const seeds = Array.from({ length: 6 }, (_, index) => index + 1);
const shard = 'fairlead-shard-0';

/** Two processes; the first holds the only shard. */
async function twoProcesses(seed: number) {
  const world = createLeaseWorld(seed);
  const leader = world.start('a');
  await world.pass(1000 + seed * 130);
  const other = world.start('b');
  await world.pass(5000);
  return { world, leader, other };
}

async function passUntil(
  world: ReturnType<typeof createLeaseWorld>,
  isDone: () => boolean,
  mostMs: number,
): Promise<number> {
  const began = world.clock.mono();
  while (!isDone() && world.clock.mono() - began < mostMs) await world.pass(50);
  return world.clock.mono() - began;
}

describe('one Lease', () => {
  it('is held by one of two, who renews it every two seconds', async () => {
    const { world, leader, other } = await twoProcesses(1);
    const before = world.writes.length;

    await world.pass(60_000);

    expect([...leader.held.keys()]).toEqual([0]);
    expect([...other.held.keys()]).toEqual([]);
    const renewals = world.writes.slice(before).filter((write) => write === `${shard} a`);
    expect(renewals.length).toBeGreaterThanOrEqual(28);
    expect(renewals.length).toBeLessThanOrEqual(30);
  });

  it('tells others with a renewal what its holder says, and no longer than it is the holder', async () => {
    const { world, leader, other } = await twoProcesses(1);
    expect(other.shards.said(0)).toBe('');
    const heard = other.shards.heard(new AbortController().signal).then(() => 'heard');

    leader.held.get(0)!.speak(() => 'half done');
    await world.pass(4_000);

    expect(other.shards.said(0)).toBe('half done');
    expect(await heard).toBe('heard');
    leader.kill();
    await world.pass(20_000);
    expect([...other.held.keys()]).toEqual([0]);
    await world.pass(4_000);
    expect(other.shards.said(0)).toBe('');
  });

  it.each(seeds)(
    'passes within 17 s when its holder dies, never before its end (%i)',
    async (seed) => {
      const { world, leader, other } = await twoProcesses(seed);
      await world.pass(seed * 170);
      const until = leader.held.get(0)!.heldUntil();

      leader.kill();
      const tookMs = await passUntil(world, () => other.held.has(0), 60_000);

      expect(tookMs).toBeLessThan(17_000);
      expect(world.clock.mono()).toBeGreaterThan(until);
    },
  );

  it.each(seeds)('passes within 3 s when its holder stops cleanly (%i)', async (seed) => {
    const { world, leader, other } = await twoProcesses(seed);
    await world.pass(seed * 170);

    void leader.shards.release();
    const tookMs = await passUntil(world, () => other.held.has(0), 60_000);

    expect(tookMs).toBeLessThan(3000);
    expect(leader.held.size).toBe(0);
  });

  it('is not ours any more after a pause, before anybody told us', async () => {
    const { world, leader, other } = await twoProcesses(3);
    const won = leader.held.get(0)!;

    leader.freeze();
    await world.pass(30_000);

    expect([...other.held.keys()]).toEqual([0]);
    // The frozen process wakes up in the middle of what it did, and looks at its fence.
    expect(won.heldUntil()).toBeLessThan(world.clock.mono());
    expect(won.signal.aborted).toBe(false);

    leader.thaw();
    await world.pass(5000);

    expect(won.signal.aborted).toBe(true);
    expect([[...leader.held.keys()], [...other.held.keys()]]).toEqual([[], [0]]);
  });

  it('is given up at the next renewal when somebody stole it', async () => {
    const { world, leader } = await twoProcesses(4);
    const won = leader.held.get(0)!;

    world.steal(shard);
    await world.pass(2500);

    expect(won.signal.aborted).toBe(true);
    expect(won.heldUntil()).toBe(Number.NEGATIVE_INFINITY);
  });

  it('is given up after 10 s without an answer, while others still wait', async () => {
    const { world, leader, other } = await twoProcesses(5);

    leader.line = 'cut';
    await world.pass(10_500);

    expect([[...leader.held.keys()], [...other.held.keys()]]).toEqual([[], []]);
  });

  it.each([86_400_000, -86_400_000])(
    'cares for no clock on the wall: moved by %i ms',
    async (ms) => {
      const { world, leader, other } = await twoProcesses(6);
      const won = leader.held.get(0)!;

      leader.wallBy(ms);
      await world.pass(30_000);
      other.wallBy(-2 * ms);
      await world.pass(30_000);

      expect(leader.held.get(0)).toBe(won);
      expect(other.held.size).toBe(0);
    },
  );

  it('survives renewals whose answers are lost, and counts none of them', async () => {
    const { world, leader } = await twoProcesses(7);
    const won = leader.held.get(0)!;

    leader.line = 'deaf';
    const before = won.heldUntil();
    await world.pass(6000);

    expect(won.heldUntil()).toBe(before);
    leader.line = 'up';
    await world.pass(2500);
    expect(won.signal.aborted).toBe(false);
    expect(won.heldUntil()).toBeGreaterThan(before + 6000);
  });

  it('is taken again by who lost it for being late, once nothing old can arrive', async () => {
    const world = createLeaseWorld(8);
    const leader = world.start('a');
    await world.pass(3000);
    const first = leader.held.get(0)!;
    const until = first.heldUntil();

    leader.line = 'cut';
    await world.pass(11_000);
    leader.line = 'up';
    await passUntil(world, () => leader.held.has(0), 60_000);

    expect(first.signal.aborted).toBe(true);
    expect(world.clock.mono()).toBeGreaterThanOrEqual(until);
    expect(leader.held.get(0)?.heldUntil()).toBeGreaterThan(until);
  });

  it('is nobody’s after a release, whatever was cut off', async () => {
    const { world, leader, other } = await twoProcesses(9);

    await Promise.all([leader.shards.release(), other.shards.release(), world.pass(3000)]);

    const holders = [...world.leases.values()].map(({ spec }) => spec.holderIdentity);
    expect(holders).toEqual(['', '', '']);
  });
});

describe('several shards', () => {
  const counts = (processes: readonly Process[]) => processes.map(({ held }) => held.size);

  it('are shared as processes come and go', async () => {
    const world = createLeaseWorld(11);
    const [a, b] = [world.start('a', { total: 4 }), world.start('b', { total: 4 })];
    await world.pass(10_000);
    expect(counts([a, b])).toEqual([2, 2]);

    const c = world.start('c', { total: 4 });
    await world.pass(10_000);
    expect(counts([a, b, c]).toSorted()).toEqual([1, 1, 2]);

    a.kill();
    await world.pass(25_000);
    expect(counts([b, c])).toEqual([2, 2]);

    await Promise.all([b.shards.release(), world.pass(5000)]);
    expect(counts([b, c])).toEqual([0, 4]);
  });

  it('do not move while nobody comes or goes', async () => {
    const world = createLeaseWorld(12);
    const processes = ['a', 'b', 'c'].map((name) => world.start(name, { total: 5 }));
    await world.pass(20_000);
    const before = processes.map(({ held }) => [...held.keys()]);

    await world.pass(120_000);

    expect(processes.map(({ held }) => [...held.keys()])).toEqual(before);
    expect(before.flat().toSorted()).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([
    { name: 'at once when it says so', drains: true, atLeast: 0, atMost: 4000 },
    {
      name: 'when its time is over, if it does not',
      drains: false,
      atLeast: 11_000,
      atMost: 20_000,
    },
  ])('are handed on after a writer is done: $name', async ({ drains, atLeast, atMost }) => {
    const world = createLeaseWorld(13);
    world.start('a', { total: 2, drains });
    await world.pass(5000);
    const b = world.start('b', { total: 2, drains });

    const tookMs = await passUntil(world, () => b.held.size === 1, 60_000);

    expect(tookMs).toBeGreaterThanOrEqual(atLeast);
    expect(tookMs).toBeLessThan(atMost);
  });

  it('wait for whoever divides by another number', async () => {
    const world = createLeaseWorld(14);
    const old = world.start('old', { total: 2 });
    await world.pass(5000);
    const next = world.start('next', { total: 5 });
    await world.pass(60_000);
    expect(counts([old, next])).toEqual([2, 0]);

    await Promise.all([old.shards.release(), world.pass(5000)]);

    expect(counts([old, next])).toEqual([0, 5]);
  });

  it('never fall to two who divide otherwise and start at once', async () => {
    for (const seed of seeds) {
      const world = createLeaseWorld(seed);
      const [a, b] = [world.start('a', { total: 2 }), world.start('b', { total: 5 })];

      await world.pass(30_000, () => {
        expect(Math.min(a.held.size, b.held.size), `seed ${seed}`).toBe(0);
      });

      expect(a.held.size + b.held.size, `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  it('are those that were named, and no others', async () => {
    const world = createLeaseWorld(15);
    const a = world.start('a', { total: 3, only: [1] });
    await world.pass(5000);

    expect([...a.held.keys()]).toEqual([1]);
  });

  it('forget who was killed', async () => {
    const world = createLeaseWorld(16);
    world.start('a', { total: 2 }).kill();
    const gone = world.start('b', { total: 2 });
    await world.pass(3000);
    gone.kill();
    const left = world.start('c', { total: 2 });

    await world.pass(200_000);

    const members = [...world.leases.keys()].filter((name) => name.includes('member'));
    expect(members).toHaveLength(1);
    expect(left.held.size).toBe(2);
  });
});

describe('whatever happens', () => {
  const dice = (seed: number) => {
    let state = seed;
    return (sides: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % sides;
    };
  };

  it.each(seeds)(
    'no shard has two writers, and shares add up to one at most (%i)',
    async (seed) => {
      const roll = dice(seed);
      const world = createLeaseWorld(seed, 400);
      const all: Process[] = ['a', 'b', 'c'].map((name) => world.start(name, { total: 3 }));
      const alive = (): Process => all[roll(all.length)]!;
      const acts = [
        () => (alive().line = 'cut'),
        () => (alive().line = 'deaf'),
        () => all.forEach((each) => (each.line = 'up')),
        () => alive().freeze(),
        () =>
          all.forEach((each) => {
            each.thaw();
          }),
        () => alive().wallBy(roll(2) === 0 ? 86_400_000 : -86_400_000),
        () => {
          alive().kill();
          all.push(world.start(`d${all.length}`, { total: 3 }));
        },
        () => void alive().shards.release(),
      ];

      for (let step = 0; step < 25; step += 1) {
        acts[roll(acts.length)]!();
        await world.pass(500 + roll(20_000), () => {
          for (const index of [0, 1, 2])
            expect(writers(all, index, world.clock.mono()).length, `shard ${index}`).toBeLessThan(
              2,
            );
          const now = world.clock.mono();
          const shares = all.map(({ held, shards }) => {
            const own = [...held.values()].filter((shard) => shard.heldUntil() > now);
            return own.length / shards.heldByAll();
          });
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(1.001);
        });
      }
      all.forEach((each) => {
        each.line = 'up';
        each.thaw();
      });
      all.push(world.start('last', { total: 3 }));
      await world.pass(60_000);

      expect(all.flatMap(({ held }) => [...held.keys()]).toSorted()).toEqual([0, 1, 2]);
    },
  );
});
