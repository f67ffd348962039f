import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterEach, describe, expect, it } from 'vitest';

import type { ControllerStatus } from '../../../src/core/model/controller.ts';
import { programOf } from '../../../src/core/words/keys.ts';
import type { TelemetryEvent } from '../../../src/ports/index.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { ago, connection, now, program, source, status } from './board.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const { close } of open.splice(0)) close();
});

function metrics() {
  const made = createMetrics();
  open.push(made);
  return made;
}

/** Lines of our own metrics that are samples; without labels' order mattering to nobody. */
async function samples(
  events: readonly TelemetryEvent[],
  board: ControllerStatus = status(),
): Promise<readonly string[]> {
  const made = metrics();
  for (const event of events) made.observe(event);
  const text = await made.render(board, now);
  return text.split('\n').filter((line) => line.startsWith('fairlead_'));
}

/** Samples of one metric. */
async function samplesOf(
  name: string,
  events: readonly TelemetryEvent[],
  board?: ControllerStatus,
): Promise<readonly string[]> {
  const start = new RegExp(`^fairlead_${name}[{ ]`);
  return (await samples(events, board)).filter((line) => start.test(line));
}

const key = { platform: 'mpp', workspace: 'w', miniProgram: '1', version: '2.5.0', app: 'megapay' };
const releaseKey = { ...key, environment: 'Production' } as const;

