import { describe, expect, it } from 'vitest';

import type { Lane } from '../../../src/ports/index.ts';
import { createQueue, type Queue } from '../../../src/reconcile/queue.ts';
import { seededRandom } from '../../support/random.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const { signal } = new AbortController();

interface World {
  readonly clock: VirtualClock;
  readonly queue: Queue<string>;
}

function world(): World {
  const clock = createVirtualClock();
  return { clock, queue: createQueue({ clock, random: seededRandom(1) }) };
}

/** Waits of back-off are the shortest of each step. */
function fixed(): World {
  const clock = createVirtualClock();
  return { clock, queue: createQueue({ clock, random: { next: () => 0 } }) };
}

/** Takes and ends turns until none is left, without waiting. */
async function turns({ queue }: World): Promise<readonly string[]> {
  const taken: string[] = [];
  while (queue.size().hot + queue.size().sweep > 0) {
    const { key, lane } = await queue.next(signal);
    taken.push(`${key} ${lane}`);
    queue.done(key);
  }
  return taken;
}

async function run(here: World): Promise<string> {
  const { key, lane } = await here.queue.next(signal);
  return `${key} ${lane}`;
}

describe('the lanes of the queue', () => {
  it.each<{ name: string; why: string; adds: readonly [string, Lane][]; expected: string[] }>([
    {
      name: 'first come, first served',
      why: 'a program must not wait for ever behind later ones',
      adds: [
        ['b', 'sweep'],
        ['a', 'sweep'],
      ],
      expected: ['b sweep', 'a sweep'],
    },
    {
      name: 'changed declarations go before the sweep',
      why: 'somebody waits for them',
      adds: [
        ['drifted', 'sweep'],
        ['changed', 'hot'],
      ],
      expected: ['changed hot', 'drifted sweep'],
    },
    {
      name: 'duplicates collapse',
      why: 'a pass looks at the state, not at what happened',
      adds: [
        ['a', 'hot'],
        ['b', 'hot'],
        ['a', 'hot'],
      ],
      expected: ['a hot', 'b hot'],
    },
    {
      name: 'hot wins over sweep',
      why: 'one turn serves both wishes',
      adds: [
        ['a', 'sweep'],
        ['b', 'sweep'],
        ['b', 'hot'],
        ['b', 'sweep'],
      ],
      expected: ['b hot', 'a sweep'],
    },
  ])('$name', async ({ adds, expected, why }) => {
    const here = world();

    for (const [key, lane] of adds) here.queue.add(key, lane);

    expect(await turns(here), why).toEqual(expected);
  });

  it('gives the sweep every eighth turn while hot work is endless', async () => {
    const here = world();
    for (let i = 0; i < 20; i += 1) here.queue.add(`sweep${String(i)}`, 'sweep');
    const lanes: string[] = [];

    for (let i = 0; i < 24; i += 1) {
      here.queue.add(`hot${String(i)}`, 'hot');
      const { key, lane } = await here.queue.next(signal);
      here.queue.done(key);
      lanes.push(lane);
    }

    expect(lanes.map((lane) => lane.slice(0, 1)).join('')).toBe('hhhhhhhshhhhhhhshhhhhhhs');
  });
});

describe('a key under way', () => {
  it('is not given a second time, and runs again afterwards when it was added meanwhile', async () => {
    const here = world();
    here.queue.add('a', 'sweep');
    await here.queue.next(signal);

    here.queue.add('a', 'hot');
    const waiting = here.queue.size();
    here.queue.done('a');

    expect(waiting).toEqual({ hot: 0, sweep: 0, delayed: 0, processing: 1 });
    expect(await turns(here)).toEqual(['a hot']);
  });

  it('is not repeated when nothing was added meanwhile', async () => {
    const here = world();
    here.queue.add('a', 'hot');

    expect(await turns(here)).toEqual(['a hot']);
    expect(here.queue.size()).toEqual({ hot: 0, sweep: 0, delayed: 0, processing: 0 });
  });
});

