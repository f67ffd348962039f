import { onTestFinished } from 'vitest';

import { systemClock, systemRandom } from '../../src/cli/system.ts';
import { type Cluster, type ClusterSettings, openCluster } from '../../src/kubernetes/index.ts';
import type { Clock, Random } from '../../src/ports/index.ts';

export interface OpenedCluster extends Cluster {
  /** Ends what was opened and waits until it has ended. */
  stop(): Promise<void>;
}

export interface OpenOptions extends Partial<ClusterSettings> {
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A cluster as the program opens it, closed at the end of the test at the latest. */
export async function openTestCluster(
  kubeconfig: string,
  { clock = systemClock, random = systemRandom, ...settings }: OpenOptions = {},
): Promise<OpenedCluster> {
  const stopping = new AbortController();
  const cluster = await openCluster(
    {
      access: { kind: 'kubeconfig', files: [kubeconfig] },
      userAgent: 'fairlead-test',
      identity: 'test',
      ...settings,
    },
    { clock, random, signal: stopping.signal },
  );
  const stop = async (): Promise<void> => {
    stopping.abort(new Error('the test is over'));
    await cluster.closed();
  };
  onTestFinished(stop);
  return { ...cluster, stop };
}
