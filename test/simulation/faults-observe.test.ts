import { describe, expect, it } from 'vitest';
import type { DesiredProgram } from '../../src/core/model/desired.ts';
import { ReconcileError } from '../../src/core/words/errors.ts';
import { programId, releaseId } from '../../src/core/words/keys.ts';
import { worldPlatform } from '../../src/emulator/in-process.ts';
import { createMemory, observe, planEach, planPrograms } from '../../src/engine/read.ts';
import type { ReadPorts } from '../../src/ports/index.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import {
  callsOf,
  client,
  context,
  desired,
  never,
  portsOf,
  times,
  world,
  type Wish,
} from './faults-reading.ts';

describe('a no-op pass', () => {
  it.each([
    {
      name: 'one program among many foreign ones: its own pages',
      why: 'ceil(7/5) filtered pages are fewer than ceil(507/5)',
      programs: { coffee: 7, foreign: 500 },
      wishes: [{ program: 'coffee', versions: ['1.1.0'] }],
      switches: { maxPageSize: 5 },
      calls: times(2, 'listReleases'),
    },
    {
      name: 'three programs, one filter',
      why: 'their records fill three pages together',
      programs: { coffee: 5, tea: 5, cake: 5, foreign: 20 },
      wishes: [
        { program: 'coffee', versions: ['1.1.0'] },
        { program: 'tea', versions: ['1.1.0'] },
        { program: 'cake', versions: ['1.1.0'] },
      ],
      switches: { maxPageSize: 5, pageOrder: 'shuffled' as const },
      calls: times(3, 'listReleases'),
    },
    {
      name: 'two filters, but a workspace of one page',
      why: 'ceil(12/20) is one',
      programs: { coffee: 4, tea: 4, foreign: 4 },
      wishes: [
        { program: 'coffee', versions: ['1.1.0'] },
        { program: 'tea', versions: ['1.1.0'] },
      ],
      switches: { maxPageSize: 20, maxIdsPerFilter: 1 },
      calls: times(1, 'listReleases'),
    },
    {
      name: 'a declared global configuration adds one list of the programs that declare one',
      why: 'ceil(programs listed/p)',
      programs: { coffee: 4, tea: 4, foreign: 40 },
      wishes: [
        { program: 'coffee', versions: ['1.1.0'], global: true },
        { program: 'tea', versions: ['1.1.0'] },
      ],
      switches: {},
      calls: ['listReleases', 'listMiniPrograms'],
    },
  ])('$name', async ({ programs, wishes, switches, calls, why }) => {
    const host = world(programs, switches);
    const plans = await planPrograms(desired(wishes), portsOf(host), context(), never);

    expect(plans.flatMap(({ changes }) => changes.map(({ action }) => action))).not.toContain(
      'create',
    );
    expect(callsOf(host), why).toEqual(calls);
  });

  it('asks the platform who it is once', async () => {
    const host = world({ coffee: 2 });
    const ports = portsOf(host);
    const wanted = desired([{ program: 'coffee', versions: ['1.1.0'] }]);
    await planPrograms(wanted, ports, context(), never);
    await planPrograms(wanted, ports, context(), never);

    expect(host.calls().filter(({ operation }) => operation === 'getPlatform')).toHaveLength(1);
  });

  it('remembers sizes, so that the next pass takes the cheaper way at once', async () => {
    const host = world(
      { a: 1, b: 1, foreign: 60 },
      { maxPageSize: 10, maxIdsPerFilter: 1, pageOrder: 'created' },
    );
    const ports = portsOf(host);
    const memory = createMemory();
    const wanted = desired([
      { program: 'a', versions: ['1.0.0'] },
      { program: 'b', versions: ['1.0.0'] },
    ]);
    memory.learn('releases/acme', { total: 62, perProgram: {} });
    await planPrograms(wanted, ports, context({ memory }), never);

    expect(callsOf(host)).toEqual(times(2, 'listReleases'));
  });
});

