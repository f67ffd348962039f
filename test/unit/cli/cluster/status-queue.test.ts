import { describe, expect, it, onTestFinished } from 'vitest';

import { createStatusQueue } from '../../../../src/cli/cluster/status-queue.ts';
import { ReconcileError } from '../../../../src/core/words/errors.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { fakeCache, objectOf, settle } from './stage.ts';

const ref = { kind: 'MiniProgram', namespace: 'team', name: 'coffee' } as const;

function stage() {
  const store = fakeCache('MiniProgram');
  const written: object[] = [];
  const events: string[] = [];
  const trouble: { failing: boolean } = { failing: false };
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const clock = createVirtualClock();
  const queue = createStatusQueue({
    hub: { get: (one) => store.cache.get(one) },
    cluster: {
      caches: new Map([['MiniProgram', store.cache]]),
      writer: {
        applyStatus(_ref, _uid, status) {
          if (trouble.failing)
            return Promise.reject(new ReconcileError('ClusterUnavailable', 'no answer'));
          written.push(status);
          return Promise.resolve(`v${written.length}`);
        },
        event(event) {
          events.push(event.reason);
          return Promise.resolve();
        },
      },
    },
    clock,
    random: { next: () => 0.5 },
    telemetry: { emit: () => undefined },
  });
  store.put(objectOf({ ...ref, status: { progress: '0/1' } }));
  void queue.run(over.signal).catch(() => undefined);
  return { store, queue, written, events, trouble, clock };
}

const says = (progress: string) => () => ({ progress });

describe('the queue of statuses', () => {
  it('writes nothing that is there already', async () => {
    const { queue, written } = stage();

    queue.put(ref, says('0/1'));
    await queue.settled(ref);

    expect(written).toEqual([]);
  });

  it('writes the newest of what was wished, and again only once the cache shows it', async () => {
    const { queue, store, written } = stage();

    queue.put(ref, says('1/3'));
    queue.put(ref, says('2/3'));
    await settle();
    queue.put(ref, says('3/3'));
    await settle();
    expect(written, 'its own write is not to be seen yet').toEqual([{ progress: '2/3' }]);
    store.put(objectOf({ ...ref, status: { progress: '2/3' } }));
    store.show('v1');
    await settle();

    expect(written).toEqual([{ progress: '2/3' }, { progress: '3/3' }]);
  });

  it('keeps what could not be written, until it is or something newer is wished', async () => {
    const { queue, written, trouble, clock } = stage();
    trouble.failing = true;
    queue.put(ref, says('1/2'));
    await settle();
    await clock.advance(500);
    queue.put(ref, says('2/2'));
    trouble.failing = false;

    await clock.advance(60_000);
    await settle();

    expect(written).toEqual([{ progress: '2/2' }]);
  });

  it('tells what happened to an object, once', async () => {
    const { queue, store, events } = stage();
    const ready =
      (reason: string, status = 'False') =>
      () => ({
        conditions: [
          {
            type: 'Ready',
            status,
            reason,
            message: reason,
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      });
    queue.put(ref, ready('SecretUnavailable'));
    await settle();
    store.put(objectOf({ ...ref, status: ready('SecretUnavailable')() }));
    store.show('v1');
    await settle();

    queue.put(ref, ready('SecretUnavailable'));
    await settle();

    expect(events).toEqual(['SecretUnavailable']);
  });

  it('forgets an object that is gone', async () => {
    const { queue, store, written } = stage();
    store.remove(ref);

    queue.put(ref, says('1/1'));
    await queue.settled(ref);

    expect(written).toEqual([]);
    expect(queue.size()).toBe(0);
  });
});
