import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { coffee, world as coffeeWorld } from '../support/cli-world.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { createTeamRepository } from '../support/controller.ts';
import { becomes, clusterStage, patient, preparedPlane, settings } from './kubernetes-stage.ts';
import type { ClusterStage } from './kubernetes-stage.ts';

const ids = Array.from({ length: 6 }, (_, index) => String(1000 + index));

const manyWorld = `apps:
  - { id: megapay, environments: [Production, Sandbox] }
workspaces:
  - id: acme
    miniPrograms:
${ids.map((id) => `      - { id: "${id}", name: P${id}, versions: [1.0.0] }`).join('\n')}
`;

function declared(id: string, merchant: string): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: p-${id} }
spec:
  workspace: acme
  id: "${id}"
  targets: [{ app: megapay, environment: Sandbox, config: { merchantId: ${merchant} } }]
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: p-${id}-1.0.0 }
spec: { miniProgram: p-${id}, version: 1.0.0, environments: [Sandbox] }
`;
}

function all(merchant: string): Readonly<Record<string, string>> {
  return Object.fromEntries(ids.map((id) => [`${id}.yaml`, declared(id, merchant)]));
}

function team(stage: ClusterStage): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: team }
spec: { intervalSeconds: 1, url: "file://${stage.place.path('git/team.git')}" }
`;
}

async function writes({ emulator }: ClusterStage): Promise<number> {
  const calls = await emulator.calls();
  return calls.filter(({ operation }) => /^(create|patch)/.test(operation)).length;
}

/** How many processes hold shards. */
async function holders(stage: ClusterStage): Promise<number> {
  const names = await stage.kubectl(
    ...['-n', 'fairlead-system', 'get', 'leases', '-l', 'fairlead.dev/lease=shard'],
    ...['-o', 'jsonpath={.items[*].spec.holderIdentity}'],
  );
  return new Set(names.split(' ').filter((name) => name !== '')).size;
}

