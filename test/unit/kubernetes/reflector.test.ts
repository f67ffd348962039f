import { describe, expect, it, onTestFinished } from 'vitest';

import type { ReflectorSettings } from '../../../src/kubernetes/reflector.ts';
import { createObjectWorld, failed, ok } from './object-world.ts';

const signal = new AbortController().signal;

/** A world that is followed, with two objects. */
async function followed(settings: Partial<ReflectorSettings> = {}) {
  const world = createObjectWorld(settings);
  onTestFinished(() => world.stop());
  world.put('coffee', 1);
  world.put('tea', 1);
  await world.pass(250);
  return world;
}

const lists = (asked: readonly string[]): number => asked.filter((each) => each === 'list').length;

describe('what is followed', () => {
  it('is listed in pages and then watched from there', async () => {
    const world = createObjectWorld({ pageSize: 1 });
    onTestFinished(() => world.stop());
    world.put('coffee', 1);
    world.put('tea', 1);
    await world.pass(250);

    world.put('coffee', 2);
    world.remove('tea');
    world.put('milk', 1);
    await world.pass(250);

    expect(world.asked).toEqual(['list', 'list+', 'watch 102']);
    expect(world.shown()).toEqual({ coffee: 2, milk: 1 });
    expect(world.cache.isComplete()).toBe(true);
    expect(world.cache.health().state).toBe('Following');
  });

  it('tells names that changed, once each, and the first whole list even of nothing', async () => {
    const world = createObjectWorld();
    onTestFinished(() => world.stop());
    const first = world.cache.changed(signal);

    await world.pass(250);

    expect(await first).toEqual([]);

    world.put('coffee', 1);
    world.put('coffee', 2);
    world.put('tea', 1);
    await world.pass(250);

    expect((await world.cache.changed(signal)).map(({ name }) => name)).toEqual(['coffee', 'tea']);
  });

  it('is shown again when it was deleted and made anew', async () => {
    const world = await followed();
    const before = world.cache.get({ kind: 'MiniProgram', namespace: 'a', name: 'tea' })?.uid;

    world.remove('tea');
    world.put('tea', 2);
    await world.pass(250);

    expect(world.shown()).toEqual({ coffee: 1, tea: 2 });
    expect(world.cache.get({ kind: 'MiniProgram', namespace: 'a', name: 'tea' })?.uid).not.toBe(
      before,
    );
  });
});

describe('an object that is being deleted', () => {
  it('is gone, however long a finalizer keeps it', async () => {
    const world = await followed();
    await world.cache.changed(signal);

    world.leave('tea');
    await world.pass(250);

    expect(world.shown()).toEqual({ coffee: 1 });
    expect((await world.cache.changed(signal)).map(({ name }) => name)).toEqual(['tea']);
  });

  it('is gone for whoever lists it, too, and there again when it is made anew', async () => {
    const world = createObjectWorld();
    onTestFinished(() => world.stop());
    world.put('tea', 1);
    world.leave('tea');
    await world.pass(250);
    expect(world.shown()).toEqual({});

    world.remove('tea');
    world.put('tea', 2);
    await world.pass(250);

    expect(world.shown()).toEqual({ tea: 2 });
  });
});

describe('a connection that broke', () => {
  it('has everything listed soon: its server may have come back with an older storage', async () => {
    const world = await followed({ watchMs: 3_600_000 });
    for (let minute = 0; minute < 8; minute += 1) {
      await world.pass(60_000);
      world.bookmark();
    }
    const before = lists(world.asked);

    world.tell('break');
    await world.pass(50_000);

    expect([before, lists(world.asked)]).toEqual([1, 2]);
  });

  it('has nothing listed again and again, if it breaks often', async () => {
    const world = await followed();

    for (let minute = 0; minute < 4; minute += 1) {
      await world.pass(60_000);
      world.tell('break');
    }

    expect(lists(world.asked)).toBe(1);
  });
});

