import { describe, expect, it } from 'vitest';

import { metricTable } from '../../../src/server/metric-table.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { now, status } from './board.ts';

describe('the names of metrics', () => {
  it('stay, with their labels: alerts and dashboards of others hang on them', () => {
    const told = Object.entries(metricTable).map(
      ([name, { type, labels }]) => `${type} fairlead_${name}{${labels.join(',')}}`,
    );

    expect(told).toEqual([
      'gauge fairlead_build_info{version,node}',
      'counter fairlead_reconcile_total{lane,result}',
      'counter fairlead_reconcile_errors_total{code}',
      'histogram fairlead_reconcile_duration_seconds{lane}',
      'gauge fairlead_queue_depth{connection,lane}',
      'counter fairlead_retries_total{code}',
      'counter fairlead_writes_total{action}',
      'counter fairlead_write_failures_total{code}',
      'counter fairlead_ignored_total{}',
      'counter fairlead_platform_calls_total{operation,code}',
      'histogram fairlead_platform_call_duration_seconds{operation}',
      'gauge fairlead_rate_allowed_calls_per_second{connection}',
      'gauge fairlead_rate_now_calls_per_second{connection}',
      'gauge fairlead_oldest_pending_change_seconds{connection}',
      'gauge fairlead_observation_age_seconds{connection}',
      'counter fairlead_sweep_total{connection,code}',
      'histogram fairlead_sweep_duration_seconds{connection}',
      'gauge fairlead_sweep_releases{connection}',
      'gauge fairlead_sweep_dirty_programs{connection}',
      'gauge fairlead_connection_state{connection,state}',
      'gauge fairlead_programs{connection,state}',
      'gauge fairlead_releases{connection}',
      'gauge fairlead_held_changes{connection,reason}',
      'gauge fairlead_blocked_targets{connection,reason}',
      'gauge fairlead_source_age_seconds{source}',
      'counter fairlead_source_look_total{source,code}',
      'histogram fairlead_source_look_duration_seconds{source}',
      'gauge fairlead_source_state{source,state}',
      'counter fairlead_source_commits_total{source}',
      'gauge fairlead_source_commit_timestamp_seconds{source}',
      'gauge fairlead_source_documents{source}',
      'gauge fairlead_source_problems{source}',
      'gauge fairlead_credential_expiry_timestamp_seconds{kind,name}',
      'counter fairlead_webhook_requests_total{name,result}',
      'counter fairlead_orders_total{kind}',
      'gauge fairlead_suspended{}',
      'gauge fairlead_ledger_degraded{}',
      'gauge fairlead_config_loaded_timestamp_seconds{}',
      'gauge fairlead_config_reload_refused{}',
    ]);
  });

  it('are served with their help, all of them and no other', async () => {
    const metrics = createMetrics();
    const text = await metrics.render(status(), now);
    metrics.close();

    const served = text.split('\n').filter((line) => /^# (HELP|TYPE) fairlead_/.test(line));

    expect(served).toEqual(
      Object.entries(metricTable).flatMap(([name, { type, help }]) => [
        `# HELP fairlead_${name} ${help}`,
        `# TYPE fairlead_${name} ${type}`,
      ]),
    );
  });

  it.each(Object.entries(metricTable))('follow the manners of Prometheus: %s', (name, row) => {
    expect(name.endsWith('_total')).toBe(row.type === 'counter');
    if (row.type === 'histogram') expect(name).toMatch(/_seconds$/);
    expect(row.help).toMatch(/\.$/);
  });
});