describe('what a gate holds, over a restart with a new disk', () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await preparedPlane();
  }, 120_000);
  afterAll(() => plane.stop());

  it('holds a mass change, and lets a small one through', async () => {
    const stage = await clusterStage(plane, manyWorld);
    const namespace = await plane.namespace();
    const gates = JSON.stringify({ spec: { gates: { maxPrograms: 3 } } });
    await stage.kubectl('patch', 'platformconnection', 'default', '--type=merge', '-p', gates);
    const repository = await createTeamRepository(stage.place, 'team');
    await repository.commit(all('M-1'));
    const config = await stage.place.write('settings.yaml', settings('allowFileUrls: true'));
    const first = await stage.start(['--config', config, '--state', 'first']);
    await stage.apply(team(stage), namespace);
    await becomes(stage, 'gitsource/team', namespace, 'True InSync');
    const completed = repository.git('rev-parse', 'HEAD');
    const before = await writes(stage);
    await first.stop();
    await repository.commit(all('M-2'));
    const looked = async (state: string) => {
      const controller = await stage.start(['--config', config, '--state', state]);
      await vi.waitFor(() => {
        expect(controller.said().split('more than maxPrograms 3')).toHaveLength(7);
      }, patient);
      return controller;
    };

    const second = await looked('second');
    const status = (await stage.get('gitsource/team', namespace)).status;
    expect(await writes(stage), 'nobody approved it').toBe(before);
    expect(status?.['completed'], 'the next one must know it, too').toMatchObject({
      id: completed,
    });
    await second.stop();
    const third = await looked('third');
    expect(await writes(stage)).toBe(before);

    await repository.commit({ ...all('M-1'), '1000.yaml': declared('1000', 'M-3') });
    await becomes(stage, 'gitsource/team', namespace, 'True InSync');
    expect(await writes(stage)).toBe(before + 1);
    await third.stop();
  });

  it('holds a mass change that lies in the shards of two processes', async () => {
    const stage = await clusterStage(plane, manyWorld);
    const namespace = await plane.namespace();
    const gates = JSON.stringify({ spec: { gates: { maxPrograms: 4 } } });
    await stage.kubectl('patch', 'platformconnection', 'default', '--type=merge', '-p', gates);
    const repository = await createTeamRepository(stage.place, 'team');
    await repository.commit(all('M-1'));
    const config = await stage.place.write('settings.yaml', settings('allowFileUrls: true'));
    const start = (state: string) =>
      stage.start(['--config', config, '--state', state, '--shards', '2']);
    const completed = async () => {
      const { status } = await stage.get('gitsource/team', namespace);
      return (status?.['completed'] as { readonly id?: string } | undefined)?.id;
    };
    const completes = async () => {
      const head = repository.git('rev-parse', 'HEAD');
      await vi.waitFor(async () => expect(await completed()).toBe(head), patient);
      return head;
    };
    const one = await start('one');
    await stage.apply(team(stage), namespace);
    await completes();
    const two = await start('two');
    await vi.waitFor(async () => expect(await holders(stage)).toBe(2), patient);
    const before = await writes(stage);
    await repository.commit({ ...all('M-1'), '1000.yaml': declared('1000', 'M-3') });
    const small = await completes();
    expect(await writes(stage)).toBe(before + 1);

    await repository.commit(all('M-2'));
    const held = (...each: readonly { said(): string }[]) =>
      each.map((process) => process.said().split('more than maxPrograms 4').length - 1);
    await vi.waitFor(() => {
      const [first = 0, second = 0] = held(one, two);
      expect(first + second).toBe(ids.length);
      expect(Math.min(first, second), 'each has some of them').toBeGreaterThan(0);
    }, patient);
    await two.stop();
    await vi.waitFor(() => expect(held(one)[0]).toBeGreaterThanOrEqual(ids.length), patient);

    expect(await writes(stage), 'nobody approved it').toBe(before + 1);
    expect(await completed()).toBe(small);
    await one.stop();
  });

  it('holds a mass change that another path of the same commit is', async () => {
    const stage = await clusterStage(plane, manyWorld);
    const namespace = await plane.namespace();
    const gates = JSON.stringify({ spec: { gates: { maxPrograms: 3 } } });
    await stage.kubectl('patch', 'platformconnection', 'default', '--type=merge', '-p', gates);
    const repository = await createTeamRepository(stage.place, 'team');
    const below = (folder: string, merchant: string) =>
      Object.entries(all(merchant)).map(([file, text]) => [`${folder}/${file}`, text]);
    await repository.commit(Object.fromEntries([...below('old', 'M-1'), ...below('new', 'M-2')]));
    const config = await stage.place.write('settings.yaml', settings('allowFileUrls: true'));
    const first = await stage.start(['--config', config, '--state', 'first']);
    await stage.apply(team(stage).replace('{ interval', '{ path: old, interval'), namespace);
    await becomes(stage, 'gitsource/team', namespace, 'True InSync');
    const before = await writes(stage);

    await stage.apply(team(stage).replace('{ interval', '{ path: new, interval'), namespace);
    const isHeld = (process: { said(): string }) =>
      vi.waitFor(() => {
        expect(process.said().split('more than maxPrograms 3')).toHaveLength(7);
      }, patient);
    await isHeld(first);
    await first.stop();
    for (const state of ['first', 'second']) {
      const next = await stage.start(['--config', config, '--state', state]);
      await isHeld(next);
      await next.stop();
    }

    expect(await writes(stage), 'nobody approved it').toBe(before);
    expect(await stage.emulator.world()).not.toContain('M-2');
  });

  it('holds a ref that went back', async () => {
    const stage = await clusterStage(plane, coffeeWorld);
    const namespace = await plane.namespace();
    const repository = await createTeamRepository(stage.place, 'team');
    await repository.commit({ 'coffee.yaml': coffee });
    const older = repository.git('rev-parse', 'HEAD');
    const config = await stage.place.write('settings.yaml', settings('allowFileUrls: true'));
    await repository.commit({ 'coffee.yaml': coffee.replace('M-77-T', 'M-78-T') });
    const first = await stage.start(['--config', config, '--state', 'first']);
    await stage.apply(team(stage), namespace);
    await becomes(stage, 'gitsource/team', namespace, 'True InSync');
    const before = await writes(stage);
    await first.stop();
    repository.git('push', '-q', '--force', 'origin', `${older}:main`);

    for (const state of ['second', 'third']) {
      const next = await stage.start(['--config', config, '--state', state]);
      await becomes(stage, 'gitsource/team', namespace, 'False SourceRewound');
      expect(await writes(stage), state).toBe(before);
      await next.stop();
    }
    expect(await stage.emulator.world()).toContain('M-78-T');
  });
});
