import { describe, expect, it, onTestFinished } from 'vitest';

import { createStatusQueue } from '../../../../src/cli/cluster/status-queue.ts';
import { ReconcileError, type ErrorCode } from '../../../../src/core/words/errors.ts';
import type { TelemetryEvent } from '../../../../src/ports/index.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { fakeCache, objectOf, settle } from './stage.ts';

const ref = { kind: 'MiniProgram', namespace: 'team', name: 'coffee' } as const;

function stage() {
  const store = fakeCache('MiniProgram');
  const written: object[] = [];
  const events: string[] = [];
  const trouble: { failing: boolean; code: ErrorCode; event?: ReconcileError } = {
    failing: false,
    code: 'ClusterUnavailable',
  };
  const told: TelemetryEvent[] = [];
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const clock = createVirtualClock();
  const queue = createStatusQueue({
    hub: { get: (one) => store.cache.get(one) },
    cluster: {
      caches: new Map([['MiniProgram', store.cache]]),
      writer: {
        applyStatus(_ref, _uid, status) {
          if (trouble.failing) return Promise.reject(new ReconcileError(trouble.code, 'no answer'));
          written.push(status);
          return Promise.resolve(`v${written.length}`);
        },
        event(event) {
          events.push(event.reason);
          return Promise.resolve(trouble.event);
        },
      },
    },
    clock,
    random: { next: () => 0.5 },
    telemetry: { emit: (event) => told.push(event) },
  });
  store.put(objectOf({ ...ref, status: { progress: '0/1' } }));
  void queue.run(over.signal).catch(() => undefined);
  return { store, queue, written, events, trouble, clock, told };
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

  it.each([
    { name: 'a refusal at once', code: 'ClusterRefused', after: 0 },
    {
      name: 'a server that does not answer after a while',
      code: 'ClusterUnavailable',
      after: 40_000,
    },
  ] as const)(
    'says what keeps it from writing, $name, until it writes',
    async ({ code, after }) => {
      const { queue, trouble, clock, written } = stage();
      Object.assign(trouble, { failing: true, code });
      queue.put(ref, says('1/2'));
      await settle();
      const first = queue.trouble()?.code;
      await clock.advance(after);

      expect([first, queue.trouble()?.code]).toEqual([after === 0 ? code : undefined, code]);
      trouble.failing = false;
      await clock.advance(60_000);
      await settle();
      expect([written.length, queue.trouble()]).toEqual([1, undefined]);
    },
  );

  it('tells the log why there are no events, once', async () => {
    const { queue, store, trouble, told } = stage();
    trouble.event = new ReconcileError('ClusterRefused', 'the API server forbids create events', {
      nextStep: 'grant it',
    });
    const said = (name: string) => () => ({
      conditions: [
        {
          ...{ type: 'Ready', status: 'False', reason: name, message: name },
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    });

    for (const [index, name] of ['SecretUnavailable', 'Invalid'].entries()) {
      queue.put(ref, said(name));
      await settle();
      store.put(objectOf({ ...ref, status: said(name)() }));
      store.show(`v${index + 1}`);
      await settle();
    }

    expect(told).toEqual([
      {
        kind: 'ignored',
        what: 'events of objects',
        why: 'the API server forbids create events; grant it',
      },
    ]);
  });
});