describe('our metrics', () => {
  it.each<{
    name: string;
    why: string;
    metric: string;
    events: readonly TelemetryEvent[];
    expected: readonly string[];
  }>([
    {
      name: 'passes',
      why: 'a state is no error',
      metric: 'reconcile_total',
      events: [
        { kind: 'pass', program: programOf(key), lane: 'hot', result: 'InSync', writes: 1, ms: 20 },
        { kind: 'pass', program: programOf(key), lane: 'hot', result: 'InSync', writes: 0, ms: 20 },
        { kind: 'pass', program: programOf(key), lane: 'sweep', result: 'Stale', writes: 0, ms: 9 },
      ],
      expected: [
        'fairlead_reconcile_total{lane="hot",result="InSync"} 2',
        'fairlead_reconcile_total{lane="sweep",result="Stale"} 1',
      ],
    },
    {
      name: 'failed passes',
      why: 'an error is counted by its code',
      metric: 'reconcile_errors_total',
      events: [
        { kind: 'pass', program: programOf(key), lane: 'hot', result: 'Held', writes: 1, ms: 20 },
        { kind: 'pass', program: programOf(key), lane: 'sweep', result: 'Stale', writes: 0, ms: 9 },
      ],
      expected: ['fairlead_reconcile_errors_total{code="Stale"} 1'],
    },
    {
      name: 'how long passes take',
      why: 'milliseconds become seconds',
      metric: 'reconcile_duration_seconds_sum',
      events: [
        { kind: 'pass', program: programOf(key), lane: 'hot', result: 'Held', writes: 1, ms: 1500 },
      ],
      expected: ['fairlead_reconcile_duration_seconds_sum{lane="hot"} 1.5'],
    },
    {
      name: 'calls',
      why: 'by operation and code',
      metric: 'platform_calls_total',
      events: [
        { kind: 'call', operation: 'listReleases', code: 'S', ms: 5 },
        { kind: 'call', operation: 'listReleases', code: 'RateLimited', ms: 5 },
        { kind: 'call', operation: 'listReleases', code: 'S', ms: 5 },
      ],
      expected: [
        'fairlead_platform_calls_total{operation="listReleases",code="S"} 2',
        'fairlead_platform_calls_total{operation="listReleases",code="RateLimited"} 1',
      ],
    },
    {
      name: 'waits',
      why: 'each is before one retry',
      metric: 'retries_total',
      events: [{ kind: 'waiting', ms: 1000, why: 'PlatformUnavailable' }],
      expected: ['fairlead_retries_total{code="PlatformUnavailable"} 1'],
    },
    {
      name: 'a failed sweep',
      why: 'it says nothing of what is there: the good one before it stays',
      metric: 'sweep_releases',
      events: [
        { kind: 'sweep', connection: 'main', code: 'ok', releases: 12, dirty: 1, ms: 80 },
        { kind: 'sweep', connection: 'main', code: 'Stale', releases: 0, dirty: 0, ms: 80 },
      ],
      expected: ['fairlead_sweep_releases{connection="main"} 12'],
    },
    {
      name: 'looks',
      why: 'by source and what came of them',
      metric: 'source_look_total',
      events: [{ kind: 'look', source: 'shop', code: 'unchanged', ms: 30 }],
      expected: ['fairlead_source_look_total{source="shop",code="unchanged"} 1'],
    },
    {
      name: 'writes',
      why: 'by action: no key',
      metric: 'writes_total',
      events: [{ kind: 'written', key: releaseKey, action: 'create', requestId: 'r' }],
      expected: ['fairlead_writes_total{action="create"} 1'],
    },
    {
      name: 'failures of writes',
      why: 'by code: no message',
      metric: 'write_failures_total',
      events: [{ kind: 'failed', key: releaseKey, code: 'PlatformRefused', message: 'no' }],
      expected: ['fairlead_write_failures_total{code="PlatformRefused"} 1'],
    },
    {
      name: 'commits',
      why: 'by source: no commit',
      metric: 'source_commits_total',
      events: [
        { kind: 'commit', source: 'shop', commit: { id: 'f00' }, documents: 7, programs: 3 },
      ],
      expected: ['fairlead_source_commits_total{source="shop"} 1'],
    },
    {
      name: 'orders',
      why: 'by kind: no person',
      metric: 'orders_total',
      events: [
        { kind: 'order', order: { kind: 'suspend', id: '1', at: now, by: 'ana', reason: 'x' } },
      ],
      expected: ['fairlead_orders_total{kind="suspend"} 1'],
    },
    {
      name: 'what was left out',
      why: 'the log names each',
      metric: 'ignored_total',
      events: [{ kind: 'ignored', what: 'a record', why: 'unreadable' }],
      expected: ['fairlead_ignored_total 1'],
    },
  ])('count $name', async ({ metric, events, expected, why }) => {
    expect(await samplesOf(metric, events), why).toEqual(expected);
  });

  it.each<{
    name: string;
    why: string;
    metric: string;
    board: ControllerStatus;
    expected: readonly string[];
  }>([
    {
      name: 'the oldest pending change of each connection',
      why: '0 where nothing is pending, so that an alert ends',
      metric: 'oldest_pending_change_seconds',
      board: status({
        connections: [connection(), connection({ name: 'other' })],
        programs: [
          program('1', { pendingSince: ago(60) }),
          program('2', { pendingSince: ago(90) }),
          program('3'),
        ],
      }),
      expected: [
        'fairlead_oldest_pending_change_seconds{connection="main"} 90',
        'fairlead_oldest_pending_change_seconds{connection="other"} 0',
      ],
    },
    {
      name: 'the age of what was observed',
      why: 'never observed counts from the start, or no alert could see it; nothing declared is nothing to observe',
      metric: 'observation_age_seconds',
      board: status({
        connections: [
          connection({ sweptAt: ago(30) }),
          connection({ name: 'never' }),
          connection({ name: 'empty', programs: 0 }),
        ],
      }),
      expected: [
        'fairlead_observation_age_seconds{connection="main"} 30',
        'fairlead_observation_age_seconds{connection="never"} 7200',
      ],
    },
    {
      name: 'the age of sources',
      why: 'a look that fails is none',
      metric: 'source_age_seconds',
      board: status({
        sources: [
          source({ name: 'good', lookedAt: ago(5) }),
          source({ name: 'failing', state: 'Failing', since: ago(50), lookedAt: ago(5) }),
          source({ name: 'first', state: 'Failing', since: ago(50) }),
          source({ name: 'rewound', state: 'Rewound', since: ago(50), lookedAt: ago(5) }),
          source({ name: 'ahead', lookedAt: ago(-5) }),
        ],
      }),
      expected: [
        'fairlead_source_age_seconds{source="good"} 5',
        'fairlead_source_age_seconds{source="failing"} 50',
        'fairlead_source_age_seconds{source="first"} 7200',
        'fairlead_source_age_seconds{source="rewound"} 5',
        'fairlead_source_age_seconds{source="ahead"} 0',
      ],
    },
    {
      name: 'programs by state',
      why: 'zeros too: what nobody is in any more is seen to be empty',
      metric: 'programs',
      board: status({ programs: [program('1'), program('2', { state: 'Held' }), program('3')] }),
      expected: [
        'fairlead_programs{connection="main",state="Unknown"} 0',
        'fairlead_programs{connection="main",state="InSync"} 2',
        'fairlead_programs{connection="main",state="Pending"} 0',
        'fairlead_programs{connection="main",state="Held"} 1',
        'fairlead_programs{connection="main",state="Blocked"} 0',
        'fairlead_programs{connection="main",state="Suspended"} 0',
        'fairlead_programs{connection="main",state="Failing"} 0',
      ],
    },
    {
      name: 'held changes by reason',
      why: 'over all programs: no program is a label',
      metric: 'held_changes',
      board: status({
        programs: ['1', '2'].map((id) =>
          program(id, { held: [held('DriftReported'), held('AwaitingApproval')] }),
        ),
      }),
      expected: [
        'fairlead_held_changes{connection="main",reason="DriftReported"} 2',
        'fairlead_held_changes{connection="main",reason="AwaitingApproval"} 2',
      ],
    },
    {
      name: 'blocked targets by reason',
      why: 'each reason of a target counts',
      metric: 'blocked_targets',
      board: status({
        programs: [
          program('1', { blocked: [{ where: 'x', reasons: ['ConfigLocked', 'TargetSpent'] }] }),
        ],
      }),
      expected: [
        'fairlead_blocked_targets{connection="main",reason="ConfigLocked"} 1',
        'fairlead_blocked_targets{connection="main",reason="TargetSpent"} 1',
      ],
    },
    {
      name: 'when credentials end',
      why: 'as a moment, for what is left of it is a question of the asker’s clock',
      metric: 'credential_expiry_timestamp_seconds',
      board: status({
        connections: [connection({ credentialExpiresAt: ago(-10) }), connection({ name: 'no' })],
        sources: [source({ credentialExpiresAt: now })],
      }),
      expected: [
        'fairlead_credential_expiry_timestamp_seconds{kind="connection",name="main"} 1767268810',
        'fairlead_credential_expiry_timestamp_seconds{kind="source",name="shop"} 1767268800',
      ],
    },
    {
      name: 'the queue by lane',
      why: 'the hot lane must stay short',
      metric: 'queue_depth',
      board: status(),
      expected: [
        'fairlead_queue_depth{connection="main",lane="hot"} 1',
        'fairlead_queue_depth{connection="main",lane="sweep"} 2',
      ],
    },
    {
      name: 'that a newer settings file is refused',
      why: 'nobody reads the old one’s log',
      metric: 'config_reload_refused',
      board: status({
        config: {
          file: 'f',
          loadedAt: now,
          trouble: { code: 'SettingsInvalid', message: 'unknown field' },
        },
      }),
      expected: ['fairlead_config_reload_refused 1'],
    },
    {
      name: 'the state of a source',
      why: 'exactly one is 1',
      metric: 'source_state',
      board: status({ sources: [source({ state: 'Rewound' })] }),
      expected: [
        'fairlead_source_state{source="shop",state="Reading"} 0',
        'fairlead_source_state{source="shop",state="Ready"} 0',
        'fairlead_source_state{source="shop",state="Failing"} 0',
        'fairlead_source_state{source="shop",state="Rewound"} 1',
      ],
    },
  ])('show $name', async ({ metric, board, expected, why }) => {
    expect(await samplesOf(metric, [], board), why).toEqual(expected);
  });

  it('let go of what is no longer in the status', async () => {
    const made = metrics();
    await made.render(status({ connections: [connection({ name: 'gone' })] }), now);

    const text = await made.render(status(), now);

    expect(text).not.toContain('gone');
  });

  it('have as many series for 10,000 programs as for one, whatever happens to them', async () => {
    const passes = Array.from({ length: 10_000 }, (_, index): TelemetryEvent => {
      const miniProgram = `p${index}`;
      return {
        ...{ kind: 'pass', program: { ...programOf(key), miniProgram }, lane: 'hot' },
        ...{ result: 'InSync', writes: 0, ms: 1 },
      };
    });
    const programs = Array.from({ length: 10_000 }, (_, index) => program(`p${index}`));

    const few = await samples(passes.slice(0, 1), status({ programs: programs.slice(0, 1) }));
    const many = await samples(passes, status({ programs }));

    expect(many.length).toBe(few.length);
  });

  it('tell a hundred codes apart, and no more, whoever makes them up', async () => {
    const calls = Array.from({ length: 1000 }, (_, index): TelemetryEvent => ({
      kind: 'call',
      operation: 'x',
      code: `c${index}`,
      ms: 1,
    }));

    const lines = await samplesOf('platform_calls_total', calls);

    expect(lines.length).toBe(101);
    expect(lines.at(-1)).toBe('fairlead_platform_calls_total{operation="x",code="other"} 900');
  });

  it('stand beside those of the process, which are let go at the end', async () => {
    const made = createMetrics();
    const collections = async (): Promise<number> => {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const text = await made.render(status(), now);
      return Number(
        /^nodejs_gc_duration_seconds_count\{kind="major"\} (\d+)$/m.exec(text)?.[1] ?? 0,
      );
    };
    const text = await made.render(status(), now);
    const before = await collections();

    made.close();
    const after = await collections();

    expect(before).toBeGreaterThan(0);
    expect(after).toBe(before);
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_open_fds',
      'nodejs_heap_size_used_bytes',
      'nodejs_eventloop_lag_seconds',
      'nodejs_eventloop_active_seconds_total',
    ])
      expect(text).toContain(`# TYPE ${name} `);
  });
});

function held(reason: 'DriftReported' | 'AwaitingApproval') {
  const id = 'c-000000000000' as never;
  return {
    where: 'x',
    path: 'merchantId',
    reason,
    message: 'm',
    changeId: id,
    change: id,
    plan: id,
  };
}
