import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ObjectCache } from '../../src/ports/cluster.ts';
import { root } from '../../tools/files.ts';
import { type ControlPlane, startControlPlane } from '../support/control-plane.ts';
import { openTestCluster } from '../support/kubernetes-cluster.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.stop());

async function apply(text: string): Promise<void> {
  const { stderr } = await plane.kubectl(
    ['apply', '--server-side', '--force-conflicts', '-f', '-'],
    { input: text },
  );
  expect(stderr).toBe('');
}

/** The test's own deadline says when it never comes. */
async function untilState(cache: ObjectCache, state: string): Promise<void> {
  while (cache.health().state !== state) await sleep(50);
}

it('says that definitions are missing, or of an older release, and goes on by itself', async () => {
  const definition = await readFile(join(root, 'crds/gitsources.yaml'), 'utf8');
  const older = definition.replace(/(title: fairlead.dev definitions, revision) \d+/, '$1 0');
  const oldest = definition.replace(/ *title: fairlead.dev definitions.*\n/, '');
  expect(new Set([definition, older, oldest]).size).toBe(3);
  const namespace = await plane.namespace();
  const user = await plane.user('follower', [
    {
      namespace,
      rules: [{ apiGroups: ['fairlead.dev'], resources: ['*'], verbs: ['list', 'watch'] }],
    },
  ]);
  const cluster = await openTestCluster(user.kubeconfig, {
    cache: { backOff: { firstMs: 50, longestMs: 400 } },
  });
  const cache = cluster.cache('GitSource', [namespace]);

  await untilState(cache, 'Failing');
  expect(cache.health().trouble).toMatchObject({
    code: 'ClusterRefused',
    message: 'the API server does not know gitsources.fairlead.dev',
    nextStep: 'kubectl apply --server-side -f crds/',
  });

  for (const text of [oldest, older]) {
    await apply(text);
    while (cache.health().trouble?.message.includes('of an older release') !== true)
      await sleep(50);
    expect(cache.health().trouble).toMatchObject({
      code: 'ClusterRefused',
      nextStep: 'kubectl apply --server-side -f crds/',
    });
    expect(cache.isComplete(), 'what there is, is followed').toBe(true);
  }
  await apply(definition);
  await untilState(cache, 'Following');
});
