import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { coffee, world } from '../support/cli-world.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import {
  becomes,
  clusterStage,
  patient,
  preparedPlane,
  readyOf,
  settings,
} from './kubernetes-stage.ts';

/* Objects that a controller can do nothing with: they say so where they can, and hurt no other. */

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);
afterAll(async () => {
  await plane.stop();
});

const apiVersion = 'fairlead.dev/v1alpha1';

/** As large as this, by labels whose owners are told once more in managedFields. */
function large(name: string, labels: number): object {
  const prefix = ['p', 'q', 'r', 's'].map((letter) => letter.repeat(60)).join('.');
  const pairs = Array.from({ length: labels }, (_, index) => [
    `${prefix}/${String(index).padStart(6, '0')}${'n'.repeat(57)}`,
    'v'.repeat(63),
  ]);
  return {
    ...{ apiVersion, kind: 'MiniProgramRelease' },
    metadata: { name, labels: Object.fromEntries(pairs) },
    spec: { miniProgram: 'none', version: '1.0.0', environments: ['Sandbox'] },
  };
}

/** Makes objects that storage takes, and to which not even a short status can be added. @returns their names */
async function poison(namespace: string, count: number): Promise<readonly string[]> {
  const path = `/apis/${apiVersion}/namespaces/${namespace}/miniprogramreleases`;
  const isTaken = async (labels: number): Promise<boolean> => {
    const made = await plane.call(path, { method: 'POST', body: large('probe', labels) });
    if (made.status === 201) await plane.call(`${path}/probe`, { method: 'DELETE' });
    return made.status === 201;
  };
  // Etcd takes 1.5 MiB; how many labels that is depends on names that the API server adds.
  let [most, least] = [4_000, 4_400];
  while (least - most > 1) {
    const middle = (most + least) >> 1;
    if (await isTaken(middle)) most = middle;
    else least = middle;
  }
  const names = Array.from({ length: count }, (_, index) => `poison-${index}`);
  for (const name of names) {
    const { status } = await plane.call(path, { method: 'POST', body: large(name, most) });
    expect(status).toBe(201);
  }
  return names;
}

describe('an object', () => {
  it('whose status storage does not take holds up nobody else', async () => {
    const stage = await clusterStage(plane, world);
    const [evil, good] = [await plane.namespace(), await plane.namespace()];
    const names = await poison(evil, 12);
    const config = await stage.place.write('settings.yaml', settings());
    const running = await stage.start(['--config', config]);
    await vi.waitFor(() => {
      for (const name of names)
        expect(running.said()).toContain(`status of MiniProgramRelease ${evil}/${name}`);
    }, patient);

    await stage.apply(coffee, good);
    await becomes(stage, 'mpr/coffee-2.4.0', good, 'True InSync');

    const page = await fetch(`${running.url}/readyz`);
    expect(page.status, await page.text()).toBe(200);
    const told = running.said().split(`${evil}/poison-0`).length - 1;
    expect(told, 'each is told once').toBe(1);
  });

  it('that names no connection says so until the connection is there', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    const config = await stage.place.write('settings.yaml', settings());
    await stage.start(['--config', config]);
    const lost = coffee.replace(
      /kind: MiniProgram\nmetadata: \{ name: coffee \}\nspec:\n/,
      (head) => `${head}  connection: defualt\n`,
    );
    expect(lost).toContain('connection: defualt');
    await stage.apply(lost, namespace);

    for (const what of ['mp/coffee', 'mpr/coffee-2.4.0']) {
      const object = await becomes(stage, what, namespace, 'False ReferenceNotFound');
      const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
      expect(ready?.message).toContain('Did you mean default?');
    }
    // Which connection a program goes through never changes: it is the connection that has to come.
    await stage.kubectl('delete', 'platformconnection', 'default');
    const connections = await stage.place.read('connections.yaml');
    await stage.apply(connections.replaceAll(/name: default$/gm, 'name: defualt'));

    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    await stage.kubectl('delete', 'platformconnection', 'defualt');
  });

  it('that is being deleted is acted upon no more', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    const config = await stage.place.write('settings.yaml', settings());
    await stage.start(['--config', config]);
    await stage.apply(coffee, namespace);
    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    const patch = (what: string, body: object) =>
      stage.kubectl('-n', namespace, 'patch', what, '--type=merge', '-p', JSON.stringify(body));

    await patch('mp/coffee', { metadata: { finalizers: ['example.com/stuck'] } });
    await stage.kubectl('-n', namespace, 'delete', 'mp', 'coffee', '--wait=false');

    await vi.waitFor(async () => {
      const release = await stage.get('mpr/coffee-2.4.0', namespace);
      expect(readyOf(release)).toBe('False ReferenceNotFound');
    }, patient);
    await patch('mp/coffee', { metadata: { finalizers: [] } });
  });
});