describe('a watch', () => {
  it('that says nothing for 70 s is dead, and another one goes on where it stopped', async () => {
    const world = await followed();
    world.delivers = false;
    world.put('coffee', 2);
    await world.pass(69_000);
    expect(world.shown()).toEqual({ coffee: 1, tea: 1 });

    world.delivers = true;
    await world.pass(3_000);

    expect(world.asked).toEqual(['list', 'watch 102', 'watch 102']);
    expect(world.shown()).toEqual({ coffee: 2, tea: 1 });
    expect(world.cache.health().state).toBe('Following');
  });

  it('lives as long as bookmarks come', async () => {
    const world = await followed({ watchMs: 600_000 });

    for (let minute = 0; minute < 8; minute += 1) {
      world.bookmark();
      await world.pass(60_000);
    }

    expect(world.asked).toEqual(['list', 'watch 102']);
  });

  it.each([
    { name: 'reset', line: 'break' },
    { name: 'half a line', line: '{"type":"MODIFIED","object":{"meta' },
    { name: 'not an event', line: '{"type":"SURPRISE","object":{}}' },
    { name: 'an error that is not 410', line: '{"type":"ERROR","object":{"code":500}}' },
  ] as const)('that breaks ($name) goes on where it stopped, without a list', async ({ line }) => {
    const world = await followed();
    world.put('coffee', 2);
    await world.pass(250);

    world.tell(line);
    world.put('coffee', 3);
    await world.pass(2000);

    expect(world.asked.slice(2)).toEqual(['watch 103']);
    expect(world.shown()).toEqual({ coffee: 3, tea: 1 });
    expect(world.cache.health().state).toBe('Following');
  });

  it.each([
    { name: 'in the middle', act: 'line' },
    { name: 'at its beginning', act: 'status' },
  ])('whose version is no longer known $name is followed by a list', async ({ act }) => {
    const world = await followed();
    world.delivers = false;
    world.remove('tea');

    if (act === 'status')
      world.onWatch = () => {
        world.onWatch = () => undefined;
        return failed(410);
      };
    world.tell(act === 'line' ? '{"type":"ERROR","object":{"code":410}}' : 'break');
    await world.pass(5000);

    expect(lists(world.asked)).toBe(2);
    expect(world.shown()).toEqual({ coffee: 1 });
  });

  it('that tells the past again changes nothing', async () => {
    const world = await followed();
    const { resourceVersion, uid } = world.cache.get({
      kind: 'MiniProgram',
      namespace: 'a',
      name: 'tea',
    })!;
    world.put('tea', 2);
    world.remove('coffee');
    await world.pass(250);

    const metadata = { namespace: 'a', name: 'tea', resourceVersion, uid };
    world.tell(JSON.stringify({ type: 'MODIFIED', object: { metadata, spec: 1 } }));
    world.tell(JSON.stringify({ type: 'DELETED', object: { metadata, spec: 1 } }));
    const coffee = { ...metadata, name: 'coffee', resourceVersion: '101' };
    world.tell(JSON.stringify({ type: 'ADDED', object: { metadata: coffee, spec: 1 } }));
    await world.pass(250);

    expect(world.shown()).toEqual({ tea: 2 });
  });

  it('that is told nothing of a change is found out by the next list of everything', async () => {
    const world = await followed({ resyncMs: 120_000 });
    world.delivers = false;
    world.remove('tea');
    world.put('coffee', 2);
    world.delivers = true;
    for (let half = 0; half < 8; half += 1) {
      world.bookmark();
      await world.pass(30_000);
    }

    expect(lists(world.asked)).toBe(2);
    expect(world.shown()).toEqual({ coffee: 2 });
  });

  it('that did not show an own write in 10 s is doubted: everything is listed', async () => {
    const world = await followed();
    world.delivers = false;
    const version = world.put('coffee', 2);

    const reached = world.cache.reached(
      { kind: 'MiniProgram', namespace: 'a', name: 'coffee' },
      version,
      signal,
    );
    await world.pass(11_500);
    await reached;

    expect(world.shown()).toEqual({ coffee: 2, tea: 1 });
  });
});

