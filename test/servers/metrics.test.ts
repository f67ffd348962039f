import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { describe, expect, it } from 'vitest';

import type { TelemetryEvent } from '../../src/ports/index.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { serverTool } from '../support/server-tools.ts';
import { ago, connection, now, program, source, status } from '../unit/server/board.ts';

const key = { platform: 'mpp', workspace: 'w', miniProgram: '1' };

/** At least one for every metric that counts. */
const events: readonly TelemetryEvent[] = [
  { kind: 'call', operation: 'listReleases', code: 'S', ms: 5 },
  { kind: 'pass', program: key, lane: 'hot', result: 'Stale', writes: 0, ms: 9 },
  { kind: 'sweep', connection: 'main', code: 'ok', releases: 12, dirty: 1, ms: 80 },
  { kind: 'look', source: 'a "b"\n\\c', code: 'unchanged', ms: 30 },
  { kind: 'written', key, action: 'update', requestId: 'r' },
  { kind: 'failed', key, code: 'Stale', message: 'm' },
  { kind: 'waiting', ms: 1000, why: 'RateLimited' },
  { kind: 'ignored', what: 'x', why: 'y' },
  { kind: 'commit', source: 'shop', commit: { id: 'f00' }, documents: 1, programs: 1 },
  { kind: 'order', order: { kind: 'resume', id: '1', at: now, by: 'ana' } },
];

describe('promtool', () => {
  it('reads our metrics and finds nothing to say about their names', async () => {
    const metrics = createMetrics();
    for (const event of events) metrics.observe(event);
    metrics.webhookCalled('forge', 'hinted');
    const text = await metrics.render(
      status({
        sources: [source({ commit: { id: 'f00', at: ago(9) }, credentialExpiresAt: now })],
        connections: [connection({ sweptAt: ago(9) })],
        programs: [program('1', { blocked: [{ where: 'x', reasons: ['ConfigLocked'] }] })],
      }),
      now,
    );
    metrics.close();

    // Those of the process have names that others chose.
    const ours = text
      .split('\n')
      .filter((line) => line === '' || line.includes('fairlead_'))
      .join('\n');
    const check = spawn(await serverTool('promtool'), ['check', 'metrics']);
    const said = Promise.all([check.stdout.toArray(), check.stderr.toArray()]);
    check.stdin.end(`${ours}\n`);
    const [code] = await once(check, 'exit');

    expect(ours).toContain('fairlead_reconcile_total{lane="hot",result="Stale"} 1\n');
    expect([(await said).flat().join(''), code]).toEqual(['', 0]);
  });
});
