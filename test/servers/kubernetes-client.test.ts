import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createWriter } from '../../src/kubernetes/writer.ts';
import type { ClusterEvent, ObjectRef } from '../../src/ports/cluster.ts';
import { systemClock } from '../../src/cli/system.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { openTestCluster } from '../support/kubernetes-cluster.ts';
import { faultProxy } from '../support/kubernetes-proxy.ts';
import { startWithDefinitions } from './crds-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startWithDefinitions();
});
afterAll(() => plane.stop());

const never = new AbortController().signal;
const group = '/apis/fairlead.dev/v1alpha1';

async function create(namespace: string, name: string): Promise<ObjectRef & { uid: string }> {
  const { status, body } = await plane.call(`${group}/namespaces/${namespace}/configprofiles`, {
    method: 'POST',
    body: {
      apiVersion: 'fairlead.dev/v1alpha1',
      kind: 'ConfigProfile',
      metadata: { name },
      spec: { config: {} },
    },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  const { uid } = (body as { metadata: { uid: string } }).metadata;
  return { kind: 'ConfigProfile', namespace, name, uid };
}

async function statusOf({ namespace = '', name }: ObjectRef): Promise<unknown> {
  const { body } = await plane.call(`${group}/namespaces/${namespace}/configprofiles/${name}`);
  return (body as { status?: unknown }).status;
}

const readSecrets = (namespace: string) => ({
  ...{ namespace, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] },
});

describe('a status', () => {
  it('is applied in one request, forced, and shows in the cache', async () => {
    const namespace = await plane.namespace();
    const profile = await create(namespace, 'coffee');
    const cluster = await openTestCluster(plane.kubeconfig, { userAgent: 'fairlead-status' });
    const cache = cluster.cache('ConfigProfile', [namespace]);
    await cache.changed(never);

    const first = await cluster.writer.applyStatus(profile, profile.uid, { programs: 2 }, never);
    const again = await cluster.writer.applyStatus(profile, profile.uid, { programs: 2 }, never);
    const third = await cluster.writer.applyStatus(profile, profile.uid, { programs: 3 }, never);
    await cache.reached(profile, third!, never);

    expect(again).toBe(first);
    expect(cache.get(profile)).toMatchObject({ resourceVersion: third, status: { programs: 3 } });
    const log = await plane.auditLog();
    const asked = log.filter(
      ({ userAgent, objectRef }) => userAgent === 'fairlead-status' && objectRef !== undefined,
    );
    const verbs = asked.map(({ verb }) => verb).filter((verb) => verb !== 'watch');
    expect(verbs).toEqual(['list', 'patch', 'patch', 'patch']);
  });

  it('is not written on another object of the same name', async () => {
    const namespace = await plane.namespace();
    const before = await create(namespace, 'coffee');
    const cluster = await openTestCluster(plane.kubeconfig);
    const [seen] = await plane
      .call(`${group}/namespaces/${namespace}/configprofiles`)
      .then(({ body }) => (body as { items: { metadata: { resourceVersion: string } }[] }).items);
    await plane.call(`${group}/namespaces/${namespace}/configprofiles/coffee`, {
      method: 'DELETE',
    });
    await create(namespace, 'coffee');
    // What is seen is old: the object was not seen to go.
    const { resourceVersion } = seen!.metadata;
    const writer = createWriter(
      { api: cluster.api, clock: systemClock, seen: () => ({ uid: before.uid, resourceVersion }) },
      { instance: 'test' },
    );

    const result = await writer.applyStatus(before, before.uid, { programs: 2 }, never);

    expect(result).toBeUndefined();
    expect(await statusOf(before)).not.toHaveProperty('programs');
  });

  it('is written although the object changed meanwhile', async () => {
    const namespace = await plane.namespace();
    const profile = await create(namespace, 'coffee');
    const cluster = await openTestCluster(plane.kubeconfig);
    const path = `${group}/namespaces/${namespace}/configprofiles/coffee`;
    await plane.call(path, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { team: 'a' } } },
    });
    const writer = createWriter(
      {
        api: cluster.api,
        clock: systemClock,
        seen: () => ({ uid: profile.uid, resourceVersion: '1' }),
      },
      { instance: 'test' },
    );

    await writer.applyStatus(profile, profile.uid, { programs: 2 }, never);

    expect(await statusOf(profile)).toMatchObject({ programs: 2 });
  });

  it('of an object that is gone is nothing', async () => {
    const namespace = await plane.namespace();
    const cluster = await openTestCluster(plane.kubeconfig);
    const ref = { kind: 'ConfigProfile', namespace, name: 'gone' } as const;

    expect(await cluster.writer.applyStatus(ref, 'uid', { programs: 2 }, never)).toBeUndefined();
  });

  it('that its definition does not allow says which field', async () => {
    const namespace = await plane.namespace();
    const profile = await create(namespace, 'coffee');
    const cluster = await openTestCluster(plane.kubeconfig);

    const written = cluster.writer.applyStatus(profile, profile.uid, { programs: -1 }, never);

    await expect(written).rejects.toMatchObject({
      code: 'ClusterRefused',
      message: expect.stringContaining('status.programs') as string,
    });
  });

  it('whose answer is lost is written once more by whoever asks again', async () => {
    const namespace = await plane.namespace();
    const profile = await create(namespace, 'coffee');
    const proxy = await faultProxy(plane);
    const cluster = await openTestCluster(proxy.kubeconfig);
    proxy.onRequest = ({ method }) => (method === 'PATCH' ? 'loseAnswer' : 'pass');

    const lost = cluster.writer.applyStatus(profile, profile.uid, { programs: 2 }, never);

    await expect(lost).rejects.toMatchObject({ code: 'ClusterUnavailable' });
    proxy.onRequest = () => 'pass';
    expect(await cluster.writer.applyStatus(profile, profile.uid, { programs: 2 }, never)).toMatch(
      /^\d+$/,
    );
  });
});

