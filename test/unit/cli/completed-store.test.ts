import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { completedStore } from '../../../src/cli/controller/completed-store.ts';
import type { TelemetryEvent } from '../../../src/ports/index.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

async function opened(under = '') {
  const root = await mkdtemp(join(tmpdir(), 'fairlead-completed-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const dir = join(root, under);
  const file = join(dir, 'completed.json');
  const clock = createVirtualClock();
  const stop = new AbortController();
  const told: TelemetryEvent[] = [];
  const store = completedStore(dir, {
    clock,
    telemetry: { emit: (event) => told.push(event) },
    signal: stop.signal,
  });
  return {
    ...{ root, dir, file, store, clock, told },
    end: async () => {
      stop.abort();
      await store.flush();
    },
    onDisk: async (): Promise<unknown> => JSON.parse(await readFile(file, 'utf8')),
  };
}

/** What stands on the disk, once it is that. */
async function eventually(read: () => Promise<unknown>, wanted: unknown): Promise<void> {
  await vi.waitFor(async () => {
    expect(await read()).toEqual(wanted);
  });
}

describe('what a controller remembers of programs that came through', () => {
  it('is whole, however many workers write at once, and for its owner alone', async () => {
    const { store, told, end, onDisk, file } = await opened();
    const pass = (round: number) =>
      Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`p/w/${String(at)}`, `${round}`]));

    for (let round = 0; round < 50; round += 1)
      await Promise.all(Array.from({ length: 8 }, () => store.write(pass(round))));
    await end();

    expect(told).toEqual([]);
    expect(await onDisk()).toEqual(pass(49));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is written at once, then at most once a second, and last of all at the end', async () => {
    const { store, clock, onDisk, end } = await opened();
    await store.write({ a: '1' });
    await eventually(onDisk, { a: '1' });

    await store.write({ a: '2' });
    await store.write({ a: '3' });
    await clock.advance(999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await onDisk(), 'within the second').toEqual({ a: '1' });
    await clock.advance(1);
    await eventually(onDisk, { a: '3' });

    await store.write({ a: '4' });
    await end();

    expect(await onDisk()).toEqual({ a: '4' });
  });

  it('is known to whoever asks next, before it is on disk', async () => {
    const { store } = await opened();
    await store.write({ a: '1' });
    await store.write({ a: '2' });

    expect(await store.read()).toEqual({ a: '2' });
  });

  it('is read from the disk at the start', async () => {
    const { store, file } = await opened();
    await writeFile(file, '{"a":"0"}');

    expect(await store.read()).toEqual({ a: '0' });
  });

  it('never throws: trouble with the disk is told once, and what was given lands when it is over', async () => {
    const { store, clock, told, dir, onDisk } = await opened('state');
    await writeFile(dir, 'a file in the way');

    for (const digest of ['1', '2', '3']) {
      await store.write({ a: digest });
      await vi.waitFor(() => {
        expect(told).toHaveLength(1);
      });
      await clock.advance(1_000);
    }
    expect(told).toMatchObject([{ kind: 'ignored', what: 'completed.json' }]);

    await rm(dir);
    await vi.waitFor(async () => {
      await clock.advance(1_000);
      expect(await onDisk()).toEqual({ a: '3' });
    });
    expect(told).toHaveLength(1);
  });

  it('ends although the disk does not take it', async () => {
    const { store, told, dir, end } = await opened('state');
    await writeFile(dir, 'a file in the way');
    await store.write({ a: '1' });

    await end();

    expect(told).toHaveLength(1);
  });
});
