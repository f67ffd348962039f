import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { systemClock } from '../../src/cli/system.ts';
import type { Cluster } from '../../src/kubernetes/index.ts';
import { createLeaseStore } from '../../src/kubernetes/lease.ts';
import type { CacheHealth, ObjectRef } from '../../src/ports/cluster.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { openTestCluster } from '../support/kubernetes-cluster.ts';
import { applyRights, type Grants, rulesOf } from './chart-rights.ts';
import { startWithDefinitions } from './crds-stage.ts';

let plane: ControlPlane;
let granted: Grants;

beforeAll(async () => {
  plane = await startWithDefinitions();
  for (const name of ['fairlead-system', 'shop'])
    await plane.call('/api/v1/namespaces', {
      method: 'POST',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    });
  granted = await applyRights(plane, { rbac: { allSecrets: true } });
});

afterAll(async () => {
  await plane.stop();
});

const never = new AbortController().signal;
const patient = { timeout: 30_000, interval: 20 };
const namespace = 'shop';

/** An object of the test's own. */
async function made(): Promise<ObjectRef & { readonly uid: string }> {
  const name = `program-${randomBytes(4).toString('hex')}`;
  const { status, body } = await plane.call(
    `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/miniprograms`,
    {
      method: 'POST',
      body: {
        apiVersion: 'fairlead.dev/v1alpha1',
        kind: 'MiniProgram',
        metadata: { name },
        spec: { workspace: 'acme', id: '3500020208396321' },
      },
    },
  );
  expect(status).toBe(201);
  const { uid } = (body as { metadata: { uid: string } }).metadata;
  return { kind: 'MiniProgram', namespace, name, uid };
}

/** Whether what is followed shows something new; false as soon as it says that it cannot. */
async function shows(health: () => CacheHealth, isShown: () => boolean): Promise<boolean> {
  return vi.waitFor(() => {
    if (health().state === 'Failing') return false;
    expect(isShown()).toBe(true);
    return true;
  }, patient);
}

/** Whether it was done; a refusal is none of the test's errors, anything else is. */
async function isDone(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    (error: unknown) => {
      expect(error).toMatchObject({ code: 'ClusterRefused' });
      return false;
    },
  );
}

function leasesOf({ api }: Cluster) {
  return createLeaseStore(
    { api, clock: systemClock },
    { namespace: 'fairlead-system', timeoutMs: 10_000 },
  );
}

const lease = () => ({
  name: `lease-${randomBytes(4).toString('hex')}`,
  ...{ holder: 'test', durationMs: 1000, transitions: 0, labels: {}, said: '' },
});

/** A Lease that somebody else made. */
async function foreignLease() {
  const write = lease();
  const { body } = await plane.call(
    '/apis/coordination.k8s.io/v1/namespaces/fairlead-system/leases',
    {
      method: 'POST',
      body: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: write.name },
        spec: { holderIdentity: 'test' },
      },
    },
  );
  const { resourceVersion } = (body as { metadata: { resourceVersion: string } }).metadata;
  return { ...write, resourceVersion };
}

