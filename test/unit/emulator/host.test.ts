import { describe, expect, it } from 'vitest';

import type { CallEntry } from '../../../src/emulator/calls.ts';
import { createHost, type Store } from '../../../src/emulator/host.ts';
import { createWorld } from '../../../src/emulator/world/create.ts';
import { createFaults, seeded } from '../../../src/emulator/faults.ts';
import { createLimiter } from '../../../src/emulator/rate-limit.ts';
import { now } from './players.ts';

const file = {
  apps: [{ id: 'megapay' }],
  workspaces: [{ id: 'acme', miniPrograms: [{ id: 'coffee', versions: ['1.0.0'] }] }],
};
const upload = (version: string) =>
  ({ action: 'uploadVersion', workspace: 'acme', miniProgram: 'coffee', version }) as const;

/** A store that writes down what reaches it, and refuses when told to. */
function recordingStore() {
  const commits: number[] = [];
  const log: CallEntry[] = [];
  const state = { isFull: false };
  const store: Store = {
    isSlow: true,
    commit: (world, calls) => {
      if (state.isFull) throw new Error('disk full');
      commits.push(world.touched.length);
      log.push(...calls);
    },
    calls: (after) => log.filter(({ seq }) => seq > after),
    clearCalls: () => log.splice(0),
    close: () => undefined,
  };
  return { store, commits, state };
}

const versions = (host: ReturnType<typeof createHost>) =>
  host.world().programs.get('acme/coffee')?.versions;

describe('a host', () => {
  it('commits the writes of one turn together, each touched record once per write', async () => {
    const { store, commits } = recordingStore();
    const host = createHost(createWorld({ file }), store);

    host.console(upload('2.0.0'), now);
    host.console(upload('3.0.0'), now);
    await Promise.all([host.settle(), host.settle()]);
    host.console(upload('4.0.0'), now);
    await host.settle();

    expect(commits).toEqual([2, 1]);
  });

  it('is as the disk has it when the disk refuses, and goes on when it no longer does', async () => {
    const { store, state } = recordingStore();
    const host = createHost(createWorld({ file }), store);
    host.console(upload('2.0.0'), now);
    await host.settle();

    state.isFull = true;
    host.console(upload('3.0.0'), now);
    await expect(host.settle()).rejects.toThrow('disk full');
    const refused = versions(host);
    state.isFull = false;
    host.console(upload('4.0.0'), now);
    await host.settle();

    expect(refused).toEqual(['1.0.0', '2.0.0']);
    expect(versions(host)).toEqual(['1.0.0', '2.0.0', '4.0.0']);
  });

  it('numbers its log from where the store ends', async () => {
    const { store } = recordingStore();
    const entry = {
      at: 0,
      client: 'c',
      operation: 'unknown',
      key: '',
      resultStatus: 'F',
      resultCode: 'X',
      http: { status: 200, performed: 0 },
    } as const;
    const first = createHost(createWorld(), store);
    first.log(entry);
    first.log(entry);
    await first.settle();

    const second = createHost(createWorld(), store);
    second.log(entry);

    expect(second.calls().map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(second.calls(2).map(({ seq }) => seq)).toEqual([3]);
  });

  it('shows states from before', () => {
    const host = createHost(createWorld({ file }));
    for (const version of ['2.0.0', '3.0.0']) host.console(upload(version), now);
    const count = (steps: number) => host.past(steps).programs.get('acme/coffee')?.versions.length;

    expect([count(1), count(2), count(99)]).toEqual([2, 1, 1]);
  });

  it('leaves an earlier state as it was', () => {
    const host = createHost(createWorld({ file }));
    const before = host.world();
    const dump = JSON.stringify(before);

    host.console(upload('2.0.0'), now);

    expect(JSON.stringify(before)).toBe(dump);
    expect(host.world()).not.toBe(before);
  });
});

describe('faults', () => {
  it('pass over rules for other operations and count only what matches', () => {
    const faults = createFaults({
      rules: [
        { effect: 'unknown', operation: 'createRelease', nth: 2, times: 1 },
        { effect: 'delay', operation: 'getRelease' },
      ],
    });
    const operations = ['createRelease', 'getRelease', 'createRelease', 'createRelease'] as const;

    const struck = operations.map((operation) => faults.next(operation)?.effect);

    expect(struck).toEqual([undefined, 'delay', 'unknown', undefined]);
  });

  it('answer reads from an old state, never a write, and do not count it', () => {
    const faults = createFaults({ rules: [{ effect: 'staleList', nth: 2, times: 1 }] });
    const operations = ['listReleases', 'createRelease', 'listReleases', 'listReleases'] as const;

    const struck = operations.map((operation) => faults.next(operation)?.effect);

    expect(struck).toEqual([undefined, undefined, 'staleList', undefined]);
  });

  it('draw uniformly', () => {
    const random = seeded(3);
    const drawn = Array.from({ length: 10_000 }, random);

    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(drawn.filter((value) => value < 0.25).length).toBeGreaterThan(2300);
    expect(drawn.filter((value) => value < 0.25).length).toBeLessThan(2700);
  });
});

describe('the limiter', () => {
  it.each([
    { name: 'a burst, then the rate', at: [0, 0, 0, 250, 500], expected: [0, 0, 1, 1, 0] },
    { name: 'a clock that goes back', at: [1000, 1000, 0, 0], expected: [0, 0, 1, 1] },
  ])('$name', ({ at, expected }) => {
    const limiter = createLimiter({ requestsPerSecond: 2, burst: 2 });

    expect(at.map((ms) => limiter.take('c', ms))).toEqual(expected);
  });

  it('counts each client by itself', () => {
    const limiter = createLimiter({ requestsPerSecond: 1 });

    expect([limiter.take('a', 0), limiter.take('b', 0), limiter.take('a', 0)]).toEqual([0, 0, 1]);
  });
});
