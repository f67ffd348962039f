import type { CallEntry } from '../src/emulator/calls.ts';
import type { ControlPlane } from '../test/support/control-plane.ts';
import {
  type Controller,
  eachOf,
  loadObjects,
  pathOf,
  startController,
  startPlatform,
  withPlane,
} from './cluster.ts';
import { inFolder } from './process.ts';
import { objectsOf, type ScaleSettings } from './scale-town.ts';

/** An API server that holds objects of several namespaces, a platform that holds their records, and no controller yet. */
export interface ScaleStage {
  readonly plane: ControlPlane;
  readonly settings: ScaleSettings;
  /** Writes at the platform since they were last forgotten, in the order in which they were answered. */
  readonly writes: () => Promise<readonly CallEntry[]>;
  readonly forget: () => Promise<void>;
  readonly start: (args: readonly string[], settings?: object) => Promise<Controller>;
}

type Wanted = Omit<ScaleSettings, 'namespaces'> & {
  /** How many programs each namespace declares; namespaces are made for it. */
  readonly programs: readonly number[];
};

/** Runs something on a control plane of its own; needs Go, or `KUBEBUILDER_ASSETS`. */
export function withScale<T>(wanted: Wanted, use: (stage: ScaleStage) => Promise<T>): Promise<T> {
  return inFolder((folder) =>
    withPlane(async (plane) => {
      const namespaces = [];
      for (const programs of wanted.programs)
        namespaces.push({ name: await plane.namespace(), programs });
      const settings: ScaleSettings = { ...wanted, namespaces };
      const platform = await startPlatform(plane, settings);
      const started: Controller[] = [];
      try {
        const objects = namespaces.flatMap(({ name }) => objectsOf(settings, name));
        await loadObjects(plane, objects);
        return await use({
          ...{ plane, settings, forget: platform.forgetCalls },
          async start(args, spec = {}) {
            const { kubeconfig } = plane;
            const controller = await startController({ folder, kubeconfig, settings: spec, args });
            started.push(controller);
            return controller;
          },
          writes: async () => (await platform.calls()).filter(isWrite),
        });
      } finally {
        for (const controller of started) await controller.stop('SIGKILL');
        await platform.stop();
      }
    }),
  );
}

function isWrite({ operation }: CallEntry): boolean {
  return operation === 'patchReleaseConfig' || operation === 'createRelease';
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

/** The first release of a namespace: its object, and its records as the platform's call log begins to name them. */
export function objectNamed(settings: ScaleSettings, namespace: string) {
  const all = objectsOf(settings, namespace);
  const program = all.find(({ kind }) => kind === 'MiniProgram');
  const release = all.find(({ kind }) => kind === 'MiniProgramRelease');
  const { id = '' } = (program?.spec ?? {}) as { readonly id?: string };
  return { object: release?.metadata.name ?? '', record: `acme/${id}/` };
}
