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
  it('wakes a waiting worker at the earliest moment, with one timer at a time', async () => {
    const here = world();
    const given = run(here);

    here.queue.addAfter('late', 'sweep', 5000);
    here.queue.addAfter('soon', 'sweep', 1000);
    await here.clock.advance(1000);

    expect(await given).toBe('soon sweep');
    expect(here.clock.slept).toEqual([5000, 1000]);
    expect(here.queue.dueAt('late')).toBe(5000);
  });
});