describe('something to create', () => {
  it('adds two lists for its program, and none for the others', async () => {
    const host = world({ coffee: 2, tea: 2 });
    const wishes = [
      { program: 'coffee', versions: ['1.2.0', '1.3.0'] },
      { program: 'tea', versions: ['1.0.0'] },
    ];

    const plans = await planPrograms(desired(wishes), portsOf(host), context(), never);

    expect(plans.flatMap(({ changes }) => changes.map(({ action }) => action))).toEqual([
      'create',
      'create',
      'adopt',
    ]);
    expect(callsOf(host).toSorted()).toEqual(['listReleases', 'listTargets', 'listVersions']);
  });

  it('of a program that is not there is waiting or blocked, never created', async () => {
    const host = world({ coffee: 1 });

    const [plan] = await planPrograms(
      desired([{ program: 'nope', versions: ['1.0.0'] }]),
      portsOf(host),
      context(),
      never,
    );

    expect(plan?.changes.map(({ action, reasons }) => [action, ...reasons])).toEqual([
      ['waiting', 'MiniProgramNotFound'],
    ]);
  });
});

describe('the hot path', () => {
  const wish: Wish = { program: 'coffee', versions: ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0'] };
  const touchedOf = (wanted: readonly DesiredProgram[], count: number) =>
    new Set(
      wanted.flatMap(({ releases }) => releases.slice(0, count).map(({ key }) => releaseId(key))),
    );

  it.each([
    { name: 'one key: one call', count: 1, global: false, calls: ['getRelease'] },
    { name: 'three keys: three calls', count: 3, global: false, calls: times(3, 'getRelease') },
    { name: 'four keys: a list', count: 4, global: false, calls: ['listReleases'] },
    {
      name: 'a global configuration: lists, since all releases may depend on it',
      count: 1,
      global: true,
      calls: ['listReleases', 'listMiniPrograms'],
    },
  ])('$name', async ({ count, global, calls }) => {
    const host = world({ coffee: 5, foreign: 5 });
    const wanted = desired([{ ...wish, global }]);

    await planPrograms(
      wanted,
      portsOf(host),
      context({ mode: 'hot', touched: touchedOf(wanted, count) }),
      never,
    );

    expect(callsOf(host)).toEqual(calls);
  });

  it('plans nothing for what it did not read: an unread record is not a missing one', async () => {
    const host = world({ coffee: 5 });
    const wanted = desired([wish]);

    const [plan] = await planPrograms(
      wanted,
      portsOf(host),
      context({ mode: 'hot', touched: touchedOf(wanted, 1) }),
      never,
    );

    expect(plan?.changes).toHaveLength(1);
    expect(plan?.unmanaged).toBeNull();
  });
});

describe('a platform that refuses', () => {
  it('another id: nothing is asked of it, and everything is blocked', async () => {
    const host = world({ coffee: 2 });

    const [plan] = await planPrograms(
      desired([{ program: 'coffee', versions: ['1.0.0'] }], 'other'),
      portsOf(host),
      context(),
      never,
    );

    expect(plan?.changes.map(({ action, reasons }) => [action, ...reasons])).toEqual([
      ['blocked', 'PlatformMismatch'],
    ]);
    expect(callsOf(host)).toEqual([]);
  });

  it('one workspace: its programs are blocked, the others are planned', async () => {
    const host = world({ coffee: 2 });
    const wishes = [
      { program: 'coffee', versions: ['1.0.0'] },
      { program: 'vault', workspace: 'closed', versions: ['1.0.0'] },
    ];

    const plans = await planPrograms(desired(wishes), portsOf(host), context(), never);

    expect(
      plans.map(({ changes }) => changes.map(({ action, reasons }) => [action, ...reasons])),
    ).toEqual([[['adopt']], [['blocked', 'AccessDenied']]]);
  });

  it('to answer for one workspace: its programs fail, the others are planned', async () => {
    const host = world({ coffee: 2 });
    const ports = portsOf(host);
    const reader: ReadPorts['reader'] = {
      ...ports.reader,
      releases(query, signal) {
        if (query.workspace === 'closed') throw new ReconcileError('PlatformUnavailable', 'gone');
        return ports.reader.releases(query, signal);
      },
    };
    const wishes = [
      { program: 'coffee', versions: ['1.0.0'] },
      { program: 'vault', workspace: 'closed', versions: ['1.0.0'] },
    ];

    const { planned, failed } = await planEach(
      desired(wishes),
      { ...ports, reader },
      context(),
      never,
    );

    expect(planned.map(({ plan }) => plan.key.miniProgram)).toEqual(['coffee']);
    expect(failed.map(({ key, error }) => [key.miniProgram, error.code])).toEqual([
      ['vault', 'PlatformUnavailable'],
    ]);
    await expect(
      planPrograms(desired(wishes), { ...ports, reader }, context(), never),
    ).rejects.toMatchObject({
      code: 'PlatformUnavailable',
    });
  });
});

describe('a list', () => {
  it.each([
    {
      name: 'whose page token expires starts again',
      rule: { effect: 'result', resultCode: 'PAGE_TOKEN_EXPIRED' },
      calls: 5,
    },
    { name: 'that breaks off starts again', rule: { effect: 'dropAfter' }, calls: 5 },
    { name: 'that somebody forged is asked for again', rule: { effect: 'badSignature' }, calls: 5 },
  ] as const)('$name', async ({ rule, calls }) => {
    const host = world({ coffee: 5 }, { maxPageSize: 2 });
    const clock = createVirtualClock({ auto: true });
    const faults = { rules: [{ ...rule, operation: 'listReleases' as const, nth: 2, times: 1 }] };
    const ports = portsOf(host, { clock, reader: worldPlatform(host, { client, clock, faults }) });

    const [plan] = await planPrograms(
      desired([{ program: 'coffee', versions: ['1.0.0'] }]),
      ports,
      context(),
      never,
    );

    expect(plan?.changes.map(({ action }) => action)).toEqual(['adopt']);
    expect(callsOf(host)).toEqual(times(calls, 'listReleases'));
  });
});

describe('a record that cannot be understood', () => {
  it('spoils its own program and no other', async () => {
    const host = world({ coffee: 2, tea: 2, cake: 2 });
    const ports = portsOf(host);
    const reader: ReadPorts['reader'] = {
      ...ports.reader,
      releases(query, signal) {
        const ids = query.miniPrograms ?? query.declared ?? [];
        if (ids.includes('tea'))
          throw new ReconcileError('ResponseUntrusted', 'a record makes no sense');
        return ports.reader.releases(query, signal);
      },
    };
    const wishes = ['coffee', 'tea', 'cake'].map((program) => ({ program, versions: ['1.0.0'] }));

    const { planned, failed } = await planEach(
      desired(wishes),
      { ...ports, reader },
      context(),
      never,
    );

    expect(planned.map(({ plan }) => plan.key.miniProgram)).toEqual(['cake', 'coffee']);
    expect(failed.map(({ key, error }) => [key.miniProgram, error.code])).toEqual([
      ['tea', 'ResponseUntrusted'],
    ]);
  });
});

describe('a bug in one program', () => {
  it('ends its own pass, loudly, and no other', async () => {
    const host = world({ coffee: 2, tea: 2 });
    const told: string[] = [];
    const ports = portsOf(host, {
      telemetry: { emit: (event) => event.kind === 'failed' && told.push(event.code) },
    });
    const reader: ReadPorts['reader'] = {
      ...ports.reader,
      versions(program, signal) {
        if (program.miniProgram === 'tea') throw new TypeError('bug');
        return ports.reader.versions(program, signal);
      },
    };
    const wishes = [
      { program: 'coffee', versions: ['1.2.0'] },
      { program: 'tea', versions: ['1.2.0'] },
    ];

    const { planned, failed } = await planEach(
      desired(wishes),
      { ...ports, reader },
      context(),
      never,
    );

    expect(planned.map(({ plan }) => plan.key.miniProgram)).toEqual(['coffee']);
    expect(failed.map(({ key, error }) => [key.miniProgram, error.code])).toEqual([
      ['tea', 'InternalError'],
    ]);
    expect(told).toEqual(['InternalError']);
  });
});

describe('an observation that is older than our own write', () => {
  it('is refused, and what the write came to stands in its place', async () => {
    const host = world({ coffee: 1 });
    const [program] = desired([{ program: 'coffee', versions: ['1.0.0'] }]);
    const ports = portsOf(host);
    const memory = createMemory();
    const key = program!.releases[0]!.key;
    const before = await ports.reader.release(key, never);
    const written = { ...before!, config: { merchantId: { kind: 'text' as const, text: 'M-7' } } };
    const reader: ReadPorts['reader'] = {
      ...ports.reader,
      async *releases(query, signal) {
        for await (const page of ports.reader.releases(query, signal)) {
          // The list was asked for, and our write is faster than its answer.
          memory.wrote({ kind: 'release', release: written }, programId(key));
          yield page;
        }
      },
    };

    const observed = await observe(
      [program!],
      { ...ports, reader },
      { mode: 'sweep', memory },
      never,
    );
    const later = await observe([program!], ports, { mode: 'sweep', memory }, never);

    expect(observed.get(programId(key))?.releases[releaseId(key)]?.config).toEqual(written.config);
    expect(later.get(programId(key))?.releases[releaseId(key)]?.config).toEqual({});
  });
});
