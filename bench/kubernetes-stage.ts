import { readFile } from 'node:fs/promises';

import type { ControlPlane } from '../test/support/control-plane.ts';
import {
  type Controller,
  loadObjects,
  type Platform,
  startController,
  startPlatform,
  withPlane,
} from './cluster.ts';
import { type Spread, townObjects } from './kubernetes-town.ts';
import { inFolder } from './process.ts';

/** An API server that holds a town's objects, a platform that holds its records, and no controller yet. */
export interface KubernetesStage extends Pick<Platform, 'pid' | 'calls' | 'forgetCalls'> {
  readonly plane: ControlPlane;
  readonly namespace: string;
  readonly spread: Spread;
  /** Runs something beside the built controller, from its start to its end. */
  readonly withController: <T>(
    intervals: { readonly sweepSeconds: number },
    use: (controller: Controller) => Promise<T>,
  ) => Promise<T>;
}

/** Runs something on a control plane of its own; needs Go, or `KUBEBUILDER_ASSETS`. */
export function withKubernetes<T>(
  spread: Spread,
  use: (stage: KubernetesStage) => Promise<T>,
): Promise<T> {
  return inFolder((folder) =>
    withPlane(async (plane) => {
      const namespace = await plane.namespace();
      const { programs, releases, targets } = spread;
      const platform = await startPlatform(plane, {
        ...{ delayMs: 0, requestsPerSecond: 1000, releases, targets },
        namespaces: [{ name: namespace, programs }],
      });
      try {
        await loadObjects(plane, townObjects(spread, namespace));
        const anything = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
        const { kubeconfig } = await plane.user('fairlead', [{ rules: [anything] }]);
        return await use({
          ...{ ...platform, plane, namespace, spread },
          async withController(intervals, used) {
            const controller = await startController({
              ...{ folder, kubeconfig, settings: { intervals } },
            });
            try {
              return await used(controller);
            } finally {
              await controller.stop();
            }
          },
        });
      } finally {
        await platform.stop();
      }
    }),
  );
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
