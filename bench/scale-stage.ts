import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { CallEntry } from '../src/emulator/calls.ts';
import { type ControlPlane, startControlPlane } from '../test/support/control-plane.ts';
import { root } from '../tools/files.ts';
import { objectsOf, type ScaleSettings } from './scale-town.ts';
import { cli, inFolder, serve } from './process.ts';

/** An API server that holds objects of several namespaces, a platform that holds their records, and no controller yet. */
export interface ScaleStage {
  readonly plane: ControlPlane;
  readonly settings: ScaleSettings;
  /** Writes at the platform since they were last forgotten, in the order in which they were answered. */
  readonly writes: () => Promise<readonly CallEntry[]>;
  readonly forget: () => Promise<void>;
  readonly start: (args: readonly string[], settings?: object) => Promise<Replica>;
}

/** A controller that runs. */
export interface Replica {
  readonly pid: number;
  /** A page of it: status and text. */
  readonly page: (path: string) => Promise<readonly [number, string]>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

interface Platform {
  readonly endpoint: string;
  readonly manifests: readonly object[];
}

type Wanted = Omit<ScaleSettings, 'namespaces'> & {
  /** How many programs each namespace declares; namespaces are made for it. */
  readonly programs: readonly number[];
};

/** Runs something on a control plane of its own; needs Go, or `KUBEBUILDER_ASSETS`. */
export function withScale<T>(wanted: Wanted, use: (stage: ScaleStage) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const plane = await startControlPlane();
    const started: Replica[] = [];
    try {
      await prepare(plane);
      const namespaces = [];
      for (const programs of wanted.programs)
        namespaces.push({ name: await plane.namespace(), programs });
      const settings: ScaleSettings = { ...wanted, namespaces };
      const platform = await serve<Platform>('serve-scale.ts', [JSON.stringify(settings)]);
      try {
        const { endpoint, manifests } = platform.ready;
        const list = { apiVersion: 'v1', kind: 'List', items: manifests };
        await kubectl(plane, ['apply', '--server-side', '-f', '-'], JSON.stringify(list));
        await load(plane, settings);
        return await use({
          ...{ plane, settings },
          async start(args, spec = {}) {
            const file = join(folder, `settings-${started.length}.yaml`);
            await writeFile(file, JSON.stringify(settingsFile(spec)));
            const all = ['--kubeconfig', plane.kubeconfig, '--config', file, ...args];
            const replica = await startReplica(folder, all);
            started.push(replica);
            return replica;
          },
          async writes() {
            const answer = await fetch(`${endpoint}/console/calls`);
            return ((await answer.json()) as readonly CallEntry[]).filter(isWrite);
          },
          async forget() {
            await fetch(`${endpoint}/console/reset-calls`, { method: 'POST', body: '{}' });
          },
        });
      } finally {
        for (const replica of started) await replica.stop('SIGKILL');
        await platform.stop();
      }
    } finally {
      await plane.stop();
    }
  });
}

function isWrite({ operation }: CallEntry): boolean {
  return operation === 'patchReleaseConfig' || operation === 'createRelease';
}

function settingsFile(spec: object): object {
  const head = { apiVersion: 'fairlead.dev/v1alpha1', kind: 'Settings' };
  return { ...head, metadata: { name: 'settings' }, spec };
}

async function kubectl(plane: ControlPlane, args: readonly string[], input = ''): Promise<void> {
  const { exitCode, stderr } = await plane.kubectl(args, { input });
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}

async function prepare(plane: ControlPlane): Promise<void> {
  await kubectl(plane, ['apply', '--server-side', '-f', join(root, 'crds')]);
  await kubectl(plane, ['create', 'namespace', 'fairlead-system']);
  await kubectl(plane, [
    ...['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'],
  ]);
}

const plurals: Readonly<Record<string, string>> = {
  MiniProgram: 'miniprograms',
  MiniProgramRelease: 'miniprogramreleases',
};

function pathOf(namespace: string, kind: string): string {
  return `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/${plurals[kind] ?? ''}`;
}

/** As many at a time as connections are open. */
async function eachOf<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  width = 8,
): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function load(plane: ControlPlane, settings: ScaleSettings): Promise<void> {
  const objects = settings.namespaces.flatMap(({ name }) => objectsOf(settings, name));
  await eachOf(objects, async (object) => {
    const path = pathOf(object.metadata.namespace, object.kind);
    const { status, body } = await plane.call(path, { method: 'POST', body: object });
    if (status !== 201) throw new Error(`${object.metadata.name}: ${JSON.stringify(body)}`);
  });
}

export interface Change {
  readonly namespace: string;
  readonly value: string;
  /** The first release that is changed, by its place. Default 0. */
  readonly from?: number;
  /** Absent: all of them. */
  readonly count?: number;
}

/** Changes the first target of releases of a namespace; each change is one write. */
export async function change(
  { plane, settings }: ScaleStage,
  { namespace, value, from = 0, count }: Change,
  width?: number,
): Promise<void> {
  const releases = objectsOf(settings, namespace)
    .filter(({ kind }) => kind === 'MiniProgramRelease')
    .slice(from, count === undefined ? undefined : from + count);
  const patch = [{ op: 'replace', path: '/spec/targets/0/config/merchantId', value }];
  await eachOf(
    releases,
    async ({ metadata }) => {
      const path = `${pathOf(namespace, 'MiniProgramRelease')}/${metadata.name}`;
      const contentType = 'application/json-patch+json';
      const { status, body } = await plane.call(path, {
        ...{ method: 'PATCH', body: patch, contentType },
      });
      if (status !== 200) throw new Error(`${metadata.name}: ${JSON.stringify(body)}`);
    },
    width,
  );
}

async function startReplica(folder: string, args: readonly string[]): Promise<Replica> {
  const all = [cli, 'run', '--kubernetes', ...args, '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, all, {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C.UTF-8' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const url = await urlOf(child);
  return {
    pid: child.pid ?? 0,
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
export async function untilInSync({ page }: Replica, programs: number): Promise<void> {
  for (;;) {
    const [, text] = await page('/metrics');
    const found = /^fairlead_programs\{[^}]*state="InSync"[^}]*\} (\d+)/m.exec(text)?.[1];
    if (Number(found) === programs) return;
    await sleep(200);
  }
}

/** The first release of a namespace: its object, and its records as the platform's call log begins to name them. */
export function objectNamed(settings: ScaleSettings, namespace: string) {
  const all = objectsOf(settings, namespace);
  const program = all.find(({ kind }) => kind === 'MiniProgram');
  const release = all.find(({ kind }) => kind === 'MiniProgramRelease');
  const { id = '' } = (program?.spec ?? {}) as { readonly id?: string };
  return { object: release?.metadata.name ?? '', record: `acme/${id}/` };
}
