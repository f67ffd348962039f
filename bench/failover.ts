import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type ControlPlane, startControlPlane } from '../test/support/control-plane.ts';
import { root } from '../tools/files.ts';
import { atMost, exactly, type Row } from './measure.ts';

const runs = 5;
const times = '15000,10000,2000';

interface Arrived {
  readonly by: string;
  readonly at: number;
}

interface Judge {
  readonly url: string;
  readonly arrived: Arrived[];
  readonly server: Server;
}

/** Where whoever holds the shard writes to, every 10 ms. */
async function openJudge(): Promise<Judge> {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    const hold = new URL(request.url ?? '/', 'http://judge').searchParams.get('hold') ?? '';
    arrived.push({ by: hold.slice(0, 1), at: performance.now() });
    request.resume();
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, arrived, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Milliseconds from the signal to the next one's first write, and writes of the first one after it. */
async function handOver(
  plane: ControlPlane,
  signal: 'SIGKILL' | 'SIGTERM',
  afterMs: number,
): Promise<{ readonly ms: number; readonly late: number }> {
  const judge = await openJudge();
  const namespace = await plane.namespace();
  const start = (identity: string): ChildProcess => {
    const script = join(root, 'test/support/lease-process.ts');
    const args = [script, plane.kubeconfig, namespace, identity, '1', judge.url, times];
    return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  const wrote = async (by: string): Promise<void> => {
    while (!judge.arrived.some((each) => each.by === by)) await sleep(5);
  };
  const first = start('a');
  await wrote('a');
  const second = start('b');
  // Time for the second one to start and to see the first one renew; then any moment of the renewals.
  await sleep(4000 + afterMs);
  const at = performance.now();
  first.kill(signal);
  await wrote('b');
  const took = judge.arrived.find(({ by }) => by === 'b');
  const late = judge.arrived.filter((each) => each.by === 'a' && each.at > (took?.at ?? 0));
  second.kill('SIGKILL');
  judge.server.close();
  judge.server.closeAllConnections();
  return { ms: Math.round((took?.at ?? Number.NaN) - at), late: late.length };
}

/** P11: who takes over a Lease of 15, 10 and 2 seconds, and when. On a real API server; needs Go. */
export async function failover(): Promise<readonly Row[]> {
  const plane = await startControlPlane();
  try {
    const killed = [];
    const stopped = [];
    for (let run = 0; run < runs; run += 1) {
      killed.push(await handOver(plane, 'SIGKILL', run * 400));
      stopped.push(await handOver(plane, 'SIGTERM', run * 400));
    }
    const longest = (all: readonly { readonly ms: number }[]): number =>
      Math.max(...all.map(({ ms }) => ms));
    const unit = 'ms';
    return [
      atMost(17_000, {
        ...{ id: 'P11', unit, value: longest(killed) },
        what: `first write after SIGKILL, longest of ${runs}: ${killed.map(({ ms }) => ms).join(', ')}`,
      }),
      atMost(3_000, {
        ...{ id: 'P11', unit, value: longest(stopped) },
        what: `first write after SIGTERM, longest of ${runs}: ${stopped.map(({ ms }) => ms).join(', ')}`,
      }),
      exactly(0, {
        ...{ id: 'P11', unit: '' },
        what: 'writes of the one before after the next one began',
        value: [...killed, ...stopped].reduce((sum, { late }) => sum + late, 0),
      }),
    ];
  } finally {
    await plane.stop();
  }
}
