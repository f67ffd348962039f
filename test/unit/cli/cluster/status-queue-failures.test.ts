import { describe, expect, it, onTestFinished } from 'vitest';

import { createStatusQueue } from '../../../../src/cli/cluster/status-queue.ts';
import { ReconcileError } from '../../../../src/core/words/errors.ts';
import type { ObjectRef } from '../../../../src/ports/cluster.ts';
import type { TelemetryEvent } from '../../../../src/ports/index.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { fakeCache, objectOf, settle } from './stage.ts';

const tooLarge = (): ReconcileError =>
  new ReconcileError('ClusterUnavailable', 'the API server answered 500', { resultCode: '500' });
const forbidden = (): ReconcileError =>
  new ReconcileError('ClusterRefused', 'the API server forbids it', { resultCode: '403' });
const away = (): ReconcileError => new ReconcileError('ClusterUnavailable', 'no answer');

/** A queue over objects that are written as the test says. */
function stage() {
  const store = fakeCache('MiniProgram');
  const asked: string[] = [];
  const written: string[] = [];
  const told: TelemetryEvent[] = [];
  const world: { refuse: (ref: ObjectRef) => ReconcileError | undefined } = {
    refuse: () => undefined,
  };
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const clock = createVirtualClock();
  const queue = createStatusQueue({
    hub: { get: (one) => store.cache.get(one) },
    cluster: {
      caches: new Map([['MiniProgram', store.cache]]),
      writer: {
        applyStatus(ref) {
          asked.push(ref.name);
          const error = world.refuse(ref);
          if (error) return Promise.reject(error);
          written.push(ref.name);
          return Promise.resolve('v1');
        },
        event: () => Promise.resolve(undefined),
      },
    },
    clock,
    random: { next: () => 0.5 },
    telemetry: { emit: (event) => told.push(event) },
  });
  void queue.run(over.signal).catch(() => undefined);
  return {
    ...{ queue, asked, written, told, world, clock },
    wish(namespace: string, name: string, make: () => object = () => ({ progress: '1/1' })) {
      const ref = { kind: 'MiniProgram', namespace, name } as const;
      store.put(objectOf(ref));
      queue.put(ref, make);
    },
  };
}

const isPoison = ({ name }: ObjectRef): boolean => name.startsWith('poison');

describe('a status that cannot be written', () => {
  it('holds up nobody else, however many there are', async () => {
    const { wish, world, written } = stage();
    world.refuse = (ref) => (isPoison(ref) ? tooLarge() : undefined);
    for (let index = 0; index < 60; index += 1) wish('evil', `poison-${index}`);
    await settle();

    wish('evil', 'beside');
    wish('good', 'coffee');
    await settle();

    expect(written.toSorted(), 'no time passed').toEqual(['beside', 'coffee']);
  });

  it('is tried more and more seldom, told once, and written when it can be', async () => {
    const { wish, world, written, asked, told, clock } = stage();
    world.refuse = tooLarge;
    wish('evil', 'poison');
    await settle();
    await clock.advance(600_000);
    const tries = asked.length;
    world.refuse = () => undefined;
    await clock.advance(120_000);

    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(20);
    expect(written).toEqual(['poison']);
    expect(told).toEqual([
      {
        kind: 'ignored',
        what: 'the status of MiniProgram evil/poison',
        why: 'not written; the API server answered 500',
      },
    ]);
  });

  it('is one object’s also where a bug of ours is why', async () => {
    const { wish, written, told } = stage();

    wish('team', 'broken', () => {
      throw new TypeError('x is not a function');
    });
    wish('team', 'coffee');
    await settle();

    expect(written).toEqual(['coffee']);
    expect(told.map(({ kind }) => kind)).toEqual(['ignored']);
  });
});

describe('readiness', () => {
  it.each([
    {
      name: 'one namespace’s objects cannot be written',
      why: 'whoever owns them may have made them so',
      namespaces: ['evil'],
      error: tooLarge,
      expected: undefined,
    },
    {
      name: 'objects of several namespaces cannot be written, and none can',
      why: 'storage that is full refuses everything, also with 500',
      namespaces: ['a', 'b'],
      error: tooLarge,
      expected: 'ClusterUnavailable',
    },
    {
      name: 'a right is missing',
      why: 'only the administrator can grant it',
      namespaces: ['a'],
      error: forbidden,
      expected: 'ClusterRefused',
    },
    {
      name: 'nobody answers',
      why: 'it is the API server that is away',
      namespaces: ['a'],
      error: away,
      expected: 'ClusterUnavailable',
    },
  ])('when $name', async ({ namespaces, error, expected, why }) => {
    const { wish, world, queue, clock } = stage();
    world.refuse = error;
    for (const namespace of namespaces) wish(namespace, 'poison');
    await settle();

    await clock.advance(40_000);

    expect(queue.trouble()?.code, why).toBe(expected);
  });

  it('believes a write of anybody else that came after', async () => {
    const { wish, world, queue, clock } = stage();
    world.refuse = (ref) => (isPoison(ref) ? tooLarge() : undefined);
    wish('a', 'poison');
    wish('b', 'poison');
    await settle();
    wish('good', 'coffee');
    await clock.advance(40_000);

    expect(queue.trouble()).toBeUndefined();
  });
});

describe('an API server', () => {
  it('that does not answer is not asked for every object', async () => {
    const { wish, world, asked, written, clock } = stage();
    world.refuse = away;
    for (let index = 0; index < 200; index += 1) wish('team', `coffee-${index}`);
    await settle();
    await clock.advance(60_000);
    const tries = asked.length;
    world.refuse = () => undefined;
    await clock.advance(60_000);

    expect(tries, 'eight writers, a few times').toBeLessThan(100);
    expect(written).toHaveLength(200);
  });

  it('that grants a right has everybody who wanted it written at once', async () => {
    const { wish, world, written, clock } = stage();
    world.refuse = forbidden;
    for (let index = 0; index < 200; index += 1) wish('team', `coffee-${index}`);
    await settle();
    await clock.advance(300_000);
    world.refuse = () => undefined;

    await clock.advance(60_000);

    expect(written).toHaveLength(200);
  });
});
