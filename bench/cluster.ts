import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { CallEntry } from '../src/emulator/calls.ts';
import { type ControlPlane, startControlPlane } from '../test/support/control-plane.ts';
import { root } from '../tools/files.ts';
import type { TownObject } from './kubernetes-town.ts';
import { cli, serve } from './process.ts';
import type { ScaleSettings } from './scale-town.ts';

/* What every bench of a cluster stands on: an API server with our definitions, a platform beside it, built controllers. */

/** The platform, and the connection to it as objects. */
interface Ready {
  readonly endpoint: string;
  readonly pid: number;
  readonly manifests: readonly object[];
}

export interface Platform {
  readonly pid: number;
  /** Calls since they were last forgotten, in the order in which they were answered. */
  readonly calls: () => Promise<readonly CallEntry[]>;
  readonly forgetCalls: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A controller that runs. */
export interface Controller {
  readonly pid: number;
  /** When it was started, by `performance.now()`. */
  readonly startedAt: number;
  /** A page of it: status and text. */
  readonly page: (path: string) => Promise<readonly [number, string]>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Runs something on a control plane of its own that knows our definitions; needs Go, or `KUBEBUILDER_ASSETS`. */
export async function withPlane<T>(use: (plane: ControlPlane) => Promise<T>): Promise<T> {
  const plane = await startControlPlane();
  try {
    await kubectl(plane, ['apply', '--server-side', '-f', join(root, 'crds')]);
    await kubectl(plane, ['create', 'namespace', 'fairlead-system']);
    const established = ['--for=condition=Established', 'crd', '--all', '--timeout=60s'];
    await kubectl(plane, ['wait', ...established]);
    return await use(plane);
  } finally {
    await plane.stop();
  }
}

async function kubectl(plane: ControlPlane, args: readonly string[], input = ''): Promise<void> {
  const { exitCode, stderr } = await plane.kubectl(args, { input });
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}

/** A platform that holds every record of these namespaces, and its connection in the cluster. */
export async function startPlatform(
  plane: ControlPlane,
  settings: ScaleSettings,
): Promise<Platform> {
  // With 100,000 targets each of them is a document, a mark and a record for a moment.
  const flags = ['--max-old-space-size=8000'];
  const server = await serve<Ready>('serve-cluster.ts', [JSON.stringify(settings)], flags);
  const { endpoint, pid, manifests } = server.ready;
  const list = { apiVersion: 'v1', kind: 'List', items: manifests };
  await kubectl(plane, ['apply', '--server-side', '-f', '-'], JSON.stringify(list));
  return {
    pid,
    async calls() {
      const answer = await fetch(`${endpoint}/console/calls`);
      return (await answer.json()) as readonly CallEntry[];
    },
    async forgetCalls() {
      await fetch(`${endpoint}/console/reset-calls`, { method: 'POST', body: '{}' });
    },
    stop: server.stop,
  };
}

const plurals: Readonly<Record<string, string>> = {
  MiniProgram: 'miniprograms',
  MiniProgramRelease: 'miniprogramreleases',
};

/** Path of objects in a namespace at the API server. */
export function pathOf(namespace: string, kind: string): string {
  return `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/${plurals[kind] ?? ''}`;
}

/** Does something with each, as many at a time as connections are open. */
export async function eachOf<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  width = 8,
): Promise<void> {
  const rest = [...items].values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

export async function loadObjects(
  plane: ControlPlane,
  objects: Iterable<TownObject>,
): Promise<void> {
  await eachOf(objects, async (object) => {
    const path = pathOf(object.metadata.namespace, object.kind);
    const { status, body } = await plane.call(path, { method: 'POST', body: object });
    if (status !== 201) throw new Error(`${object.metadata.name}: ${JSON.stringify(body)}`);
  });
}

export interface Starting {
  readonly folder: string;
  readonly kubeconfig: string;
  /** Spec of its Settings. */
  readonly settings: object;
  /** Further arguments of `run --kubernetes`. */
  readonly args?: readonly string[];
}

/** Starts the built controller and waits until it serves its pages. */
export async function startController(starting: Starting): Promise<Controller> {
  const { folder, kubeconfig, settings, args = [] } = starting;
  const startedAt = performance.now();
  const config = join(folder, `settings-${String(startedAt)}.yaml`);
  await writeFile(config, JSON.stringify(settingsFile(settings)));
  const files = ['--kubeconfig', kubeconfig, '--config', config];
  const run = ['run', '--kubernetes', ...files, ...args, '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [...extraFlags(), cli, ...run], {
    env: {
      ...(await allocatorOfImage()),
      ...{ PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C.UTF-8' },
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const url = await urlOf(child);
  return {
    ...{ pid: child.pid ?? 0, startedAt },
    async page(path) {
      const response = await fetch(`${url}${path}`);
      return [response.status, await response.text()];
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

/** How the image tells its allocator to give memory back. */
async function allocatorOfImage(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(root, 'Dockerfile'), 'utf8');
  const found = [...text.matchAll(/^\s+(MALLOC_[A-Z_]+)=(\d+)/gm)];
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
}

function settingsFile(spec: object): object {
  const head = { apiVersion: 'fairlead.dev/v1alpha1', kind: 'Settings' };
  return { ...head, metadata: { name: 'settings' }, spec };
}

/** `--node-flags=--cpu-prof,...`: to look closer at the controller. */
function extraFlags(): readonly string[] {
  const given = process.argv.find((arg) => arg.startsWith('--node-flags='));
  return given?.slice('--node-flags='.length).split(',') ?? [];
}

/** Its log is read to the end: whoever writes to a closed one pays for an error with every line. */
function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said: string | undefined = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      if (said === undefined) return;
      said += chunk.toString();
      const url = /serving (http:\S+)/.exec(said)?.[1];
      if (url === undefined) return;
      said = undefined;
      resolve(url);
    });
    child.once('close', () => {
      reject(new Error(`the controller ended: ${said ?? ''}`));
    });
  });
}

/** Waits until all that is declared is on the platform, by the controller's own account. */
export async function untilInSync({ page }: Controller, programs: number): Promise<void> {
  for (;;) {
    const began = performance.now();
    const [, text] = await page('/metrics');
    const found = /^fairlead_programs\{[^}]*state="InSync"[^}]*\} (\d+)/m.exec(text)?.[1];
    if (Number(found) === programs) return;
    // All programs are counted for each page: most of the time is the controller's.
    await sleep(Math.max(100, 20 * (performance.now() - began)));
  }
}

export async function untilReady({ page }: Controller): Promise<void> {
  while ((await page('/readyz'))[0] !== 200) await sleep(20);
}
