import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { atMost, exactly, reference, type Measure } from './measure.ts';
import { cli, median } from './process.ts';
import { townDeclarations, targetsPerProgram, type TownSize } from './town.ts';
import { withTown, writeFiles, type Served } from './town-served.ts';

/*
 * The built controller as its own process, over a real repository and a real socket: calls of a sweep and of a commit,
 * milliseconds from a commit to its first write, and what it costs to stand still.
 */

const run = promisify(execFile);
const webhookSecret = 'a secret of this measure';
const jiffiesPerSecond = 100;

interface Controlled {
  readonly pid: number;
  /** Commits the folder's files and tells the controller. @returns when the commit began, epoch milliseconds */
  readonly commit: () => Promise<number>;
  /** Waits until the controller says that all is in sync. */
  readonly inSync: () => Promise<void>;
}

interface Intervals {
  readonly lookSeconds: number;
  readonly sweepSeconds: number;
}

/** Runs something beside a controller that follows the town's folder as a repository. */
async function withController<T>(
  town: Served,
  intervals: Intervals,
  use: (controlled: Controlled) => Promise<T>,
): Promise<T> {
  const git = (...args: readonly string[]) => run('git', [...args], { cwd: town.declarations });
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'bench');
  await git('config', 'user.email', 'bench@example.test');
  await git('add', '--all');
  await git('commit', '--quiet', '--message=first');
  const config = join(town.folder, 'fairlead.yaml');
  await writeFile(config, await settingsOf(town, intervals));
  const state = join(town.folder, 'controller');
  const child = spawn(
    process.execPath,
    [cli, 'run', '--config', config, '--state', state, '--listen', '127.0.0.1:0'],
    { env: { PATH: process.env['PATH'] ?? '', ...town.env }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    const url = await urlOf(child);
    const inSync = () => untilInSync(join(state, 'status.json'));
    await inSync();
    return await use({
      pid: await realPid(child, join(state, 'controller.json')),
      inSync,
      async commit() {
        await git('add', '--all');
        const began = Date.now();
        await git('commit', '--quiet', '--message=change');
        await hint(url);
        return began;
      },
    });
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

async function settingsOf(town: Served, { lookSeconds, sweepSeconds }: Intervals): Promise<string> {
  const connection = await readFile(join(town.folder, 'connections.yaml'), 'utf8');
  return `${connection}
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: town }
spec: { url: "file://${town.declarations}", ref: { branch: main }, intervalSeconds: ${String(lookSeconds)} }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  allowFileUrls: true
  intervals: { sweepSeconds: ${String(sweepSeconds)} }
  server: { webhooks: [{ name: bench, form: generic, secret: { env: BENCH_SECRET } }] }
`;
}

async function urlOf(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of child.stderr ?? []) {
    said += String(chunk);
    const url = /serving (http:\S+)/.exec(said)?.[1];
    if (url !== undefined) {
      child.stderr?.resume();
      return url;
    }
  }
  throw new Error(`the controller ended: ${said}`);
}

/** The launcher may have started another Node: the process that works says who it is. */
async function realPid(child: ChildProcess, file: string): Promise<number> {
  const { pid } = JSON.parse(await readFile(file, 'utf8')) as { readonly pid: number };
  return pid > 0 ? pid : (child.pid ?? 0);
}

async function untilInSync(file: string): Promise<void> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '{}');
    const { programs = [] } = JSON.parse(text) as { programs?: readonly { state: string }[] };
    if (programs.length > 0 && programs.every(({ state }) => state === 'InSync')) return;
    await sleep(200);
  }
}

async function hint(url: string): Promise<void> {
  const body = '{}';
  const mac = createHmac('sha256', webhookSecret).update(body).digest('hex');
  const response = await fetch(`${url}/webhooks/bench`, {
    method: 'POST',
    body,
    headers: { 'x-signature-256': `sha256=${mac}`, 'x-delivery': String(process.hrtime.bigint()) },
  });
  if (response.status !== 202) throw new Error(`the webhook said ${String(response.status)}`);
}

