import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { root } from '../../tools/files.ts';
import { type ControlPlane, startControlPlane } from '../support/control-plane.ts';
import { faultProxy } from '../support/kubernetes-proxy.ts';
import { seededRandom } from '../support/random.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.stop());

const told: string[] = [];
afterEach(({ task }) => {
  console.log(`${task.name}\n  ${told.splice(0).join('\n  ')}`);
});

const times = '1500,1000,200';
/** Where no hold may end although the machine is busy: renewed as often, and believed for long. */
const patientTimes = '15000,10000,200';

interface Write {
  readonly shard: string;
  /** Who, and which of its holds. */
  readonly hold: string;
  /** When it was sent, microseconds of the machine's one monotonic clock. */
  readonly at: number;
}

const now = (): number => Number(process.hrtime.bigint() / 1000n);

/** Where processes write to; it knows who wrote when. */
async function judge() {
  const writes: Write[] = [];
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://judge').searchParams;
    const [shard, hold] = [query.get('shard') ?? '', query.get('hold') ?? ''];
    writes.push({ shard, hold, at: Number(query.get('at')) });
    request.resume();
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes,
    of: (shard: string) => writes.filter((write) => write.shard === shard),
    /** Writes that were sent under a hold after the next one had begun to write. */
    late: () => {
      const sent = writes.toSorted((a, b) => a.at - b.at);
      const newest = new Map<string, Set<string>>();
      return sent.filter(({ shard, hold }) => {
        const before = newest.get(shard) ?? new Set();
        newest.set(shard, before);
        const isLate = before.has(hold) && [...before].at(-1) !== hold;
        before.add(hold);
        return isLate;
      });
    },
  };
}

type Judge = Awaited<ReturnType<typeof judge>>;

interface Stage {
  readonly namespace: string;
  readonly judge: Judge;
  start(identity: string, kubeconfig?: string): ChildProcess;
}

async function stage(total: number, leaseTimes = times): Promise<Stage> {
  const namespace = await plane.namespace();
  const seen = await judge();
  return {
    namespace,
    judge: seen,
    start(identity, kubeconfig = plane.kubeconfig) {
      const script = join(root, 'test/support/lease-process.ts');
      const child = spawn(
        process.execPath,
        [script, kubeconfig, namespace, identity, String(total), seen.url, leaseTimes],
        { stdio: ['ignore', 'inherit', 'inherit'] },
      );
      onTestFinished(() => {
        child.kill('SIGKILL');
      });
      return child;
    },
  };
}

/** The test's own deadline says when it never comes. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}

const writesBy = ({ writes }: Judge, identity: string): readonly Write[] =>
  writes.filter(({ hold }) => hold.startsWith(`${identity}.`));

async function hasWritten(judge_: Judge, identity: string): Promise<void> {
  await until(() => writesBy(judge_, identity).length > 0);
}

/** As many processes as asked for have their own Leases. */
async function membersAre(namespace: string, count: number): Promise<void> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const selector = 'labelSelector=fairlead.dev/lease=member';
  for (;;) {
    const { body } = await plane.call(`${path}?${selector}`);
    if ((body as { items: unknown[] }).items.length === count) return;
    await sleep(20);
  }
}

/** Two processes, of which the first one holds the only shard. */
async function pair(kubeconfig?: string, leaseTimes = times) {
  const { judge: seen, start, namespace } = await stage(1, leaseTimes);
  const leader = start('a', kubeconfig);
  await hasWritten(seen, 'a');
  const other = start('b');
  await membersAre(namespace, 2);
  return { seen, leader, other, namespace };
}

function tellHandOver(seen: Judge, since: number, what: string): void {
  const first = writesBy(seen, 'b')[0]?.at ?? Number.NaN;
  told.push(`${what}: the next one wrote ${Math.round((first - since) / 1000)} ms later`);
}

