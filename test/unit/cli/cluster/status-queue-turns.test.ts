import { expect, it, onTestFinished } from 'vitest';

import { createStatusQueue } from '../../../../src/cli/cluster/status-queue.ts';
import { ReconcileError } from '../../../../src/core/words/errors.ts';
import type { ObjectRef } from '../../../../src/ports/cluster.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { objectOf, settle } from './stage.ts';

/** A queue over objects that are all there, and what was written of whom. */
function stage(applyStatus: (ref: ObjectRef) => Promise<undefined>) {
  const clock = createVirtualClock();
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const queue = createStatusQueue({
    hub: { get: (ref) => objectOf({ namespace: '', ...ref, kind: 'MiniProgram' }) },
    cluster: {
      caches: new Map(),
      writer: { applyStatus, event: () => Promise.resolve(undefined) },
    },
    clock,
    random: { next: () => 0.5 },
    telemetry: { emit: () => undefined },
  });
  const fill = (namespace: string, count: number): void => {
    for (let index = 0; index < count; index += 1)
      queue.put({ kind: 'MiniProgram', namespace, name: `p-${index}` }, () => ({
        progress: '1/1',
      }));
  };
  const run = (): void => void queue.run(over.signal).catch(() => undefined);
  return { clock, queue, fill, run, signal: over.signal };
}

it('statuses of a namespace with a thousand objects leave the neighbour its turn', async () => {
  const written: string[] = [];
  const { queue, fill, run } = stage(({ namespace = '' }) => {
    written.push(namespace);
    return Promise.resolve(undefined);
  });
  fill('tenant', 1_000);
  queue.put({ kind: 'MiniProgram', namespace: 'neighbour', name: 'p' }, () => ({
    progress: '1/1',
  }));

  run();
  await settle();

  expect(written.indexOf('neighbour')).toBe(1);
});

it.each([
  { name: 'there is room for a thousand reports', count: 999, roomAfterMs: 0 },
  { name: 'one more waits until one of them is written', count: 1_000, roomAfterMs: 250 },
])('$name', async ({ count, roomAfterMs }) => {
  const { clock, queue, fill, run, signal } = stage(() => Promise.resolve(undefined));
  fill('tenant', count);
  let hasRoom = false;

  queue.room(signal).then(
    () => (hasRoom = true),
    () => undefined,
  );
  await clock.advance(10_000);
  expect(hasRoom).toBe(roomAfterMs === 0);
  run();
  await settle();
  await clock.advance(roomAfterMs);

  expect(hasRoom).toBe(true);
});

it('what cannot be written leaves room for those who go on', async () => {
  const refused = new ReconcileError('ClusterUnavailable', 'no');
  const { clock, queue, fill, run, signal } = stage(() => Promise.reject(refused));
  fill('tenant', 2_000);
  let hasRoom = false;

  run();
  await clock.advance(1_000);
  queue.room(signal).then(
    () => (hasRoom = true),
    () => undefined,
  );
  await clock.advance(5_000);

  expect(hasRoom).toBe(true);
});
