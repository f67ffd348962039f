/**
 * A process that holds shards and writes to a judge for each of them, as long as its Leases say that it may.
 *
 * node lease-process.ts KUBECONFIG NAMESPACE IDENTITY TOTAL JUDGE DURATION,DEADLINE,RETRY
 */
import { Agent, request } from 'node:http';

import { systemClock, systemRandom } from '../../src/cli/system.ts';
import { openCluster } from '../../src/kubernetes/index.ts';
import type { HeldShard } from '../../src/ports/cluster.ts';

const [kubeconfig = '', namespace = '', identity = '', total = '1', judge = '', times = ''] =
  process.argv.slice(2);
const [durationMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2000] = times
  .split(',')
  .map(Number);

const stopping = new AbortController();
const cluster = await openCluster(
  { access: { kind: 'kubeconfig', files: [kubeconfig] }, userAgent: identity, identity },
  { clock: systemClock, random: systemRandom, signal: stopping.signal },
);
const shards = cluster.shards({
  ...{ namespace, name: 'fairlead', total: Number(total) },
  times: { durationMs, renewDeadlineMs, retryMs },
});
const agent = new Agent({ keepAlive: true });
const writeMs = 100;
const held = new Map<HeldShard, number>();
let holds = 0;

function write(shard: HeldShard, hold: number): void {
  if (shard.heldUntil() <= systemClock.mono() + writeMs) return;
  // One clock for all processes of this machine.
  const at = process.hrtime.bigint() / 1000n;
  const path = `${judge}/?shard=${shard.index}&hold=${identity}.${hold}&at=${at}`;
  const sent = request(path, { agent, method: 'POST' }, (answer) => answer.resume());
  sent.on('error', () => undefined);
  sent.end();
}

async function collect(): Promise<void> {
  for (;;) {
    const shard = await shards.won(stopping.signal);
    holds += 1;
    held.set(shard, holds);
    shard.signal.addEventListener('abort', () => {
      held.delete(shard);
      shard.drained?.();
    });
  }
}

collect().catch(() => undefined);
const writing = setInterval(() => {
  for (const [shard, hold] of held) write(shard, hold);
}, 10);

process.once('SIGTERM', () => {
  clearInterval(writing);
  void shards.release().then(() => {
    process.exit(0);
  });
});
