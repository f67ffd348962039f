import { getEventListeners } from 'node:events';

import { expect, it, onTestFinished } from 'vitest';

import { createStatusQueue } from '../../../../src/cli/cluster/status-queue.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { fakeCache, objectOf, settle } from './stage.ts';

const ref = { kind: 'MiniProgram', namespace: 'team', name: 'coffee' } as const;

it('leaves nothing of a write on the signal that lives as long as the process', async () => {
  const store = fakeCache('MiniProgram');
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const queue = createStatusQueue({
    hub: { get: (one) => store.cache.get(one) },
    cluster: {
      caches: new Map([['MiniProgram', store.cache]]),
      writer: { applyStatus: () => Promise.resolve('v1'), event: () => Promise.resolve(undefined) },
    },
    clock: createVirtualClock(),
    random: { next: () => 0.5 },
    telemetry: { emit: () => undefined },
  });
  store.put(objectOf({ ...ref, status: {} }));
  void queue.run(over.signal).catch(() => undefined);
  await settle();
  const before = getEventListeners(over.signal, 'abort').length;

  for (let round = 0; round < 50; round += 1) {
    queue.put(ref, () => ({ progress: String(round) }));
    await settle();
    store.show('v1');
    await queue.settled(ref);
    await settle();
  }

  expect(getEventListeners(over.signal, 'abort').length, 'waits that are over').toBe(before);
});