const small: TownSize = { targets: 2000, foreign: 3000 };
const commits = 21;

/** P1, P2 and the time from a commit to its first write. */
export const controllerCalls: Measure = () =>
  withTown(small, async (town) => {
    const env = { ...town.env, BENCH_SECRET: webhookSecret };
    return withController({ ...town, env }, { lookSeconds: 3600, sweepSeconds: 20 }, async (at) => {
      await town.forget();
      await sleep(25_000);
      const sweep = (await town.calls()).map(({ operation }) => operation);
      const waits: number[] = [];
      const hot: number[] = [];
      for (let changed = 1; changed <= commits; changed += 1) {
        await writeFiles(town.declarations, townDeclarations(small, changed));
        await town.forget();
        const began = await at.commit();
        const first = await firstWrite(town);
        waits.push(first - began);
        await sleep(100);
        const log = await town.calls();
        hot.push(log.filter(({ operation }) => !operation.startsWith('list')).length);
      }
      const lists = sweep.filter((operation) => operation === 'listReleases').length;
      return [
        exactly(0, {
          id: 'P1',
          what: 'controller, sweep of 2,000 of 5,000 records: calls that are no list',
          value: sweep.length - lists,
          unit: 'calls',
        }),
        exactly(2, {
          id: 'P2',
          what: 'controller, 1 target changed by a commit: calls',
          value: median(hot),
          unit: 'calls',
        }),
        atMost(300, {
          id: 'commit',
          what: `commit to first write, webhook on: median of ${String(commits)}`,
          value: median(waits),
          unit: 'ms',
        }),
      ];
    });
  });

async function firstWrite(town: Served): Promise<number> {
  for (;;) {
    const log = (await town.calls()) as readonly { operation: string; at: string | number }[];
    const write = log.find(({ operation }) => operation === 'patchReleaseConfig');
    if (write) return new Date(write.at).getTime();
    await sleep(20);
  }
}

const large: TownSize = { targets: 10_000, foreign: 2_000 };
const steadyMs = 600_000;

/** What it costs to stand still: 10,000 targets in 500 programs, polled every 10 s, swept every 5 minutes. */
export const controllerSteady: Measure = () =>
  withTown(large, async (town) => {
    const env = { ...town.env, BENCH_SECRET: webhookSecret };
    const intervals = { lookSeconds: 10, sweepSeconds: 300 };
    return withController({ ...town, env }, intervals, async ({ pid }) => {
      await sleep(20_000);
      const before = await usedBy(pid);
      await sleep(steadyMs);
      const after = await usedBy(pid);
      const share = ((after.cpuMs - before.cpuMs) / steadyMs) * 100;
      const programs = large.targets / targetsPerProgram;
      const what = `controller at rest, ${String(large.targets)} targets in ${String(programs)} programs, 10 minutes`;
      return [
        atMost(1, { id: 'steady', what: `${what}: of a core`, value: share, unit: '%' }),
        atMost(150, {
          id: 'steady',
          what: `${what}: resident`,
          value: after.rssMiB,
          unit: 'MiB',
        }),
        reference({
          id: 'steady',
          what: `${what}: git and other children, of a core`,
          value: ((after.childrenMs - before.childrenMs) / steadyMs) * 100,
          unit: '%',
        }),
      ];
    });
  });

/** What a process used so far, as the kernel counts it. */
async function usedBy(pid: number) {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  // Behind the name, which may hold anything: the state is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ms = (...numbers: readonly number[]): number =>
    (numbers.reduce((sum, number) => sum + Number(fields[number - 3]), 0) / jiffiesPerSecond) *
    1000;
  return {
    cpuMs: ms(14, 15),
    childrenMs: ms(16, 17),
    rssMiB: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
  };
}
