import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { ClusterKind, ObjectRef } from '../../src/ports/cluster.ts';
import { coffee, world } from '../support/cli-world.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { createTeamRepository } from '../support/controller.ts';
import { openTestCluster } from '../support/kubernetes-cluster.ts';
import {
  applyRights,
  controller,
  controllerKubeconfig,
  type Grants,
  refusedRequests,
  usedRights,
} from './chart-rights.ts';
import { home } from './chart-stage.ts';
import {
  becomes,
  type ClusterStage,
  clusterStage,
  patient,
  preparedPlane,
} from './kubernetes-stage.ts';

let plane: ControlPlane;
let namespace: string;
let granted: Grants;

beforeAll(async () => {
  plane = await preparedPlane();
  namespace = await plane.namespace();
  granted = await applyRights(plane, { rbac: { secretNamespaces: [namespace] } });
});

afterAll(async () => {
  await plane.stop();
});

const withSecret = coffee.replace(
  'config: { merchantId: M-77-T }',
  'config: { environmentVariables: [{ name: API_KEY, valueFrom: { secretKeyRef: { name: keys, key: apiKey } } }] }',
);

const settings = `apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  allowFileUrls: true
  leases: { durationSeconds: 3, renewSeconds: 2, retrySeconds: 0.3 }
`;

const profile = `apiVersion: fairlead.dev/v1alpha1
kind: ConfigProfile
metadata: { name: team }
spec: { config: { testers: ['2088001'] } }
`;

const source = (url: string) => `apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: books }
spec: { url: '${url}', intervalSeconds: 1 }
`;

const books = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: books }
spec:
  workspace: acme
  id: "3500020208396399"
  targets: [{ app: megapay, environment: Sandbox, config: { merchantId: M-1 } }]
`;

/** What processes that were killed leave behind, long ago. */
const leftBehind = `apiVersion: coordination.k8s.io/v1
kind: Lease
metadata:
  name: fairlead-member-gone
  namespace: ${home}
  labels: { fairlead.dev/leases: fairlead, fairlead.dev/lease: member }
spec: { holderIdentity: gone, leaseDurationSeconds: 1 }
`;

async function liveOneDay(stage: ClusterStage, kubeconfig: string): Promise<void> {
  const repository = await createTeamRepository(stage.place, 'team');
  await repository.commit({ 'books.yaml': books });
  const config = await stage.place.write('settings.yaml', settings);
  const secret = ['secret', 'generic', 'keys', '--from-literal=apiKey=value-of-the-team'];
  await stage.kubectl('-n', namespace, 'create', ...secret);
  await stage.kubectl('-n', namespace, 'label', 'secret', 'keys', 'fairlead.dev/use=true');
  await stage.apply(leftBehind);
  const running = await stage.start(['--config', config], { kubeconfig });
  for (const text of [profile, withSecret, source(`file://${stage.place.path('git/team.git')}`)])
    await stage.apply(text, namespace);
  await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
  await becomes(stage, 'gitsource/books', namespace, 'True InSync');
  await vi.waitFor(async () => {
    // Somebody touches a Lease: its holder looks whether it is still its own.
    const touch = ['annotate', '--overwrite', 'lease', 'fairlead-shard-0', 'touched=again'];
    await stage.kubectl('-n', home, ...touch.slice(0, -1), `touched=${performance.now()}`);
    const leases = await stage.kubectl('-n', home, 'get', 'leases', '-o', 'name');
    const used = usedRights(await plane.auditLog(), controller);
    expect(leases).not.toContain('fairlead-member-gone');
    expect(used).toContain('get leases.coordination.k8s.io');
  }, patient);
  await running.stop();
}

const kinds: readonly (readonly [ClusterKind, string])[] = [
  ['MiniProgram', 'coffee'],
  ['MiniProgramRelease', 'coffee-2.4.0'],
  ['ConfigProfile', 'team'],
  ['GitSource', 'books'],
  ['PlatformConnection', 'default'],
];

/** An object that changed since it was seen, or was never seen, is read before its status is written. */
async function writeUnseen(stage: ClusterStage, kubeconfig: string): Promise<void> {
  const cluster = await openTestCluster(kubeconfig);
  for (const [kind, name] of kinds) {
    const isNamespaced = kind !== 'PlatformConnection';
    const ref: ObjectRef = { kind, name, ...(isNamespaced ? { namespace } : {}) };
    const { metadata, status } = await stage.get(
      `${kind}/${name}`,
      isNamespaced ? namespace : home,
    );
    const { uid } = metadata as typeof metadata & { readonly uid: string };
    const written = await cluster.writer.applyStatus(
      ref,
      uid,
      { observedGeneration: status?.observedGeneration },
      new AbortController().signal,
    );
    expect(written, kind).toBeDefined();
  }
  await cluster.stop();
}

describe('the rights that the chart grants', () => {
  it('are all that a controller uses, and it uses all of them', async () => {
    const stage = await clusterStage(plane, world);
    const kubeconfig = await controllerKubeconfig(plane, stage.place.path('.'));

    await liveOneDay(stage, kubeconfig);
    await writeUnseen(stage, kubeconfig);
    const log = await plane.auditLog();

    expect(refusedRequests(log, controller)).toEqual([]);
    expect(usedRights(log, controller)).toEqual(granted);
    expect(granted.length).toBeGreaterThan(25);
  });
});
