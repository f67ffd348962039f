import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { systemClock } from '../../src/cli/system.ts';
import type { HeldShard } from '../../src/ports/cluster.ts';
import { coffee, world } from '../support/cli-world.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { openTestCluster } from '../support/kubernetes-cluster.ts';
import {
  becomes,
  clusterStage,
  type ClusterStage,
  patient,
  preparedPlane,
  settings,
} from './kubernetes-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
});
afterAll(() => plane.stop());

interface ConnectionObject {
  readonly apiVersion: string;
  readonly spec: Readonly<Record<string, { readonly secretKeyRef?: KeyRef } | undefined>>;
}

interface KeyRef {
  readonly name: string;
  readonly key: string;
}

/** The connection of the cluster as a file with keys beside it, as a namespaced install mounts them. */
async function mounted({ kubectl, place }: ClusterStage): Promise<string> {
  const read = await kubectl('get', 'platformconnection', 'default', '-o', 'json');
  const { apiVersion, spec } = JSON.parse(read) as ConnectionObject;
  const fields = Object.entries(spec).map(async ([field, value]) => {
    const ref = value?.secretKeyRef;
    if (ref === undefined) return [field, value] as const;
    const secret = await kubectl('-n', 'fairlead-system', 'get', 'secret', ref.name, '-o', 'json');
    const { data } = JSON.parse(secret) as { data: Readonly<Record<string, string>> };
    const key = Buffer.from(data[ref.key] ?? '', 'base64').toString('utf8');
    return [field, { file: await place.write(`keys/${field}`, key) }] as const;
  });
  const connection = {
    ...{ apiVersion, kind: 'PlatformConnection', metadata: { name: 'default' } },
    spec: Object.fromEntries(await Promise.all(fields)),
  };
  return place.write('mounted.yaml', JSON.stringify(connection));
}

describe('two controllers of different namespaces, both in one namespace', () => {
  it('both act, and neither waits for the other’s Leases', async () => {
    const stage = await clusterStage(plane, world);
    const [one, two] = [await plane.namespace(), await plane.namespace()];
    const files = [
      ...['--connections', await mounted(stage)],
      ...['--config', await stage.place.write('settings.yaml', settings())],
    ];
    const env = { POD_NAMESPACE: 'fairlead-system' };
    await stage.start(['--namespace', one, ...files], { env });
    await stage.apply(coffee, one);
    await becomes(stage, 'mpr/coffee-2.4.0', one, 'True InSync');

    const second = await stage.start(['--namespace', two, ...files], { env });
    await stage.apply(
      'apiVersion: fairlead.dev/v1alpha1\nkind: ConfigProfile\nmetadata: { name: base }\nspec: {}',
      two,
    );
    await becomes(stage, 'configprofile/base', two, 'True Valid');

    const ready = await (await fetch(`${second.url}/readyz?verbose`)).text();
    expect(ready).toContain('shards held: 0');
  });
});

describe('a Lease that is deleted by hand', () => {
  it('has no second holder as long as the first may write', async () => {
    const namespace = await plane.namespace();
    const times = { durationMs: 1_500, renewDeadlineMs: 1_000, retryMs: 200 };
    const over = new AbortController();
    const held = new Map<string, HeldShard>();
    const begin = async (identity: string): Promise<void> => {
      const cluster = await openTestCluster(plane.kubeconfig, { identity });
      const shards = cluster.shards({ namespace, name: 'fairlead', total: 1, times });
      const follow = async (): Promise<void> => {
        while (!over.signal.aborted) held.set(identity, await shards.won(over.signal));
      };
      void follow().catch(() => undefined);
    };
    const writes = (identity: string): boolean =>
      (held.get(identity)?.heldUntil() ?? 0) > systemClock.mono();
    // Who comes first by name is due the shard: the one that does not hold it.
    await begin('z');
    await vi.waitFor(() => expect(writes('z')).toBe(true), patient);
    await begin('a');
    await vi.waitFor(async () => {
      const { stdout } = await plane.kubectl(['-n', namespace, 'get', 'leases', '-o', 'name']);
      expect(stdout.trim().split('\n')).toHaveLength(3);
    }, patient);

    let both = 0;
    const look = setInterval(() => {
      if (writes('z') && writes('a')) both += 1;
    }, 5);
    await plane.kubectl(['-n', namespace, 'delete', 'lease', 'fairlead-shard-0']);
    // A renewal that comes before anybody has listed makes the Lease again, and its holder goes on; else all wait.
    await vi.waitFor(async () => {
      const { stdout } = await plane.kubectl(['-n', namespace, 'get', 'leases', '-o', 'name']);
      expect(stdout.trim().split('\n')).toHaveLength(3);
      expect(writes('z') || writes('a')).toBe(true);
    }, patient);
    // Long enough for whoever took it for free to have taken it.
    await systemClock.sleep(2 * times.durationMs, over.signal);
    clearInterval(look);
    over.abort();

    expect(both).toBe(0);
  });
});