/** For each verb the smallest thing that needs it. */
const needs: readonly {
  readonly right: string;
  readonly why: string;
  readonly works: (cluster: Cluster) => Promise<boolean>;
}[] = [
  {
    right: 'list miniprograms.fairlead.dev',
    why: 'nothing is concluded before a whole list was read',
    works: async (cluster) => {
      const cache = cluster.cache('MiniProgram');
      return shows(cache.health, () => cache.isComplete());
    },
  },
  {
    right: 'watch miniprograms.fairlead.dev',
    why: 'a change is heard of as it happens',
    works: async (cluster) => {
      const cache = cluster.cache('MiniProgram');
      await vi.waitFor(() => {
        expect(cache.isComplete()).toBe(true);
      }, patient);
      const object = await made();
      return shows(cache.health, () => cache.get(object) !== undefined);
    },
  },
  {
    right: 'get miniprograms.fairlead.dev',
    why: 'an object that changed since it was seen is read before its status is written',
    works: async ({ writer }) => {
      const { uid, ...ref } = await made();
      return isDone(writer.applyStatus(ref, uid, { observedGeneration: 1 }, never));
    },
  },
  {
    right: 'patch miniprograms/status.fairlead.dev',
    why: 'the status is written',
    works: async ({ writer }) => {
      const { uid, ...ref } = await made();
      return isDone(writer.applyStatus(ref, uid, { observedGeneration: 1 }, never));
    },
  },
  {
    right: 'create events.events.k8s.io',
    why: 'transitions are told; a refusal is not',
    works: async ({ writer }) => {
      const { uid, ...ref } = await made();
      const about = { ...ref, uid, resourceVersion: '1' };
      const told = { about, type: 'Normal', reason: 'Tested', message: 'tested' } as const;
      await writer.event(told, never);
      const { stdout } = await plane.kubectl(['get', 'events', '-n', namespace, '-o', 'json']);
      return stdout.includes(ref.name);
    },
  },
  {
    right: 'list namespaces',
    why: 'grants by label need labels',
    works: async (cluster) => {
      const cache = cluster.namespaces();
      return shows(cache.health, () => cache.isComplete());
    },
  },
  {
    right: 'watch namespaces',
    why: 'a label that is taken away takes the grant away',
    works: async (cluster) => {
      const cache = cluster.namespaces();
      await vi.waitFor(() => {
        expect(cache.isComplete()).toBe(true);
      }, patient);
      const name = await plane.namespace({ tenant: 'shop' });
      return shows(cache.health, () => cache.labels(name)?.['tenant'] === 'shop');
    },
  },
  {
    right: 'get secrets',
    why: 'keys of connections, and what declarations name',
    works: ({ secrets }) => isDone(secrets.secret(namespace, 'keys', never)),
  },
  {
    right: 'list leases.coordination.k8s.io',
    why: 'who shares the work is seen by it',
    works: (cluster) => isDone(leasesOf(cluster).list('fairlead.dev/leases=fairlead', never)),
  },
  {
    right: 'create leases.coordination.k8s.io',
    why: 'the first process makes the Leases',
    works: (cluster) => isDone(leasesOf(cluster).create(lease(), never)),
  },
  {
    right: 'update leases.coordination.k8s.io',
    why: 'a Lease is renewed',
    works: async (cluster) => {
      const found = await foreignLease();
      return isDone(leasesOf(cluster).update(found, found.resourceVersion, never));
    },
  },
  {
    right: 'get leases.coordination.k8s.io',
    why: 'after a renewal that met another version the holder looks whether it still holds it',
    works: async (cluster) => isDone(leasesOf(cluster).get((await foreignLease()).name, never)),
  },
  {
    right: 'delete leases.coordination.k8s.io',
    why: 'what killed processes left goes',
    works: async (cluster) => isDone(leasesOf(cluster).remove(await foreignLease(), never)),
  },
  ...['validatingadmissionpolicies', 'validatingadmissionpolicybindings'].map((plural) => ({
    right: `get ${plural}.admissionregistration.k8s.io`,
    why: 'approvals are heeded where somebody guards them',
    works: async ({ api }: Cluster) => {
      const path = `/apis/admissionregistration.k8s.io/v1/${plural}/fairlead-approvals`;
      const limits = { timeoutMs: 10_000, maxBytes: 100_000 };
      return (await api.send({ method: 'GET', path, ...limits }, never)).status === 200;
    },
  })),
];

async function clusterWith(rights: Grants): Promise<Cluster> {
  const name = `user-${randomBytes(4).toString('hex')}`;
  const { kubeconfig } = await plane.user(name, [{ rules: rulesOf(rights) }]);
  return openTestCluster(kubeconfig);
}

describe('every verb that the chart grants', () => {
  it('stands in the table below, for one of the kinds', () => {
    const others = /(miniprogramreleases|configprofiles|gitsources|platformconnections)\b/;

    expect(needs.map(({ right }) => right).toSorted()).toEqual(
      granted.filter((right) => !others.test(right)),
    );
  });

  it.each(needs)('is needed: $right', async ({ right, why, works }) => {
    const all = await clusterWith(granted);
    const less = await clusterWith(granted.filter((each) => each !== right));

    expect([await works(all), await works(less)], why).toEqual([true, false]);
  });
});
