import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { coffee, world } from '../support/cli-world.ts';
import { becomes, clusterStage, preparedPlane } from './kubernetes-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);
afterAll(async () => {
  await plane.stop();
});

describe('fairlead run --kubernetes', () => {
  it('releases a version that somebody applied with kubectl', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    const controller = await stage.start();

    await stage.apply(coffee, namespace);

    const release = await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    await becomes(stage, 'mp/coffee', namespace, 'True InSync');
    expect(release.status?.progress).toBe('2/2');
    const calls = await stage.emulator.calls();
    expect(calls.filter(({ operation }) => operation === 'createRelease')).toHaveLength(2);
    const { code } = await controller.stop();
    expect(code).toBe(143);
  });
});