describe('delays', () => {
  it('wake a waiting worker at the earliest moment, with one timer at a time', async () => {
    const here = world();
    const given = run(here);

    here.queue.addAfter('late', 'sweep', 5000);
    here.queue.addAfter('soon', 'sweep', 1000);
    await here.clock.advance(1000);

    expect(await given).toBe('soon sweep');
    expect(here.clock.slept).toEqual([5000, 1000]);
    expect(here.queue.dueAt('late')).toBe(5000);
  });

  it.each<{
    name: string;
    why: string;
    wish: (queue: Queue<string>) => void;
    dueAt: number | undefined;
    lane: Lane;
  }>([
    {
      name: 'the earlier of two',
      why: 'one turn serves both',
      wish: (queue) => {
        queue.addAfter('a', 'sweep', 1000);
        queue.addAfter('a', 'sweep', 500);
        queue.addAfter('a', 'sweep', 2000);
      },
      dueAt: 500,
      lane: 'sweep',
    },
    {
      name: 'the better lane of two',
      why: 'one turn serves both',
      wish: (queue) => {
        queue.addAfter('a', 'hot', 1000);
        queue.addAfter('a', 'sweep', 500);
      },
      dueAt: 500,
      lane: 'hot',
    },
    {
      name: 'a wish for now',
      why: 'it supersedes the wait',
      wish: (queue) => {
        queue.addAfter('a', 'sweep', 1000);
        queue.add('a', 'sweep');
      },
      dueAt: undefined,
      lane: 'sweep',
    },
    {
      name: 'a wait for what is about to run',
      why: 'the turn comes sooner than the wait ends',
      wish: (queue) => {
        queue.add('a', 'sweep');
        queue.addAfter('a', 'sweep', 1000);
      },
      dueAt: undefined,
      lane: 'sweep',
    },
  ])('collapse: $name', async ({ wish, dueAt, lane, why }) => {
    const here = world();

    wish(here.queue);

    expect(here.queue.dueAt('a'), why).toBe(dueAt);
    const given = run(here);
    await here.clock.advance(2000);
    expect(await given, why).toBe(`a ${lane}`);
    here.queue.done('a');
    expect(here.queue.size()).toEqual({ hot: 0, sweep: 0, delayed: 0, processing: 0 });
  });

  it('that end while every worker is busy go before the waiting sweep', async () => {
    const here = world();
    here.queue.add('busy', 'sweep');
    here.queue.add('waiting', 'sweep');
    here.queue.addAfter('due', 'hot', 100);
    await here.queue.next(signal);
    await here.clock.advance(100);

    here.queue.done('busy');

    expect(await turns(here)).toEqual(['due hot', 'waiting sweep']);
  });

  it('that end while their key is under way run it again afterwards', async () => {
    const here = world();
    here.queue.add('a', 'sweep');
    await here.queue.next(signal);
    here.queue.addAfter('a', 'hot', 100);
    await here.clock.advance(100);
    const meanwhile = here.queue.size();

    here.queue.done('a');

    expect(meanwhile).toEqual({ hot: 0, sweep: 0, delayed: 0, processing: 1 });
    expect(await turns(here)).toEqual(['a hot']);
  });

  it('further away than a timer can be are looked at on the way', async () => {
    const here = world();
    const [day, month] = [86_400_000, 30 * 86_400_000];
    here.queue.addAfter('a', 'sweep', month);
    const given = run(here);

    await here.clock.advance(month);

    expect(await given).toBe('a sweep');
    expect(Math.max(...here.clock.slept)).toBe(day);
  });
});

