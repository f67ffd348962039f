import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { seededRandom } from '../support/random.ts';
import {
  becomes,
  clusterStage,
  patient,
  preparedPlane,
  readyOf,
  settings,
  type ClusterStage,
  type Running,
} from './kubernetes-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);
afterAll(async () => {
  await plane.stop();
});

const count = 12;
const ids = Array.from({ length: count }, (_, index) => String(1000 + index));
const world = `apps:
  - { id: megapay, environments: [Production, Sandbox] }
workspaces:
  - id: acme
    miniPrograms:
${ids.map((id) => `      - { id: "${id}", name: P${id}, versions: [1.0.0] }`).join('\n')}
`;

function declared(id: string): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: p-${id} }
spec:
  workspace: acme
  id: "${id}"
  targets: [{ app: megapay, environment: Sandbox, config: { merchantId: M-0 } }]
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: p-${id}-1.0.0 }
spec: { miniProgram: p-${id}, version: 1.0.0, environments: [Sandbox] }
`;
}

/** The long run has thirty kills and 500 changes. */
const isLong = process.env['FAIRLEAD_SEEDS'] !== undefined;
const kills = isLong ? 30 : 5;
const changes = isLong ? 500 : 80;

async function change(id: string, namespace: string, value: string): Promise<void> {
  const target = { app: 'megapay', environment: 'Sandbox', config: { merchantId: value } };
  const path = `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/miniprograms/p-${id}`;
  const answer = await plane.call(path, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { spec: { targets: [target] } },
  });
  expect(answer.status).toBe(200);
}

async function writesByProgram(stage: ClusterStage): Promise<Readonly<Record<string, number>>> {
  const calls = await stage.emulator.calls();
  const written = calls.filter(
    ({ operation, resultStatus }) =>
      (operation === 'createRelease' || operation === 'patchReleaseConfig') && resultStatus === 'S',
  );
  const groups = Map.groupBy(
    written,
    ({ key }) => ids.find((id) => JSON.stringify(key).includes(id)) ?? '',
  );
  return Object.fromEntries([...groups].map(([id, own]) => [id, own.length]));
}

describe('two replicas with three shards', () => {
  it(`lose nothing and double nothing while one after the other is killed (${String(kills)} times)`, async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    const random = seededRandom(11);
    const file = settings('intervals: { sweepSeconds: 30 }').replace(
      /leases: .*/,
      'leases: { durationSeconds: 1.5, renewSeconds: 1, retrySeconds: 0.2 }',
    );
    const config = await stage.place.write('settings.yaml', file);
    const begin = (): Promise<Running> => stage.start(['--shards', '3', '--config', config]);
    const running = await Promise.all([begin(), begin()]);
    await stage.apply(ids.map(declared).join('---\n'), namespace);
    const wanted = new Map(ids.map((id) => [id, ['M-0']]));

    const flow = async (): Promise<void> => {
      for (let index = 1; index <= changes; index += 1) {
        const id = ids[Math.floor(random.next() * count)] ?? '';
        wanted.get(id)?.push(`M-${index}`);
        await change(id, namespace, `M-${index}`);
        await sleep(random.next() * 200);
      }
    };
    const killing = async (): Promise<void> => {
      for (let index = 0; index < kills; index += 1) {
        await sleep(500 + random.next() * 2_000);
        const at = Math.floor(random.next() * 2);
        await running[at]?.stop('SIGKILL');
        running[at] = await begin();
      }
    };
    await Promise.all([flow(), killing()]);

    for (const id of ids) await becomes(stage, `mpr/p-${id}-1.0.0`, namespace, 'True InSync');
    await vi.waitFor(async () => {
      const found = await stage.emulator.world();
      for (const [id, values] of wanted) {
        const own = found.slice(found.indexOf(`id: "${id}"`));
        expect(own.match(/merchantId: (\S+)/)?.[1], id).toBe(values.at(-1));
      }
    }, patient);
    for (const [id, times] of Object.entries(await writesByProgram(stage)))
      expect(times, `${id}: each value is written once at most`).toBeLessThanOrEqual(
        wanted.get(id)?.length ?? 0,
      );
    for (const id of ids)
      expect(readyOf(await stage.get(`mpr/p-${id}-1.0.0`, namespace))).toBe('True InSync');
  }, 600_000);

  it('hand everything over at once when one of them is stopped', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    const config = await stage.place.write('settings.yaml', settings());
    const args = ['--shards', '3', '--config', config];
    const first = await stage.start(args);
    await stage.apply(ids.map(declared).join('---\n'), namespace);
    for (const id of ids) await becomes(stage, `mpr/p-${id}-1.0.0`, namespace, 'True InSync');
    await stage.start(args);
    const second = await stage.start(args);

    const ended = await first.stop();
    for (const id of ids) await change(id, namespace, 'M-1');

    for (const id of ids) await becomes(stage, `mp/p-${id}`, namespace, 'True InSync');
    expect(ended.code).toBe(143);
    expect(second.said()).not.toContain('a bug in Fairlead');
    const writes = Object.values(await writesByProgram(stage));
    expect(writes).toEqual(ids.map(() => 2));
  }, 300_000);
});