describe('events', () => {
  const eventsOf = async (namespace: string): Promise<readonly string[]> => {
    const { body } = await plane.call(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`);
    return (body as { items: { note: string }[] }).items.map(({ note }) => note);
  };

  it('are told once an hour, and not more than ten at once of one object', async () => {
    const namespace = await plane.namespace();
    const about = { ...(await create(namespace, 'coffee')), resourceVersion: '1' };
    const cluster = await openTestCluster(plane.kubeconfig);
    const tell = (message: string): Promise<unknown> => {
      const event: ClusterEvent = { about, type: 'Warning', reason: 'Held', message };
      return cluster.writer.event(event, never);
    };

    for (let time = 0; time < 3; time += 1) await tell('the same');
    for (let time = 0; time < 15; time += 1) await tell(`number ${time}`);

    const notes = await eventsOf(namespace);
    expect(notes.filter((note) => note === 'the same')).toHaveLength(1);
    expect(notes).toHaveLength(10);
  });

  it('are shown by kubectl, also of an object without a namespace, and cut at 1 KiB', async () => {
    const cluster = await openTestCluster(plane.kubeconfig);
    const about = {
      kind: 'PlatformConnection',
      name: 'default',
      uid: 'u',
      resourceVersion: '1',
    } as const;

    await cluster.writer.event(
      { about, type: 'Normal', reason: 'Ready', message: 'é'.repeat(2000) },
      never,
    );

    const [note = ''] = (await eventsOf('default')).filter((each) => each.startsWith('é'));
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
    const { stdout } = await plane.kubectl(['get', 'events', '-n', 'default']);
    expect(stdout).toContain('platformconnection/default');
  });

  it('never fail whoever tells them', async () => {
    const proxy = await faultProxy(plane);
    proxy.onRequest = () => 'reset';
    const cluster = await openTestCluster(proxy.kubeconfig);
    const about = {
      kind: 'ConfigProfile',
      namespace: 'x',
      name: 'y',
      uid: 'u',
      resourceVersion: '1',
    } as const;

    await cluster.writer.event({ about, type: 'Normal', reason: 'R', message: 'm' }, never);

    expect(proxy.injected).toHaveLength(1);
  });
});

describe('secrets', () => {
  it('are read by name, and say what we may use them for', async () => {
    const namespace = await plane.namespace();
    for (const [name, labels, annotations] of [
      ['ours', { 'fairlead.dev/use': 'git' }, { 'fairlead.dev/git-host': 'git.example' }],
      ['theirs', {}, {}],
    ] as const)
      await plane.call(`/api/v1/namespaces/${namespace}/secrets`, {
        method: 'POST',
        body: {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name, labels, annotations },
          stringData: { key: 'ä' },
        },
      });
    const user = await plane.user('secret-reader', [readSecrets(namespace)]);
    const { secrets } = await openTestCluster(user.kubeconfig);

    const [ours, theirs, none] = [
      await secrets.secret(namespace, 'ours', never),
      await secrets.secret(namespace, 'theirs', never),
      await secrets.secret(namespace, 'none', never),
    ];

    expect([ours?.use, ours?.gitHost]).toEqual(['git', 'git.example']);
    expect([theirs?.use, theirs?.gitHost, none]).toEqual([undefined, undefined, undefined]);
    expect(Buffer.from(ours?.data['key'] ?? []).toString()).toBe('ä');
    await expect(secrets.secret('default', 'ours', never)).rejects.toMatchObject({
      code: 'ClusterRefused',
      nextStep:
        "grant the verb get on secrets in namespace default: whoever owns the namespace binds a role with that right there to the controller's service account; the chart of a whole cluster brings a ClusterRole for it, whose name ends in -secrets",
    });
  });
});

describe('namespaces', () => {
  it('are known by their labels, and by what changes about them', async () => {
    const first = await plane.namespace({ team: 'a' });
    const cluster = await openTestCluster(plane.kubeconfig);
    const namespaces = cluster.namespaces();
    await namespaces.changed(never);

    const second = await plane.namespace({ team: 'b' });
    const changed = await namespaces.changed(never);

    expect([namespaces.labels(first)?.['team'], namespaces.labels(second)?.['team']]).toEqual([
      'a',
      'b',
    ]);
    expect(changed).toEqual([second]);
    await plane.call(`/api/v1/namespaces/${first}`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { team: 'c' } } },
    });
    expect(await namespaces.changed(never)).toEqual([first]);
    expect(namespaces.labels(first)?.['team']).toBe('c');
    expect(namespaces.labels('nowhere')).toBeUndefined();
  });
});

describe('rights', () => {
  it('that are missing are named, and found when they come', async () => {
    const namespace = await plane.namespace();
    await create(namespace, 'coffee');
    const rules = [
      { apiGroups: ['fairlead.dev'], resources: ['configprofiles'], verbs: ['list', 'watch'] },
    ];
    const user = await plane.user('follower', []);
    const cluster = await openTestCluster(user.kubeconfig, {
      cache: { backOff: { firstMs: 50, longestMs: 400 } },
    });
    const cache = cluster.cache('ConfigProfile', [namespace]);
    while (cache.health().state !== 'Failing') await sleep(20);
    expect(cache.health().trouble).toMatchObject({
      code: 'ClusterRefused',
      nextStep: `grant the verb list on configprofiles.fairlead.dev in namespace ${namespace}: apply the roles of the chart`,
    });

    const home = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    const rbac = 'rbac.authorization.k8s.io';
    const [, , accounts = '', account = ''] = user.name.split(':');
    await plane.call(`${home}/roles`, {
      method: 'POST',
      body: { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name: 'follow' }, rules },
    });
    await plane.call(`${home}/rolebindings`, {
      method: 'POST',
      body: {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'follow' },
        roleRef: { apiGroup: rbac, kind: 'Role', name: 'follow' },
        subjects: [{ kind: 'ServiceAccount', name: account, namespace: accounts }],
      },
    });

    expect((await cache.changed(never)).map(({ name }) => name)).toEqual(['coffee']);
    expect(cache.health().state).toBe('Following');
  });
});
