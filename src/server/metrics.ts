import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { ControllerStatus } from '../core/model/controller.ts';
import type { EpochMs } from '../core/words/time.ts';
import type { TelemetryEvent } from '../ports/index.ts';
import { metricTable, programStates, type MetricName } from './metric-table.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import { statusGauges, type GaugeName } from './status-gauges.ts';

/** What is counted, and what is computed when somebody asks. */
export interface Metrics {
  /** Counts what happened. Never throws. */
  observe(event: TelemetryEvent): void;
  /** A call of a webhook ended. `name`: empty where none of this name is set. */
  webhookCalled(name: string, result: string): void;
  /** Everything, in Prometheus' text format. Gauges are computed from the status. */
  render(status: ControllerStatus, now: EpochMs): Promise<string>;
  /** Of what `render` gives. */
  readonly contentType: string;
  /** Takes the observers of the process away. */
  close(): void;
}

type Labels = Readonly<Record<string, string>>;

interface Counted {
  readonly inc: (name: MetricName, labels?: Labels) => void;
  readonly observeMs: (name: MetricName, ms: number, labels: Labels) => void;
  readonly set: (name: MetricName, value: number, labels: Labels) => void;
}

/** Metrics in a registry of their own: nothing global, several may stand in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const board: Board = { seen: undefined };
  const counted = register(registry, board);
  const stop = collectProcessMetrics(registry);
  return {
    observe: (event) => {
      count(event, counted);
    },
    webhookCalled: (name, result) => {
      counted.inc('webhook_requests_total', { name, result });
    },
    render: (status, now) => {
      board.seen = { status, now };
      return registry.metrics();
    },
    contentType: registry.contentType,
    close: stop,
  };
}

interface Board {
  seen: { readonly status: ControllerStatus; readonly now: EpochMs } | undefined;
}

function register(registry: Registry, board: Board): Counted {
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, row] of Object.entries(metricTable)) {
    const { type, help } = row;
    const labelNames: string[] = [...row.labels];
    const common = { name: `fairlead_${name}`, help, labelNames, registers: [registry] };
    if (type === 'counter') counters.set(name, new Counter(common));
    else if (type === 'histogram')
      histograms.set(name, new Histogram({ ...common, buckets: [...row.buckets] }));
    else gauges.set(name, isComputed(name) ? computed(name, common, board) : new Gauge(common));
  }
  const bound = boundedLabels();
  return {
    inc: (name, labels = {}) => counters.get(name)?.inc(bound(name, labels)),
    observeMs: (name, ms, labels) => histograms.get(name)?.observe(bound(name, labels), ms / 1000),
    set: (name, value, labels) => gauges.get(name)?.set(bound(name, labels), value),
  };
}

function isComputed(name: string): name is GaugeName {
  return name in statusGauges;
}

type GaugeOptions = ConstructorParameters<typeof Gauge>[0];

/** Set whole at each scrape, in one turn, so that what is gone from the status is gone and two scrapes cannot mix. */
function computed(name: GaugeName, common: GaugeOptions, board: Board): Gauge {
  const gauge: Gauge = new Gauge({
    ...common,
    collect: () => {
      gauge.reset();
      if (!board.seen) return;
      const { status, now } = board.seen;
      for (const { labels, value } of statusGauges[name](status, now)) gauge.set(labels, value);
    },
  });
  return gauge;
}

/** Values of one label of one metric that are told apart. */
const maxValues = 100;
const maxLength = 100;

/** Codes may be another program's words one day: what comes after the hundredth is `other`. */
function boundedLabels(): (name: string, labels: Labels) => Labels {
  const known = new Map<string, Set<string>>();
  const bound = (place: string, value: string): string => {
    const values = known.get(place) ?? new Set();
    known.set(place, values);
    if (values.has(value)) return value;
    if (values.size >= maxValues || value.length > maxLength) return 'other';
    values.add(value);
    return value;
  };
  return (name, labels) =>
    Object.fromEntries(
      Object.entries(labels).map(([label, value]) => [label, bound(`${name}/${label}`, value)]),
    );
}

const states: ReadonlySet<string> = new Set(programStates);

function count(event: TelemetryEvent, { inc, observeMs, set }: Counted): void {
  switch (event.kind) {
    case 'call': {
      const { operation, code, ms } = event;
      inc('platform_calls_total', { operation, code });
      observeMs('platform_call_duration_seconds', ms, { operation });
      return;
    }
    case 'pass': {
      const { lane, result, ms } = event;
      inc('reconcile_total', { lane, result });
      if (!states.has(result)) inc('reconcile_errors_total', { code: result });
      observeMs('reconcile_duration_seconds', ms, { lane });
      return;
    }
    case 'sweep':
      countSweep(event, { inc, observeMs, set });
      return;
    case 'look': {
      const { source, code, ms } = event;
      inc('source_look_total', { source, code });
      observeMs('source_look_duration_seconds', ms, { source });
      return;
    }
    default:
      countPlain(event, inc);
  }
}

type Sweep = Extract<TelemetryEvent, { kind: 'sweep' }>;

/** A sweep that failed says nothing of what is there. */
function countSweep(event: Sweep, { inc, observeMs, set }: Counted): void {
  const { connection, code, ms, releases, dirty } = event;
  inc('sweep_total', { connection, code });
  if (code !== 'ok') return;
  observeMs('sweep_duration_seconds', ms, { connection });
  set('sweep_releases', releases, { connection });
  set('sweep_dirty_programs', dirty, { connection });
}

type Plain = Exclude<TelemetryEvent, { kind: 'call' | 'pass' | 'sweep' | 'look' }>;

function countPlain(event: Plain, inc: Counted['inc']): void {
  switch (event.kind) {
    case 'written':
      inc('writes_total', { action: event.action });
      return;
    case 'failed':
      inc('write_failures_total', { code: event.code });
      return;
    case 'ignored':
      inc('ignored_total');
      return;
    case 'waiting':
      inc('retries_total', { code: event.why });
      return;
    case 'commit':
      inc('source_commits_total', { source: event.source });
      return;
    case 'order':
      inc('orders_total', { kind: event.order.kind });
      return;
    case 'condition':
    case 'progress':
      // What stands is read from the status.
      return;
  }
}
