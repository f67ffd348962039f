import type { ProgramState } from '../core/model/controller.ts';

/** A metric as it is told: `fairlead_` before the name, one series per combination of its labels. */
export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, seconds. */
  readonly buckets?: readonly number[];
}

const passBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const callBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const sweepBuckets = [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600];

/**
 * Every metric of our own. Labels name what the administrator named (connections, sources, webhooks) or words of ours:
 * never a program, a release, a commit or a URL, so that the number of series does not grow with what is declared.
 */
export const metricTable = {
  build_info: {
    type: 'gauge',
    help: 'Always 1: which version runs, on which Node.',
    labels: ['version', 'node'],
  },
  reconcile_total: {
    type: 'counter',
    help: "Passes that ended, by lane and result: the program's state afterwards, or an error's code.",
    labels: ['lane', 'result'],
  },
  reconcile_errors_total: {
    type: 'counter',
    help: 'Passes that ended with an error, by its code.',
    labels: ['code'],
  },
  reconcile_duration_seconds: {
    type: 'histogram',
    help: 'How long passes took, waiting for the rate budget included.',
    labels: ['lane'],
    buckets: passBuckets,
  },
  queue_depth: {
    type: 'gauge',
    help: 'Programs that wait for their turn.',
    labels: ['connection', 'lane'],
  },
  retries_total: {
    type: 'counter',
    help: 'Waits before something was tried again, by the code of what failed.',
    labels: ['code'],
  },
  writes_total: {
    type: 'counter',
    help: 'Changes the platform confirmed, by action.',
    labels: ['action'],
  },
  write_failures_total: {
    type: 'counter',
    help: 'Changes that failed, by the code of the error.',
    labels: ['code'],
  },
  ignored_total: {
    type: 'counter',
    help: 'Things that were left out or not believed; the log names each.',
    labels: [],
  },
  platform_calls_total: {
    type: 'counter',
    help: "Calls to platforms, by operation and code: S, or the error's.",
    labels: ['operation', 'code'],
  },
  platform_call_duration_seconds: {
    type: 'histogram',
    help: 'How long calls to platforms took, from their turn in the rate budget on.',
    labels: ['operation'],
    buckets: callBuckets,
  },
  rate_allowed_calls_per_second: {
    type: 'gauge',
    help: 'The rate budget as the connection sets it.',
    labels: ['connection'],
  },
  rate_now_calls_per_second: {
    type: 'gauge',
    help: 'The rate budget right now, after what the platform answered.',
    labels: ['connection'],
  },
  oldest_pending_change_seconds: {
    type: 'gauge',
    help: 'For how long something declared is not on the platform; 0 when nothing is pending.',
    labels: ['connection'],
  },
  observation_age_seconds: {
    type: 'gauge',
    help: 'Since the last good sweep; since the start of the process where there was none. Absent without programs.',
    labels: ['connection'],
  },
  sweep_total: {
    type: 'counter',
    help: "Sweeps that ended, by code: ok, or the error's.",
    labels: ['connection', 'code'],
  },
  sweep_duration_seconds: {
    type: 'histogram',
    help: 'How long good sweeps took.',
    labels: ['connection'],
    buckets: sweepBuckets,
  },
  sweep_releases: {
    type: 'gauge',
    help: 'Releases the last good sweep saw.',
    labels: ['connection'],
  },
  sweep_dirty_programs: {
    type: 'gauge',
    help: 'Programs the last good sweep found changed.',
    labels: ['connection'],
  },
  connection_state: {
    type: 'gauge',
    help: '1 for the state the connection is in, 0 for the others.',
    labels: ['connection', 'state'],
  },
  programs: {
    type: 'gauge',
    help: 'Programs under watch, by state.',
    labels: ['connection', 'state'],
  },
  releases: { type: 'gauge', help: 'Releases under watch.', labels: ['connection'] },
  held_changes: {
    type: 'gauge',
    help: 'Changes that could be made and are held, by reason.',
    labels: ['connection', 'reason'],
  },
  blocked_targets: {
    type: 'gauge',
    help: 'Targets on which a person must act, by reason; a target may have several.',
    labels: ['connection', 'reason'],
  },
  source_age_seconds: {
    type: 'gauge',
    help: 'Since the last good look at the source; since the start of the process where there was none.',
    labels: ['source'],
  },
  source_look_total: {
    type: 'counter',
    help: "Looks at the source, by code: unchanged, changed, rewound, or the error's.",
    labels: ['source', 'code'],
  },
  source_look_duration_seconds: {
    type: 'histogram',
    help: 'How long looks took.',
    labels: ['source'],
    buckets: callBuckets,
  },
  source_state: {
    type: 'gauge',
    help: '1 for the state the source is in, 0 for the others.',
    labels: ['source', 'state'],
  },
  source_commits_total: {
    type: 'counter',
    help: 'Commits that came into force.',
    labels: ['source'],
  },
  source_commit_timestamp_seconds: {
    type: 'gauge',
    help: 'When the commit in force was committed, seconds since 1970.',
    labels: ['source'],
  },
  source_documents: {
    type: 'gauge',
    help: 'Documents in force.',
    labels: ['source'],
  },
  source_problems: {
    type: 'gauge',
    help: 'Errors in documents; each holds back its own keys.',
    labels: ['source'],
  },
  credential_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When a credential ends, as the settings say, seconds since 1970.',
    labels: ['kind', 'name'],
  },
  webhook_requests_total: {
    type: 'counter',
    help: 'Calls of webhooks, by result; a name that is not set is empty.',
    labels: ['name', 'result'],
  },
  orders_total: {
    type: 'counter',
    help: 'What people told the controller: approve, suspend, resume.',
    labels: ['kind'],
  },
  suspended: {
    type: 'gauge',
    help: '1 while a person suspends the whole controller.',
    labels: [],
  },
  ledger_degraded: {
    type: 'gauge',
    help: '1 while history is not kept.',
    labels: [],
  },
  config_loaded_timestamp_seconds: {
    type: 'gauge',
    help: 'When the settings in force were loaded, seconds since 1970.',
    labels: [],
  },
  config_reload_refused: {
    type: 'gauge',
    help: '1 while a newer version of the settings file is refused.',
    labels: [],
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof metricTable;

export const programStates = [
  'Unknown',
  'InSync',
  'Pending',
  'Held',
  'Blocked',
  'Suspended',
  'Failing',
] as const satisfies readonly ProgramState[];
