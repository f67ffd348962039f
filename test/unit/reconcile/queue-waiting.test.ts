import { describe, expect, it } from 'vitest';

import { createQueue } from '../../../src/reconcile/queue.ts';
import { seededRandom } from '../../support/random.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const { signal } = new AbortController();

function world() {
  const clock = createVirtualClock();
  const queue = createQueue<string>({ clock, random: seededRandom(1) });
  const run = async (until = signal): Promise<string> => {
    const { key, lane } = await queue.next(until);
    return `${key} ${lane}`;
  };
  return { clock, queue, run };
}

describe('those who wait', () => {
  it('are served in the order in which they came', async () => {
    const here = world();
    const [first, second] = [here.run(), here.run()];

    here.queue.add('a', 'sweep');
    here.queue.add('b', 'sweep');

    expect(await Promise.all([first, second])).toEqual(['a sweep', 'b sweep']);
  });

  it('leave when they are aborted; the key goes to the next one', async () => {
    const here = world();
    const stop = new AbortController();
    const leaves = here.run(stop.signal).catch(String);
    const stays = here.run();
    here.queue.addAfter('a', 'sweep', 1000);

    stop.abort(new Error('stopped'));
    await here.clock.advance(1000);

    expect(await leaves).toBe('Error: stopped');
    expect(await stays).toBe('a sweep');
  });

  it('are refused when they are aborted before they wait', async () => {
    const here = world();
    here.queue.add('a', 'hot');

    await expect(here.queue.next(AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
      'stopped',
    );

    expect(here.queue.size()).toMatchObject({ hot: 1, processing: 0 });
  });

  it('leave no timer behind when the last of them goes', async () => {
    let sleeping = 0;
    const still = createVirtualClock();
    const clock = {
      ...still,
      sleep: async (ms: number, until: AbortSignal) => {
        sleeping += 1;
        try {
          await still.sleep(ms, until);
        } finally {
          sleeping -= 1;
        }
      },
    };
    const queue = createQueue<string>({ clock, random: seededRandom(1) });
    const stop = new AbortController();
    queue.addAfter('a', 'sweep', 1000);
    const before = sleeping;
    const waiting = queue.next(stop.signal);
    const during = sleeping;

    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await new Promise(setImmediate);

    expect([before, during, sleeping]).toEqual([0, 1, 0]);
  });
});

describe('size', () => {
  it('10,000 keys and 20,000 passes leave nothing behind', async () => {
    const { queue, clock } = world();
    const random = seededRandom(3);
    for (let i = 0; i < 10_000; i += 1) queue.add(`k${String(i)}`, i % 3 === 0 ? 'hot' : 'sweep');

    for (let pass = 0; pass < 20_000; pass += 1) {
      const waiting = queue.next(signal);
      if (queue.size().hot + queue.size().sweep === 0) await clock.advance(1000);
      const { key } = await waiting;
      const chance = random.next();
      if (chance < 0.3) queue.retry(key, 'sweep');
      else if (chance < 0.6) queue.addAfter(key, 'sweep', chance * 100);
      else queue.add(`k${String(Math.floor(chance * 10_000))}`, 'hot');
      queue.done(key);
    }
    const during = queue.size();
    for (let i = 0; i < 10_000; i += 1) queue.drop(`k${String(i)}`);

    expect(during.hot + during.sweep + during.delayed).toBeLessThanOrEqual(10_000);
    expect(queue.size()).toEqual({ hot: 0, sweep: 0, delayed: 0, processing: 0 });
  });
});
