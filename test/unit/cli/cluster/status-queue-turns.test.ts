import { expect, it, onTestFinished } from 'vitest';

import { createStatusQueue } from '../../../../src/cli/cluster/status-queue.ts';
import type { ObjectRef } from '../../../../src/ports/cluster.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { objectOf, settle } from './stage.ts';

it('statuses of a namespace with a thousand objects leave the neighbour its turn', async () => {
  const written: string[] = [];
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const queue = createStatusQueue({
    hub: { get: (ref) => objectOf({ namespace: '', ...ref, kind: 'MiniProgram' }) },
    cluster: {
      caches: new Map(),
      writer: {
        applyStatus({ namespace = '' }) {
          written.push(namespace);
          return Promise.resolve(undefined);
        },
        event: () => Promise.resolve(undefined),
      },
    },
    clock: createVirtualClock(),
    random: { next: () => 0.5 },
    telemetry: { emit: () => undefined },
  });
  const ref = (namespace: string, name: string): ObjectRef => ({
    kind: 'MiniProgram',
    ...{ namespace, name },
  });
  for (let index = 0; index < 1_000; index += 1)
    queue.put(ref('tenant', `p-${index}`), () => ({ progress: '1/1' }));
  queue.put(ref('neighbour', 'p'), () => ({ progress: '1/1' }));

  void queue.run(over.signal).catch(() => undefined);
  await settle();

  expect(written.indexOf('neighbour')).toBe(1);
});
