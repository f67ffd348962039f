import { setTimeout as sleep } from 'node:timers/promises';

import { SecretText } from '../../src/core/words/secret-text.ts';
import { epochMs } from '../../src/core/words/time.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { startServer, type Webhook } from '../../src/server/server.ts';
import { systemClock } from '../../src/cli/system.ts';

/*
 * A server alone in its process (`node --expose-gc server-process.ts SECRET`), so that what it holds can be measured from
 * outside. It sends its URL, and for each message what it holds once garbage is collected.
 */

/** What the process holds. */
export interface Held {
  readonly heapBytes: number;
  readonly resources: number;
  readonly hints: number;
  readonly told: number;
}

const [secret = ''] = process.argv.slice(2);
const forms = ['github', 'gitlab', 'gitea', 'generic'] as const;
const webhooks = forms.map((form): Webhook => ({
  name: form,
  form,
  secret: new SecretText(secret),
  sources: ['shop'],
}));
const counts = { hints: 0, told: 0 };
const metrics = createMetrics();
const startedAt = epochMs(0);
const server = await startServer({
  ...{ host: '127.0.0.1', port: 0, webhooks, metrics, clock: systemClock },
  status: () => ({
    ...{ formatVersion: 1, kind: 'ControllerStatus', version: '0', startedAt, at: startedAt },
    config: { file: '', loadedAt: startedAt },
    ...{ sources: [], connections: [], programs: [] },
  }),
  hints: { hint: () => (counts.hints += 1) },
  telemetry: { emit: () => (counts.told += 1) },
});

process.on('message', () => {
  void hold().then((held) => process.send?.(held));
});
process.on('disconnect', () => {
  void server.close().then(() => {
    metrics.close();
  });
});
process.send?.(server.url);

/** Sockets that are closed linger for a moment: only what stays is held. */
async function hold(): Promise<Held> {
  let held: Held | undefined;
  for (let round = 0; round < 20; round += 1) {
    await sleep(50);
    global.gc?.();
    const now = {
      heapBytes: process.memoryUsage().heapUsed,
      resources: process.getActiveResourcesInfo().length,
    };
    held = {
      heapBytes: Math.min(now.heapBytes, held?.heapBytes ?? Infinity),
      resources: Math.min(now.resources, held?.resources ?? Infinity),
      ...counts,
    };
  }
  return held!;
}
