import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { CallEntry } from '../src/emulator/calls.ts';
import { type ControlPlane, startControlPlane } from '../test/support/control-plane.ts';
import { root } from '../tools/files.ts';
import { type Spread, townObjects } from './kubernetes-town.ts';
import { cli, inFolder, serve } from './process.ts';

/** An API server that holds a town's objects, a platform that holds its records, and no controller yet. */
export interface KubernetesStage {
  readonly plane: ControlPlane;
  readonly namespace: string;
  readonly spread: Spread;
  /** Of the platform. */
  readonly pid: number;
  readonly calls: () => Promise<readonly CallEntry[]>;
  readonly forgetCalls: () => Promise<void>;
  /** Runs something beside the built controller, from its start to its end. */
  readonly withController: <T>(
    intervals: { readonly sweepSeconds: number },
    use: (controller: Controller) => Promise<T>,
  ) => Promise<T>;
}

export interface Controller {
  readonly pid: number;
  /** When it was started, by `performance.now()`. */
  readonly startedAt: number;
  /** A page of it: status and text. */
  readonly page: (path: string) => Promise<readonly [number, string]>;
}

interface Platform {
  readonly endpoint: string;
  readonly pid: number;
  readonly manifests: readonly object[];
}

/** Runs something on a control plane of its own; needs Go, or `KUBEBUILDER_ASSETS`. */
export function withKubernetes<T>(
  spread: Spread,
  use: (stage: KubernetesStage) => Promise<T>,
): Promise<T> {
  return inFolder(async (folder) => {
    const plane = await startControlPlane();
    try {
      await prepare(plane);
      const namespace = await plane.namespace();
      const sizes = [spread.programs, spread.releases, spread.targets].map(String);
      const flags = ['--max-old-space-size=8000'];
      const script = 'serve-kubernetes-town.ts';
      const platform = await serve<Platform>(script, [...sizes, namespace], flags);
      try {
        const { endpoint, pid, manifests } = platform.ready;
        await apply(plane, manifests);
        await load(plane, townObjects(spread, namespace));
        const anything = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
        const { kubeconfig } = await plane.user('fairlead', [{ rules: [anything] }]);
        return await use({
          ...{ plane, namespace, spread, pid },
          withController: (intervals, used) =>
            withController({ folder, kubeconfig, ...intervals }, used),
          calls: async () =>
            (await (await fetch(`${endpoint}/console/calls`)).json()) as readonly CallEntry[],
          forgetCalls: async () => {
            await fetch(`${endpoint}/console/reset-calls`, { method: 'POST', body: '{}' });
          },
        });
      } finally {
        await platform.stop();
      }
    } finally {
      await plane.stop();
    }
  });
}

async function kubectl(plane: ControlPlane, args: readonly string[], input = ''): Promise<void> {
  const { exitCode, stderr } = await plane.kubectl(args, { input });
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}

async function prepare(plane: ControlPlane): Promise<void> {
  await kubectl(plane, ['apply', '--server-side', '-f', join(root, 'crds')]);
  await kubectl(plane, ['create', 'namespace', 'fairlead-system']);
  const established = ['--for=condition=Established', 'crd', '--all', '--timeout=60s'];
  await kubectl(plane, ['wait', ...established]);
}

async function apply(plane: ControlPlane, manifests: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: manifests };
  await kubectl(plane, ['apply', '--server-side', '-f', '-'], JSON.stringify(list));
}

/** As many as connections are open at a time. */
const loaders = 8;

const plurals = {
  MiniProgram: 'miniprograms',
  MiniProgramRelease: 'miniprogramreleases',
  ConfigProfile: 'configprofiles',
} as const;

async function load(plane: ControlPlane, objects: ReturnType<typeof townObjects>): Promise<void> {
  const loader = async (): Promise<void> => {
    for (const object of objects) {
      const path = `${collection(object.metadata.namespace)}/${plurals[object.kind]}`;
      const { status, body } = await plane.call(path, { method: 'POST', body: object });
      if (status !== 201) throw new Error(`${object.metadata.name}: ${JSON.stringify(body)}`);
    }
  };
  await Promise.all(Array.from({ length: loaders }, loader));
}

/** Path of what is ours in a namespace. */
export function collection(namespace: string): string {
  return `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}`;
}

interface Starting {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly sweepSeconds: number;
}

async function withController<T>(
  { folder, kubeconfig, sweepSeconds }: Starting,
  use: (controller: Controller) => Promise<T>,
): Promise<T> {
  const config = join(folder, 'settings.yaml');
  const settings = {
    apiVersion: 'fairlead.dev/v1alpha1',
    kind: 'Settings',
    metadata: { name: 'settings' },
    spec: { intervals: { sweepSeconds } },
  };
  await writeFile(config, JSON.stringify(settings));
  const files = ['--kubeconfig', kubeconfig, '--config', config];
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [...extraFlags(), cli, 'run', '--kubernetes', ...files, '--listen', '127.0.0.1:0'],
    {
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C.UTF-8' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  try {
    const url = await urlOf(child);
    return await use({
      pid: child.pid ?? 0,
      startedAt,
      async page(path) {
        const response = await fetch(`${url}${path}`);
        return [response.status, await response.text()];
      },
    });
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}

/** `--node-flags=--cpu-prof,...`: to look closer at the controller. */
function extraFlags(): readonly string[] {
  const given = process.argv.find((arg) => arg.startsWith('--node-flags='));
  return given?.slice('--node-flags='.length).split(',') ?? [];
}

async function urlOf(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of child.stderr ?? []) {
    said += String(chunk);
    const url = /serving (http:\S+)/.exec(said)?.[1];
    if (url === undefined) continue;
    child.stderr?.on('data', () => undefined);
    return url;
  }
  throw new Error(`the controller ended: ${said}`);
}

/** Waits until all that is declared is on the platform, by the controller's own account. */
export async function untilInSync({ page }: Controller, programs: number): Promise<void> {
  for (;;) {
    const [, text] = await page('/metrics');
    const found = /^fairlead_programs\{[^}]*state="InSync"[^}]*\} (\d+)/m.exec(text)?.[1];
    if (Number(found) === programs) return;
    await sleep(100);
  }
}

export async function untilReady({ page }: Controller): Promise<void> {
  while ((await page('/readyz'))[0] !== 200) await sleep(20);
}

/** CPU and memory of a process, as the kernel counts them. */
export async function usedBy(pid: number) {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  // Behind the name, which may hold anything: the state is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const mebibytes = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
    rssMiB: mebibytes('VmRSS'),
    peakMiB: mebibytes('VmHWM'),
  };
}