describe('a list', () => {
  it('of the past is refused', async () => {
    const world = await followed();
    const past = world.snapshot();
    world.put('coffee', 2);
    world.put('milk', 1);
    await world.pass(250);
    world.onList = () => past;

    world.tell('{"type":"ERROR","object":{"code":410}}');
    await world.pass(60_000);

    expect(world.shown()).toEqual({ coffee: 2, tea: 1, milk: 1 });
    expect(world.cache.health()).toMatchObject({
      state: 'Failing',
      trouble: { code: 'ClusterUnavailable' },
    });

    world.onList = () => undefined;
    await world.pass(31_000);
    expect(world.cache.health().state).toBe('Following');
  });

  it('of the past is believed after five minutes: the storage was restored', async () => {
    const world = await followed();
    const restore = world.backup();
    world.put('coffee', 2);
    world.put('milk', 1);
    await world.pass(250);

    restore();
    world.tell('{"type":"ERROR","object":{"code":410}}');
    await world.pass(250_000);
    expect(world.shown()).toEqual({ coffee: 2, tea: 1, milk: 1 });
    await world.pass(100_000);

    expect(world.shown()).toEqual({ coffee: 1, tea: 1 });
    expect(world.cache.health().state).toBe('Following');
  });

  it('that loses its moment between two pages begins again, and removes nothing', async () => {
    const world = await followed({ pageSize: 1 });
    let refusals = 0;
    world.onList = (path) => {
      if (!path.includes('continue=') || refusals >= 3) return undefined;
      refusals += 1;
      expect(Object.keys(world.shown())).toEqual(['coffee', 'tea']);
      return failed(410);
    };

    world.tell('{"type":"ERROR","object":{"code":410}}');
    await world.pass(30_000);

    expect(refusals).toBe(3);
    expect(world.shown()).toEqual({ coffee: 1, tea: 1 });
    expect(world.cache.health().state).toBe('Following');
  });

  it.each([
    { name: 'an empty object', answer: ok({}) },
    { name: 'items without a version', answer: ok({ metadata: {}, items: [] }) },
    { name: 'a string', answer: ok('hello') },
  ])('that is none ($name) removes nothing', async ({ answer }) => {
    const world = await followed();
    world.onList = () => answer;

    world.tell('{"type":"ERROR","object":{"code":410}}');
    await world.pass(10_000);

    expect(world.shown()).toEqual({ coffee: 1, tea: 1 });
    expect(world.cache.health().state).toBe('Failing');
  });
});

describe('a server in trouble', () => {
  it('is asked less and less, never in a hot loop', async () => {
    const world = createObjectWorld();
    onTestFinished(() => world.stop());
    world.onList = () => failed(500);

    await world.pass(3_600_000);

    // An hour at half of 30 s on average.
    expect(world.asked.length).toBeGreaterThan(120);
    expect(world.asked.length).toBeLessThan(500);
    expect(world.cache.isComplete()).toBe(false);
  });

  it('is not asked before the time it named', async () => {
    const world = createObjectWorld();
    onTestFinished(() => world.stop());
    world.onList = () => {
      world.onList = () => undefined;
      return failed(429, { 'retry-after': '40' });
    };

    await world.pass(60_000);

    expect(world.askedAt[1]).toBeGreaterThanOrEqual(40_000);
    expect(world.cache.isComplete()).toBe(true);
  });

  it.each([
    { name: 'ends every watch at once', act: 'end' },
    { name: 'knows no version that it just gave', act: 'expired' },
  ])('that $name is not asked in a hot loop', async ({ act }) => {
    const world = createObjectWorld();
    onTestFinished(() => world.stop());
    world.onWatch = () =>
      act === 'expired'
        ? failed(410)
        : ({ status: 200, lines: (async function* () {})() } as never);

    await world.pass(3_600_000);

    expect(world.asked.length).toBeLessThan(800);
  });

  it.each([
    {
      name: 'we may not look',
      answer: failed(403),
      trouble: {
        code: 'ClusterRefused',
        message: 'the API server forbids list miniprograms.fairlead.dev in namespace a',
        nextStep:
          'grant the verb list on miniprograms.fairlead.dev in namespace a: apply the roles of the chart',
      },
    },
    {
      name: 'the definitions are missing',
      answer: failed(404),
      trouble: {
        code: 'ClusterRefused',
        message: 'the API server does not know miniprograms.fairlead.dev',
        nextStep: 'kubectl apply --server-side -f crds/',
      },
    },
  ])('says what to do ($name) and is followed again by itself', async ({ answer, trouble }) => {
    const world = await followed();
    world.onList = () => answer;
    world.onWatch = () => answer;
    world.tell('{"type":"ERROR","object":{"code":410}}');
    await world.pass(60_000);
    expect(world.cache.health()).toMatchObject({ state: 'Failing', trouble });
    expect(world.shown()).toEqual({ coffee: 1, tea: 1 });

    world.onList = () => undefined;
    world.onWatch = () => undefined;
    await world.pass(31_000);

    expect(world.cache.health().state).toBe('Following');
  });
});