describe('a shard passes from one process to another', () => {
  it('when its holder is killed', async () => {
    const { seen, leader } = await pair();

    const at = now();
    leader.kill('SIGKILL');
    await hasWritten(seen, 'b');

    tellHandOver(seen, at, 'SIGKILL at 1.5/1/0.2 s');
    expect(seen.late()).toEqual([]);
  });

  it('when its holder stops', async () => {
    const { seen, leader } = await pair();

    const at = now();
    leader.kill('SIGTERM');
    const [code] = (await once(leader, 'exit')) as [number];
    await hasWritten(seen, 'b');

    tellHandOver(seen, at, 'SIGTERM at 1.5/1/0.2 s');
    expect(code).toBe(0);
    expect(seen.late()).toEqual([]);
  });

  it('when its holder sleeps, who knows it when it wakes up', async () => {
    const { seen, leader, other } = await pair();
    const processes = { a: leader, b: other };
    const pauses = 8;

    for (let pause = 0; pause < pauses; pause += 1) {
      const asleep = seen.writes.at(-1)?.hold.startsWith('a.') ? 'a' : 'b';
      const awake = asleep === 'a' ? 'b' : 'a';
      processes[asleep].kill('SIGSTOP');
      await sleep(50);
      const before = writesBy(seen, awake).length;
      await until(() => writesBy(seen, awake).length > before);
      processes[asleep].kill('SIGCONT');
      await sleep(400);
    }

    told.push(`${pauses} holders put to sleep; writes after it: ${seen.late().length}`);
    expect(seen.late()).toEqual([]);
  });

  it('when its holder hears nothing of the API server', async () => {
    const proxy = await faultProxy(plane);
    const { seen } = await pair(proxy.kubeconfig);

    proxy.onRequest = () => 'hang';
    told.push('every request of the holder hangs');
    await hasWritten(seen, 'b');
    const writes = writesBy(seen, 'a').length;
    proxy.onRequest = () => 'pass';
    proxy.breakAll();
    await sleep(1000);

    expect(seen.late()).toEqual([]);
    expect(writesBy(seen, 'a')).toHaveLength(writes);
  });

  it('when answers to renewals are lost, it does not', async () => {
    const proxy = await faultProxy(plane);
    const { seen } = await pair(proxy.kubeconfig, patientTimes);

    let lost = 0;
    proxy.onRequest = ({ method }) => {
      if (method !== 'PUT') return 'pass';
      lost += 1;
      return lost % 2 === 0 ? 'pass' : 'loseAnswer';
    };
    await until(() => lost >= 20);

    told.push(`${lost} renewals, the answer of every second one lost`);
    expect(new Set(seen.writes.map(({ hold }) => hold))).toEqual(new Set(['a.1']));
  });

  it('when somebody steals it, and back when the thief is gone', async () => {
    const { seen, namespace } = await pair();
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/fairlead-shard-0`;

    const { status } = await plane.call(path, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { spec: { holderIdentity: 'thief' } },
    });
    const stolenAt = now();
    await until(() => seen.writes.some(({ at }) => at > stolenAt + 1_000_000));

    const after = seen.writes.filter(({ at }) => at > stolenAt);
    const under = after.filter(({ hold }) => hold === 'a.1').length;
    told.push(`stolen: ${under} writes until the holder noticed, at 10 ms each`);
    expect(status).toBe(200);
    const next = after.map(({ hold }) => hold).filter((hold) => hold !== 'a.1');
    expect(new Set(next).size).toBe(1);
    expect(seen.late()).toEqual([]);
  });
});

describe('three shards', () => {
  it('have one writer each while processes are killed, put to sleep and started', async () => {
    const { judge: seen, start, namespace } = await stage(3);
    const random = seededRandom(5);
    const processes: ChildProcess[] = [];
    const launch = (): void => {
      processes.push(start(`p${processes.length}`));
    };
    launch();
    launch();
    await membersAre(namespace, 2);

    for (let round = 0; round < 10; round += 1) {
      const victim = processes[processes.length - 1 - Math.floor(random.next() * 2)];
      const isKilled = random.next() < 0.6;
      victim?.kill(isKilled ? 'SIGKILL' : 'SIGSTOP');
      if (isKilled) launch();
      await sleep(random.next() * 2500);
      victim?.kill('SIGCONT');
      told.push(`${victim?.pid} ${isKilled ? 'killed, and another one started' : 'put to sleep'}`);
    }
    const since = now();
    await until(() =>
      ['0', '1', '2'].every((shard) => seen.of(shard).some(({ at }) => at > since)),
    );

    told.push(`${seen.writes.length} writes, ${seen.late().length} after their hold`);
    expect(seen.late()).toEqual([]);
  });
});
