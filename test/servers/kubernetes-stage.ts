import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, onTestFinished, vi } from 'vitest';

import { createPlace, type EmulatorProcess, type Place, type Ran } from '../support/cli.ts';
import { startControlPlane, type ControlPlane } from '../support/control-plane.ts';
import { root } from '../../tools/files.ts';

/** Long enough for a machine that does much else; what waits, waits for a condition. */
export const patient = { timeout: 60_000, interval: 50 };

/** A platform, an API server, and controllers between them. */
export interface ClusterStage {
  readonly place: Place;
  readonly plane: ControlPlane;
  readonly emulator: EmulatorProcess;
  /** `kubectl apply --server-side` of a text. */
  readonly apply: (text: string, namespace?: string) => Promise<void>;
  /** Standard output of kubectl; fails where kubectl does. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** An object as JSON. */
  readonly get: (what: string, namespace?: string) => Promise<ShownObject>;
  /** Starts `fairlead run --kubernetes`, and waits until it follows. */
  readonly start: (args?: readonly string[], options?: StartOptions) => Promise<Running>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly kubeconfig?: string;
}

export interface ShownObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation: number;
    readonly resourceVersion: string;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
    readonly targets?: readonly Readonly<Record<string, string>>[];
    readonly counts?: Readonly<Record<string, number>>;
    readonly progress?: string;
    readonly changeId?: string;
    readonly usedApprovals?: readonly string[];
    readonly lastHandledReconcileAt?: string;
    readonly [more: string]: unknown;
  };
}

/** A controller that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** Address of its pages. */
  readonly url: string;
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ran>;
}

/** The test's own platform and controllers, on an API server that several tests may share. */
export async function clusterStage(
  plane: ControlPlane,
  world: string,
  emulatorArgs: readonly string[] = [],
  { isConnected = true }: { readonly isConnected?: boolean } = {},
): Promise<ClusterStage> {
  const place = await createPlace();
  const kind = ['--connection-kind', 'kubernetes', ...emulatorArgs];
  const emulator = await place.emulator(world, kind);
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await plane.kubectl(args);
    expect(exitCode, `kubectl ${args.join(' ')}: ${stderr}`).toBe(0);
    return stdout;
  };
  const apply = async (text: string, namespace?: string): Promise<void> => {
    const where = namespace === undefined ? [] : ['-n', namespace];
    const args = ['apply', '--server-side', '--force-conflicts', ...where, '-f', '-'];
    const { exitCode, stderr } = await plane.kubectl(args, { input: text });
    expect(exitCode, stderr).toBe(0);
  };
  if (isConnected) await apply(await place.read('connections.yaml'));
  // The next test's controllers shall find nothing but what is its own.
  onTestFinished(async () => {
    await plane.kubectl(['delete', 'mp,mpr,configprofile,gitsource', '--all', '--all-namespaces']);
  });
  return {
    ...{ place, plane, emulator, kubectl, apply },
    async get(what, namespace) {
      const where = namespace === undefined ? [] : ['-n', namespace];
      return JSON.parse(await kubectl('get', what, ...where, '-o', 'json')) as ShownObject;
    },
    start: (args = [], options = {}) => start(place, plane, { args, ...options }),
  };
}

/** A control plane with our definitions and the namespace of connections. */
export async function preparedPlane(): Promise<ControlPlane> {
  const plane = await startControlPlane();
  const crds = await plane.kubectl(['apply', '--server-side', '-f', join(root, 'crds')]);
  expect(crds.stderr, 'definitions').toBe('');
  const made = await plane.kubectl(['create', 'namespace', 'fairlead-system']);
  expect(made.exitCode, made.stderr).toBe(0);
  await plane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  return plane;
}

async function start(
  place: Place,
  plane: ControlPlane,
  { args, env = {}, kubeconfig = plane.kubeconfig }: StartOptions & { args: readonly string[] },
): Promise<Running> {
  let child: ChildProcess | undefined;
  let text = '';
  const ended = place.run(
    ['run', '--kubernetes', '--kubeconfig', kubeconfig, '--listen', '127.0.0.1:0', ...args],
    {
      env,
      during(started) {
        child = started;
        started.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      },
    },
  );
  const said = (): string => text;
  onTestFinished(async ({ task }) => {
    child?.kill('SIGTERM');
    await ended;
    if (task.result?.state === 'fail') process.stderr.write(`${text}\n`);
  });
  const url = await vi.waitFor(() => {
    const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
    expect(found, text).toBeDefined();
    return found ?? '';
  }, patient);
  const process_ = child;
  if (!process_) throw new Error('the controller was not started');
  return {
    ...{ child: process_, said, url },
    stop(signal = 'SIGTERM') {
      process_.kill(signal);
      return ended;
    },
  };
}

/** As the installation brings it; without it every message says that approvals are ignored. */
export function approvalsPolicy(): Promise<string> {
  return readFile(join(root, 'deploy/kustomize/base/approvals.yaml'), 'utf8');
}

/** A file of Settings: Leases that are soon over, since nobody gives them back in a test that fails. */
export function settings(...lines: readonly string[]): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  leases: { durationSeconds: 6, renewSeconds: 4, retrySeconds: 0.5 }
${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** `Ready=True InSync` and the like; `none` where nothing was said of this generation yet. */
export function readyOf({ metadata, status }: ShownObject): string {
  if (status?.observedGeneration !== metadata.generation) return 'none';
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready ? `${ready.status} ${ready.reason}` : 'none';
}

export async function becomes(
  stage: Pick<ClusterStage, 'get'>,
  what: string,
  namespace: string,
  ready: string,
): Promise<ShownObject> {
  return vi.waitFor(async () => {
    const object = await stage.get(what, namespace);
    expect(readyOf(object), JSON.stringify(object.status)).toBe(ready);
    return object;
  }, patient);
}
