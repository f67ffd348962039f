import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { shardOf } from '../../src/cli/cluster/shares.ts';
import { programId } from '../../src/core/words/keys.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import {
  becomes,
  clusterStage,
  patient,
  preparedPlane,
  readyOf,
  settings,
  type ClusterStage,
  type ShownObject,
} from './kubernetes-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);
afterAll(async () => {
  await plane.stop();
});

const apps = ['megapay', 'rapipay', 'tapngo'];
const total = 3;

/** The first mini program id of each shard, from 1000 on. */
const ids = apps.map((_, shard) => {
  for (let id = 1000; ; id += 1) {
    const key = { platform: 'emulator', workspace: 'acme', miniProgram: String(id) };
    if (shardOf(programId(key), total) === shard) return String(id);
  }
});

const world = `apps:
${apps.map((app) => `  - { id: ${app}, environments: [Production, Sandbox] }`).join('\n')}
workspaces:
  - id: acme
    miniPrograms:
${ids.map((id) => `      - { id: "${id}", name: P${id}, versions: [1.0.0] }`).join('\n')}
`;

/** One program at three consoles, each of them in another shard. */
function declared(values: readonly string[] = ['M-0', 'M-0', 'M-0']): string {
  const instances = ids.map((id, at) => `{ apps: [${apps[at]}], workspace: acme, id: "${id}" }`);
  const targets = apps.map(
    (app, at) => `{ app: ${app}, environment: Sandbox, config: { merchantId: ${values[at]} } }`,
  );
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: shop }
spec:
  instances: [${instances.join(', ')}]
  targets: [${targets.join(', ')}]
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: shop-1.0.0 }
spec: { miniProgram: shop, version: 1.0.0, environments: [Sandbox] }
`;
}

/** One console of the three, at two apps. */
function copyOf(shard: number): string {
  const target = (app: string) =>
    `{ app: ${app}, environment: Sandbox, config: { merchantId: M-9 } }`;
  const other = (shard + 1) % total;
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: copy }
spec:
  instances:
    - { apps: [${apps[shard]}], workspace: acme, id: "${ids[shard]}" }
    - { apps: [${apps[other]}], workspace: acme, id: "${ids[other]}" }
  targets: [${target(apps[shard] ?? '')}]
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: copy-1.0.0 }
spec: { miniProgram: copy, version: 1.0.0, environments: [Sandbox] }
`;
}

/** Two processes that share three shards, once both of them hold some. */
async function twoReplicas(stage: ClusterStage): Promise<void> {
  const config = await stage.place.write('settings.yaml', settings());
  const args = ['--shards', String(total), '--config', config];
  await stage.start(args);
  await stage.start(args);
  await vi.waitFor(async () => {
    const names = await stage.kubectl(
      ...['-n', 'fairlead-system', 'get', 'leases', '-l', 'fairlead.dev/lease=shard'],
      ...['-o', 'jsonpath={.items[*].spec.holderIdentity}'],
    );
    const holders = names.split(' ').filter((name) => name !== '');
    expect(holders).toHaveLength(total);
    expect(new Set(holders).size).toBe(2);
  }, patient);
}

interface Patched {
  readonly name: string;
  readonly agent: string;
}

/** Statuses that were written of a namespace's objects. */
async function patches(namespace: string): Promise<readonly Patched[]> {
  const log = await plane.auditLog();
  return log.flatMap(({ verb, objectRef, userAgent = '' }) =>
    verb === 'patch' && objectRef?.subresource === 'status' && objectRef.namespace === namespace
      ? [{ name: objectRef.name ?? '', agent: userAgent }]
      : [],
  );
}

function entriesOf({ status }: ShownObject): readonly string[] {
  return (status?.targets ?? []).map(({ app, action, status: now }) => `${app} ${action} ${now}`);
}

async function merchants(stage: ClusterStage): Promise<readonly string[]> {
  const found = await stage.emulator.world();
  return [...found.matchAll(/merchantId: (\S+)/g)].map(([, value = '']) => value).toSorted();
}

describe('an object whose consoles lie in several shards', () => {
  it('has one status that says all of it, and rests when all is said', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    await twoReplicas(stage);

    await stage.apply(declared(), namespace);

    const release = await becomes(stage, 'mpr/shop-1.0.0', namespace, 'True InSync');
    expect(entriesOf(release)).toEqual([
      'megapay unchanged NewVersionCreated',
      'rapipay unchanged NewVersionCreated',
      'tapngo unchanged NewVersionCreated',
    ]);
    expect(release.status?.progress).toBe('3/3');
    const ids_ = release.status?.targets?.map(({ releaseId }) => releaseId);
    expect(new Set(ids_).size, 'each record has its own id').toBe(total);

    for (const round of [1, 2, 3]) {
      const values = apps.map((_, at) => `M-${String(round)}${String(at)}`);
      await stage.apply(declared(values), namespace);
      await vi.waitFor(async () => {
        expect(await merchants(stage)).toEqual(values);
      }, patient);
      await becomes(stage, 'mpr/shop-1.0.0', namespace, 'True InSync');
      await becomes(stage, 'mp/shop', namespace, 'True InSync');
    }
    const said = await patches(namespace);
    const before = await Promise.all(
      ['mp/shop', 'mpr/shop-1.0.0'].map((what) => stage.get(what, namespace)),
    );
    // Somebody else's whole story, told by the same two processes: time enough to correct each other.
    const other = await plane.namespace();
    await stage.apply(copyOf(0).replaceAll('1.0.0', '0.9.0'), other);
    await vi.waitFor(async () => {
      expect(readyOf(await stage.get('mpr/copy-0.9.0', other))).not.toBe('none');
    }, patient);
    const after = await Promise.all(
      ['mp/shop', 'mpr/shop-1.0.0'].map((what) => stage.get(what, namespace)),
    );
    expect(
      after.map(({ metadata }) => metadata.resourceVersion),
      'nobody corrects what is right',
    ).toEqual(before.map(({ metadata }) => metadata.resourceVersion));
    expect(await patches(namespace)).toHaveLength(said.length);
    // Of each of the four generations: what each of three consoles brings, of two objects, and as often corrected.
    expect(said.length, JSON.stringify(said)).toBeLessThanOrEqual(4 * total * 2 * 2);
  }, 300_000);

  it('is told of a conflict in a shard that another process holds', async () => {
    const stage = await clusterStage(plane, world);
    const [first, second] = [await plane.namespace(), await plane.namespace()];
    await twoReplicas(stage);
    await stage.apply(declared(), first);
    await becomes(stage, 'mpr/shop-1.0.0', first, 'True InSync');
    const written = await merchants(stage);

    for (const shard of [0, 1, 2]) {
      await stage.apply(copyOf(shard), second);

      const copy = await becomes(stage, 'mpr/copy-1.0.0', second, 'False TargetConflict');
      expect(entriesOf(copy).map((entry) => entry.split(' ').slice(0, 2).join(' '))).toEqual([
        `${apps[shard]} blocked`,
      ]);
      await stage.kubectl('-n', second, 'delete', 'mp,mpr', '--all');
    }

    expect(await merchants(stage)).toEqual(written);
    expect(readyOf(await stage.get('mpr/shop-1.0.0', first))).toBe('True InSync');
  }, 300_000);
});
