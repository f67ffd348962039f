import { constants, PerformanceObserver, performance } from 'node:perf_hooks';

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import heapSizeAndUsed from 'prom-client/lib/metrics/heapSizeAndUsed.js';
import heapSpacesSizeAndUsed from 'prom-client/lib/metrics/heapSpacesSizeAndUsed.js';
import osMemoryHeap from 'prom-client/lib/metrics/osMemoryHeap.js';
import processCpuTotal from 'prom-client/lib/metrics/processCpuTotal.js';
import processMaxFileDescriptors from 'prom-client/lib/metrics/processMaxFileDescriptors.js';
import processOpenFileDescriptors from 'prom-client/lib/metrics/processOpenFileDescriptors.js';
import processResources from 'prom-client/lib/metrics/processResources.js';
import processStartTime from 'prom-client/lib/metrics/processStartTime.js';
import version from 'prom-client/lib/metrics/version.js';

const readAtScrape = [
  processCpuTotal,
  processStartTime,
  osMemoryHeap,
  processOpenFileDescriptors,
  processMaxFileDescriptors,
  processResources,
  heapSizeAndUsed,
  heapSpacesSizeAndUsed,
  version,
];

const collections = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

/**
 * The usual metrics of a Node process, under their usual names.
 *
 * Not `collectDefaultMetrics`: its observer of collections cannot be taken away, and its monitor of the event loop wakes
 * an idle process a hundred times a second.
 *
 * @returns takes the observer away
 */
export function collectProcessMetrics(registry: Registry): () => void {
  for (const register of readAtScrape) register(registry);
  collectLoop(registry);
  return collectCollections(registry);
}

function collectLoop(registry: Registry): void {
  const registers = [registry];
  const active = new Counter({
    name: 'nodejs_eventloop_active_seconds_total',
    help: 'For how long the event loop was not idle; its rate is the share of one core that is used.',
    registers,
    collect: () => {
      active.reset();
      active.inc(performance.eventLoopUtilization().active / 1000);
    },
  });
  const lag = new Gauge({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'Lag of event loop in seconds.',
    registers,
    collect: async () => {
      const start = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      lag.set((performance.now() - start) / 1000);
    },
  });
}

function collectCollections(registry: Registry): () => void {
  const durations = new Histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
    labelNames: ['kind'],
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
    registers: [registry],
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      durations.observe({ kind: kindOf(entry) }, entry.duration / 1000);
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    observer.disconnect();
  };
}

/** The type of an entry knows no details: what they are depends on its kind. */
function kindOf(entry: object): string {
  const detail: unknown = 'detail' in entry ? entry.detail : undefined;
  const isCollection = typeof detail === 'object' && detail !== null && 'kind' in detail;
  return (isCollection && collections.get(Number(detail.kind))) || 'other';
}