describe('back-off', () => {
  it('doubles from one second to five minutes, with all of a step as jitter', () => {
    const least = createQueue<string>({ clock: createVirtualClock(), random: { next: () => 0 } });
    const most = createQueue<string>({
      clock: createVirtualClock(),
      random: { next: () => 0.999_999 },
    });
    const ten = Array.from({ length: 10 }, (_, index) => index);

    expect(ten.map(() => least.retry('a', 'sweep'))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 150_000, 150_000,
    ]);
    expect(ten.map(() => most.retry('a', 'sweep'))).toEqual([
      2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000,
    ]);
  });

  it('is of one key, and starts anew after a success', () => {
    const { queue } = fixed();
    queue.retry('a', 'sweep');
    queue.retry('a', 'sweep');
    queue.forget('a');

    expect(queue.retry('a', 'sweep')).toBe(1000);
    expect(queue.retry('b', 'sweep')).toBe(1000);
  });

  it.each([
    { name: 'longer than the step', atLeastMs: 7000, expected: 7000 },
    { name: 'shorter than the step', atLeastMs: 10, expected: 1000 },
    { name: 'longer than anybody should believe', atLeastMs: Infinity, expected: 3_600_000 },
  ])('keeps what the platform asks for: $name', ({ atLeastMs, expected }) => {
    expect(fixed().queue.retry('a', 'sweep', atLeastMs)).toBe(expected);
  });

  it.each<{
    name: string;
    why: string;
    then: (queue: Queue<string>) => void;
    dueAt: number | undefined;
  }>([
    {
      name: 'a sweep does not shorten it',
      why: 'the wish that failed is the same',
      then: (queue) => {
        queue.add('a', 'sweep');
      },
      dueAt: 1000,
    },
    {
      name: 'a shorter wait of the sweep does not shorten it',
      why: 'the wish that failed is the same',
      then: (queue) => {
        queue.addAfter('a', 'sweep', 10);
      },
      dueAt: 1000,
    },
    {
      name: 'a changed declaration runs at once',
      why: 'back-off belongs to the wish that failed',
      then: (queue) => {
        queue.add('a', 'hot');
      },
      dueAt: undefined,
    },
    {
      name: 'a known change to come runs when it comes',
      why: 'it is another wish',
      then: (queue) => {
        queue.addAfter('a', 'hot', 300);
      },
      dueAt: 300,
    },
  ])('$name', ({ then, dueAt, why }) => {
    const { queue } = fixed();
    queue.retry('a', 'sweep');

    then(queue);

    expect(queue.dueAt('a'), why).toBe(dueAt);
  });

  it('takes in a turn of the sweep that was wished while the pass failed', async () => {
    const here = fixed();
    here.queue.add('a', 'hot');
    await here.queue.next(signal);
    here.queue.add('a', 'sweep');

    const waitMs = here.queue.retry('a', 'hot');
    here.queue.done('a');

    expect(waitMs).toBe(1000);
    expect(here.queue.size()).toEqual({ hot: 0, sweep: 0, delayed: 1, processing: 0 });
    expect(here.queue.dueAt('a')).toBe(1000);
  });

  it('does not keep a declaration waiting that changed while the pass failed', async () => {
    const here = fixed();
    here.queue.add('a', 'sweep');
    await here.queue.next(signal);
    here.queue.add('a', 'hot');

    const waitMs = here.queue.retry('a', 'sweep');
    here.queue.done('a');

    expect(waitMs).toBe(0);
    expect(await turns(here)).toEqual(['a hot']);
    expect(here.queue.retry('a', 'sweep')).toBe(1000);
  });
});

describe('a program that is gone', () => {
  it('leaves nothing: no turn, no delay, no back-off', () => {
    const { queue } = fixed();
    queue.retry('a', 'sweep');
    queue.retry('a', 'sweep');
    queue.add('b', 'sweep');

    queue.drop('a');
    queue.drop('b');

    expect(queue.size()).toEqual({ hot: 0, sweep: 0, delayed: 0, processing: 0 });
    expect(queue.retry('a', 'sweep')).toBe(1000);
  });

  it('is not brought back by the end of its own pass', async () => {
    const { queue } = fixed();
    queue.add('a', 'sweep');
    await queue.next(signal);
    queue.add('a', 'hot');

    queue.drop('a');
    queue.retry('a', 'sweep');
    queue.addAfter('a', 'sweep', 10);
    queue.done('a');

    expect(queue.size()).toEqual({ hot: 0, sweep: 0, delayed: 0, processing: 0 });
  });

  it('comes back when it is declared again while its last pass is under way', async () => {
    const here = fixed();
    here.queue.add('a', 'sweep');
    await here.queue.next(signal);
    here.queue.drop('a');

    here.queue.add('a', 'hot');
    here.queue.done('a');

    expect(await turns(here)).toEqual(['a hot']);
  });
});
