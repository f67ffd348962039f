import type {
  ConnectionStatus,
  ControllerStatus,
  ProgramStatus,
  SourceStatus,
} from '../core/model/controller.ts';
import type { EpochMs } from '../core/words/time.ts';
import { programStates, type metricTable, type MetricName } from './metric-table.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Gauges that are read from the status at a scrape. */
export type GaugeName = Exclude<
  { [N in MetricName]: (typeof metricTable)[N]['type'] extends 'gauge' ? N : never }[MetricName],
  'sweep_releases' | 'sweep_dirty_programs'
>;

type Compute = (status: ControllerStatus, now: EpochMs) => Iterable<Sample>;

const connectionStates = [
  'Starting',
  'Ready',
  'Failing',
  'Suspended',
] as const satisfies readonly ConnectionStatus['state'][];

const sourceStates = [
  'Reading',
  'Ready',
  'Failing',
  'Rewound',
] as const satisfies readonly SourceStatus['state'][];

export const statusGauges = {
  build_info: ({ version }) => [{ labels: { version, node: process.versions.node }, value: 1 }],
  queue_depth: ({ connections }) =>
    connections.flatMap(({ name, queued }) =>
      Object.entries(queued).map(([lane, value]) => ({
        labels: { connection: name, lane },
        value,
      })),
    ),
  rate_allowed_calls_per_second: perConnection(({ requestsPerSecond }) => requestsPerSecond),
  rate_now_calls_per_second: perConnection(({ rateNow }) => rateNow),
  oldest_pending_change_seconds: oldestPending,
  observation_age_seconds: ({ connections, startedAt }, now) =>
    connections
      // A platform of which nothing is declared is never read.
      .filter(({ programs }) => programs > 0)
      .map(({ name, sweptAt }) => ({
        labels: { connection: name },
        value: age(sweptAt ?? startedAt, now),
      })),
  connection_state: ({ connections }) =>
    connections.flatMap(({ name, state }) =>
      connectionStates.map((one) => ({
        labels: { connection: name, state: one },
        value: Number(one === state),
      })),
    ),
  programs: countPrograms,
  releases: perConnection(({ releases }) => releases),
  held_changes: countReasons(({ held }) => held.map(({ reason }) => reason)),
  blocked_targets: countReasons(({ blocked }) => blocked.flatMap(({ reasons }) => reasons)),
  source_age_seconds: ({ sources, startedAt }, now) =>
    sources.map((source) => ({
      labels: { source: source.name },
      value: age(lastGoodLook(source) ?? startedAt, now),
    })),
  source_state: ({ sources }) =>
    sources.flatMap(({ name, state }) =>
      sourceStates.map((one) => ({
        labels: { source: name, state: one },
        value: Number(one === state),
      })),
    ),
  source_commit_timestamp_seconds: perSource(({ commit }) => seconds(commit?.at)),
  source_documents: perSource(({ documents }) => documents),
  source_problems: perSource(({ problemCount }) => problemCount),
  credential_expiry_timestamp_seconds: ({ connections, sources }) => [
    ...expiries('connection', connections),
    ...expiries('source', sources),
  ],
  suspended: ({ suspended }) => [{ labels: {}, value: Number(suspended !== undefined) }],
  ledger_degraded: ({ ledgerTrouble }) => [
    { labels: {}, value: Number(ledgerTrouble !== undefined) },
  ],
  config_loaded_timestamp_seconds: ({ config }) => [{ labels: {}, value: config.loadedAt / 1000 }],
  config_reload_refused: ({ config }) => [
    { labels: {}, value: Number(config.trouble !== undefined) },
  ],
} as const satisfies Record<GaugeName, Compute>;

function perConnection(read: (connection: ConnectionStatus) => number): Compute {
  return ({ connections }) =>
    connections.map((connection) => ({
      labels: { connection: connection.name },
      value: read(connection),
    }));
}

function perSource(read: (source: SourceStatus) => number | undefined): Compute {
  return ({ sources }) =>
    sources.flatMap((source) => {
      const value = read(source);
      return value === undefined ? [] : [{ labels: { source: source.name }, value }];
    });
}

/** Seconds; a clock that was set back makes nothing negative. */
function age(since: EpochMs, now: EpochMs): number {
  return Math.max(0, now - since) / 1000;
}

function seconds(at: EpochMs | undefined): number | undefined {
  return at === undefined ? undefined : at / 1000;
}

/** While looks fail, the state began at the first that did: the last good one was before it. */
function lastGoodLook({ state, lookedAt, since }: SourceStatus): EpochMs | undefined {
  if (state === 'Reading' || lookedAt === undefined) return undefined;
  return state === 'Failing' && since < lookedAt ? since : lookedAt;
}

function* oldestPending(status: ControllerStatus, now: EpochMs): Iterable<Sample> {
  const oldest = new Map(status.connections.map(({ name }) => [name, now]));
  for (const { connection, pendingSince } of status.programs) {
    if (pendingSince === undefined) continue;
    if (pendingSince < (oldest.get(connection) ?? now)) oldest.set(connection, pendingSince);
  }
  for (const [connection, since] of oldest)
    yield { labels: { connection }, value: age(since, now) };
}

/** Zeros too: what nobody is in any more must be seen to be empty. */
function countPrograms({ connections, programs }: ControllerStatus): Iterable<Sample> {
  const counts = new Map<string, Sample>();
  const put = (connection: string, state: string, more: number): void => {
    const key = `${connection} ${state}`;
    const value = (counts.get(key)?.value ?? 0) + more;
    counts.set(key, { labels: { connection, state }, value });
  };
  for (const { name } of connections) for (const state of programStates) put(name, state, 0);
  for (const { connection, state } of programs) put(connection, state, 1);
  return counts.values();
}

function countReasons(read: (program: ProgramStatus) => readonly string[]): Compute {
  return ({ programs }) => {
    const counts = new Map<string, Sample>();
    for (const program of programs) {
      const { connection } = program;
      for (const reason of read(program)) {
        const key = `${connection} ${reason}`;
        const value = (counts.get(key)?.value ?? 0) + 1;
        counts.set(key, { labels: { connection, reason }, value });
      }
    }
    return counts.values();
  };
}

function expiries(
  kind: string,
  of: readonly { readonly name: string; readonly credentialExpiresAt?: EpochMs }[],
): readonly Sample[] {
  return of.flatMap(({ name, credentialExpiresAt }) =>
    credentialExpiresAt === undefined
      ? []
      : [{ labels: { kind, name }, value: credentialExpiresAt / 1000 }],
  );
}
