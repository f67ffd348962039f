import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import type { CallEntry } from '../../src/emulator/calls.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { coffee, program, world } from '../support/cli-world.ts';
import {
  becomes,
  clusterStage,
  patient,
  preparedPlane,
  readyOf,
  settings,
} from './kubernetes-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);
afterAll(async () => {
  await plane.stop();
});

const writes = new Set(['createRelease', 'patchReleaseConfig', 'patchGlobalConfig']);

function written(calls: readonly CallEntry[]): readonly CallEntry[] {
  return calls.filter(({ operation }) => writes.has(operation));
}

const books = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: books }
spec:
  workspace: acme
  id: "3500020208396399"
  targets: [{ app: megapay, environment: Sandbox, config: { merchantId: B-1 } }]
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: books-1.0.0 }
spec: { miniProgram: books, version: 1.0.0, environments: [Sandbox] }
`;

describe('fairlead run --kubernetes', () => {
  it('releases a version that somebody applied with kubectl, and stops within five seconds', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    const controller = await stage.start();

    await stage.apply(coffee, namespace);

    const release = await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    await becomes(stage, 'mp/coffee', namespace, 'True InSync');
    await becomes(stage, 'platformconnection/default', namespace, 'True InSync');
    expect(release.status?.progress).toBe('2/2');
    expect(written(await stage.emulator.calls())).toHaveLength(2);
    await vi.waitFor(async () => {
      const page = await fetch(`${controller.url}/readyz`);
      expect([page.status, await page.text()]).toEqual([200, 'ready\n']);
    }, patient);
    const began = performance.now();
    const { code } = await controller.stop();
    expect(code).toBe(143);
    expect(performance.now() - began, 'stops soon').toBeLessThan(5_000);
  });

  it('wakes only the programs that an object touches, and writes nothing while nothing changes', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    await stage.apply(coffee + '---\n' + books, namespace);
    const config = await stage.place.write(
      'settings.yaml',
      settings('intervals: { sweepSeconds: 5 }'),
    );
    await stage.start(['--config', config]);
    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    await becomes(stage, 'mpr/books-1.0.0', namespace, 'True InSync');
    await becomes(stage, 'mp/books', namespace, 'True InSync');
    await becomes(stage, 'mp/coffee', namespace, 'True InSync');
    const before = await quiet(stage, namespace);

    const sweeps = async () =>
      (await stage.emulator.calls()).filter(({ operation }) => operation === 'listReleases').length;
    const seen = await sweeps();
    await vi.waitFor(async () => {
      expect(await sweeps()).toBeGreaterThan(seen + 1);
    }, patient);
    expect(await statusWrites(namespace), 'a sweep that finds nothing writes nothing').toBe(before);
    const calls = (await stage.emulator.calls()).length;
    await stage.kubectl(
      '-n',
      namespace,
      'patch',
      'mp',
      'books',
      '--type=merge',
      '-p',
      '{"spec":{"targets":[{"app":"megapay","environment":"Sandbox","config":{"merchantId":"B-2"}}]}}',
    );
    await becomes(stage, 'mpr/books-1.0.0', namespace, 'True InSync');
    await vi.waitFor(async () => {
      const fresh = written((await stage.emulator.calls()).slice(calls));
      expect(fresh.map(({ operation }) => operation)).toEqual(['patchReleaseConfig']);
    }, patient);
    const single = (await stage.emulator.calls())
      .slice(calls)
      .filter(({ operation }) => operation === 'getRelease');
    expect(JSON.stringify(single), 'nothing of another program is asked').not.toContain(program);
  });

  it('says what is wrong with an object, and hurts no other', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    await stage.start();
    const broken = coffee
      .replace(/coffee/g, 'tea')
      .replace('2.4.0 }', '2.4.0 }')
      .replace('miniProgram: tea', 'miniProgram: coffe');

    await stage.apply(broken.replace(program, '3500020208396000'), namespace);
    await stage.apply(coffee, namespace);

    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    const release = await becomes(stage, 'mpr/tea-2.4.0', namespace, 'False ReferenceNotFound');
    const [ready] = release.status?.conditions ?? [];
    expect(ready?.message).toContain(`MiniProgramRelease ${namespace}/tea-2.4.0, spec.miniProgram`);
    expect(ready?.message).toContain('Did you mean coffee?');
  });

  it('writes nothing while the API server does not answer, says so, and goes on by itself', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    await stage.apply(coffee, namespace);
    const config = await stage.place.write(
      'settings.yaml',
      settings('intervals: { sweepSeconds: 2 }'),
    );
    const controller = await stage.start(['--config', config]);
    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    const [server = 0] = plane.pids;
    onTestFinished(() => void process.kill(server, 'SIGCONT'));

    process.kill(server, 'SIGSTOP');
    await vi.waitFor(async () => {
      const page = await fetch(`${controller.url}/readyz`);
      expect([page.status, await page.text()]).toEqual([503, expect.stringContaining('Lease')]);
      expect(controller.said()).toContain('cluster Lease');
    }, patient);
    expect(controller.child.exitCode).toBeNull();
    process.kill(server, 'SIGCONT');
    await stage.kubectl(
      ...['-n', namespace, 'patch', 'mpr', 'coffee-2.4.0', '--type=merge', '-p'],
      '{"spec":{"config":{"testers":["2088001"]}}}',
    );

    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    await vi.waitFor(async () => {
      expect((await fetch(`${controller.url}/readyz`)).status).toBe(200);
    }, patient);
    const operations = written(await stage.emulator.calls()).map(({ operation }) => operation);
    expect(operations.toSorted()).toEqual([
      ...['createRelease', 'createRelease'],
      ...['patchReleaseConfig', 'patchReleaseConfig'],
    ]);
  });

  it('keeps in status what a platform without marks forgets', async () => {
    const stage = await clusterStage(plane, `switches: { marks: false }\n${world}`);
    const namespace = await plane.namespace();
    await stage.apply(coffee, namespace);
    const config = await stage.place.write('settings.yaml', settings());
    const first = await stage.start(['--config', config]);
    const done = await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    expect(done.status?.targets?.map(({ mark }) => typeof mark)).toEqual(['string', 'string']);
    await first.stop();
    await stage.start(['--config', config]);

    await stage.apply(coffee.replace('M-77-T', 'M-78-T'), namespace);

    await vi.waitFor(async () => {
      expect(written(await stage.emulator.calls())).toHaveLength(3);
    }, patient);
    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
  });

  it('answers a request to reconcile, and heeds a suspension', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    await stage.apply(coffee, namespace);
    await stage.start();
    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    const calls = (await stage.emulator.calls()).length;

    await stage.kubectl(
      '-n',
      namespace,
      'annotate',
      'mp',
      'coffee',
      'fairlead.dev/reconcile-requested-at=now-1',
    );
    await vi.waitFor(async () => {
      const { status } = await stage.get('mp/coffee', namespace);
      expect(status?.lastHandledReconcileAt).toBe('now-1');
    }, patient);
    const answered = (await stage.emulator.calls()).length;
    expect(answered).toBeGreaterThan(calls);
    const began = performance.now();
    for (let ask = 2; ask <= 40; ask += 1)
      await plane.call(`/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/miniprograms/coffee`, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: {
          metadata: {
            annotations: { 'fairlead.dev/reconcile-requested-at': `now-${String(ask)}` },
          },
        },
      });
    await vi.waitFor(async () => {
      const { status } = await stage.get('mp/coffee', namespace);
      expect(status?.lastHandledReconcileAt).toBe('now-40');
    }, patient);
    // Who asks without end is answered once in ten seconds: each answer is two calls that others need.
    const answers = 2 + (performance.now() - began) / 10_000;
    expect((await stage.emulator.calls()).length - answered).toBeLessThanOrEqual(2 * answers);
    await stage.kubectl(
      '-n',
      namespace,
      'patch',
      'mpr',
      'coffee-2.4.0',
      '--type=merge',
      '-p',
      '{"spec":{"suspend":{"reason":"incident"},"config":{"merchantId":"M-9"}}}',
    );

    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True Suspended');
    expect(written(await stage.emulator.calls())).toHaveLength(2);
  });

  /** Status writes so far, once there were none for a while. */
  async function quiet(stage: Awaited<ReturnType<typeof clusterStage>>, namespace: string) {
    let last = -1;
    await vi.waitFor(
      async () => {
        const now = await statusWrites(namespace);
        const isQuiet = now === last;
        last = now;
        expect(isQuiet).toBe(true);
      },
      { timeout: 60_000, interval: 3_000 },
    );
    expect(readyOf(await stage.get('mp/books', namespace))).toBe('True InSync');
    return last;
  }

  async function statusWrites(namespace: string): Promise<number> {
    const log = await plane.auditLog();
    return log.filter(
      ({ verb, objectRef }) =>
        verb === 'patch' &&
        objectRef?.subresource === 'status' &&
        objectRef.namespace === namespace,
    ).length;
  }
});
