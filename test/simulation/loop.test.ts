import { afterEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../src/core/words/time.ts';
import { ReconcileError } from '../../src/core/words/errors.ts';
import { faultWorld, heldBy, recordCounts } from './faults-world.ts';
import { createLoopScene, heldIds, type LoopScene, type SceneOptions } from './loop-scene.ts';

const scenes: LoopScene[] = [];
afterEach(async () => {
  await Promise.all(scenes.splice(0).map((scene) => scene.stop()));
});

function sceneOf(more: Partial<SceneOptions> = {}): LoopScene {
  const scene = createLoopScene({ world: faultWorld(), ...more });
  scenes.push(scene);
  return scene;
}

function coffee(targets: Readonly<Record<string, string>>, more = ''): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec:
  workspace: acme
  id: coffee
${more}---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-1.0.0 }
spec:
  miniProgram: coffee
  version: 1.0.0
  targets:
${Object.entries(targets)
  .map(
    ([environment, config]) =>
      `    - { app: megapay, environment: ${environment}, config: ${config} }`,
  )
  .join('\n')}
`;
}

async function started(scene: LoopScene, files: Readonly<Record<string, string>>): Promise<void> {
  scene.repositories['team']!.commit(files);
  scene.start();
  await scene.advance(2_000);
}

describe('the loop', () => {
  it('makes the platform equal to a commit, and then rests', async () => {
    const scene = sceneOf();
    await started(scene, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });

    expect(heldBy(scene.host)).toMatchObject({ Sandbox: { merchantId: 'M-7' } });
    expect(scene.program('coffee')).toMatchObject({
      state: 'InSync',
      targets: { total: 1, done: 1 },
    });
    expect(scene.repositories['team']!.completed).toHaveLength(1);
    scene.calls();
    await scene.advance(299_000);
    expect(scene.calls()).toEqual(['listReleases']);
  });

  it('acts on one changed target with two calls', async () => {
    const scene = sceneOf();
    await started(scene, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });
    scene.calls();

    scene.repositories['team']!.commit({
      'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-8 }' }),
    });
    scene.hint('team');
    await scene.advance(10);

    expect(scene.calls()).toEqual(['getRelease', 'patchReleaseConfig']);
    expect(heldBy(scene.host)).toMatchObject({ Sandbox: { merchantId: 'M-8' } });
  });

  it('finds drift by the sweep, and reports or undoes it as the policy says', async () => {
    const scene = sceneOf();
    const policy = '  policy: { environments: { Sandbox: { onDrift: Apply } } }\n';
    await started(scene, {
      'coffee.yaml': coffee(
        { Sandbox: '{ merchantId: M-7 }', Test: '{ merchantId: M-7 }' },
        policy,
      ),
    });
    for (const environment of ['Sandbox', 'Test'] as const) {
      scene.console({
        action: 'editReleaseConfig',
        ...{ workspace: 'acme', miniProgram: 'coffee', version: '1.0.0' },
        ...{ app: 'megapay', environment, patch: { merchantId: 'M-0' } },
      });
    }
    await scene.advance(301_000);

    expect(heldBy(scene.host)).toMatchObject({
      Sandbox: { merchantId: 'M-7' },
      Test: { merchantId: 'M-0' },
    });
    expect(scene.program('coffee')).toMatchObject({
      state: 'InSync',
      held: [{ where: '1.0.0/megapay/Test', path: 'merchantId', reason: 'DriftReported' }],
    });
  });

  it('waits for an approval, uses it once, and asks again for the next', async () => {
    const scene = sceneOf({ gates: {} });
    await started(scene, { 'coffee.yaml': coffee({ Production: '{ merchantId: M-1 }' }) });
    const files = (id: string) => ({
      'coffee.yaml': coffee({ Production: `{ merchantId: ${id} }` }),
    });
    scene.repositories['team']!.commit(files('M-2'));
    scene.hint('team');
    await scene.advance(2_000);
    expect(scene.program('coffee')).toMatchObject({ state: 'Held' });
    expect(heldBy(scene.host)).toMatchObject({ Production: { merchantId: 'M-1' } });

    const ids = heldIds(scene.program('coffee'));
    const at = scene.clock.wall();
    scene.orders.push({ kind: 'approve', id: 'a', at, by: 'ada', asked: ids[0]!, ids });
    await scene.advance(2_000);
    expect(heldBy(scene.host)).toMatchObject({ Production: { merchantId: 'M-2' } });
    expect(scene.orders.map(({ kind }) => kind)).toEqual(['approve', 'used']);
    expect(scene.entries.filter(({ kind }) => kind === 'attempt').at(-1)).toMatchObject({
      approvedBy: 'ada',
    });

    for (const id of ['M-1', 'M-2']) {
      scene.repositories['team']!.commit(files(id));
      scene.hint('team');
      await scene.advance(2_000);
    }
    expect(scene.program('coffee')).toMatchObject({ state: 'InSync' });
    expect(heldBy(scene.host)).toMatchObject({ Production: { merchantId: 'M-2' } });
  });

  it('writes nothing while a person suspends it, and goes on when that ends', async () => {
    const scene = sceneOf();
    await started(scene, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });
    const at = scene.clock.wall();
    const until = epochMs(at + 60_000);
    scene.orders.push({ kind: 'suspend', id: 's', at, by: 'ada', reason: 'freeze', until });
    scene.repositories['team']!.commit({
      'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-8 }' }),
    });
    scene.hint('team');
    await scene.advance(30_000);
    expect(heldBy(scene.host)).toMatchObject({ Sandbox: { merchantId: 'M-7' } });
    expect(scene.program('coffee')).toMatchObject({ state: 'Suspended' });

    await scene.advance(31_000);
    expect(heldBy(scene.host)).toMatchObject({ Sandbox: { merchantId: 'M-8' } });
    expect(scene.program('coffee')).toMatchObject({ state: 'InSync' });
  });

  it('keeps what it knows while a source fails, says so once, and recovers', async () => {
    const scene = sceneOf();
    await started(scene, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });
    const team = scene.repositories['team']!;
    team.broken = new ReconcileError('SourceUnavailable', 'no route');
    await scene.advance(60_000);
    expect(scene.status().sources).toMatchObject([
      { state: 'Failing', trouble: { code: 'SourceUnavailable' } },
    ]);
    const told = scene.events.filter(
      (event) =>
        event.kind === 'condition' && event.about === 'source' && event.state === 'Failing',
    );
    expect(told).toHaveLength(1);
    expect(recordCounts(scene.host)).toMatchObject({ 'coffee/1.0.0/megapay/Sandbox': 1 });

    team.broken = undefined;
    await scene.advance(11_000);
    expect(scene.status().sources).toMatchObject([{ state: 'Ready' }]);
  });

  it('removes nothing when everything is deleted', async () => {
    const scene = sceneOf();
    await started(scene, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });
    scene.calls();
    scene.repositories['team']!.commit({});
    await scene.advance(320_000);

    expect(heldBy(scene.host)).toMatchObject({ Sandbox: { merchantId: 'M-7' } });
    expect(scene.calls()).toEqual([]);
    expect(scene.status().programs).toEqual([]);
  });

  it('leaves a program to the installation that was there first, and writes nothing in circles', async () => {
    const first = sceneOf({ installation: 'first' });
    await started(first, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });
    const second = sceneOf({ installation: 'second', beside: first });
    await started(second, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-8 }' }) });
    first.calls();
    await first.advance(900_000);

    expect(heldBy(first.host)).toMatchObject({ Sandbox: { merchantId: 'M-7' } });
    expect(first.program('coffee')).toMatchObject({ state: 'InSync' });
    expect(second.program('coffee')).toMatchObject({
      state: 'Blocked',
      blocked: [{ where: '1.0.0/megapay/Sandbox', reasons: ['Contended'] }],
    });
    expect(new Set(first.calls())).toEqual(new Set(['listReleases']));
  });

  it('stops writing in circles also where both are of one installation', async () => {
    const first = sceneOf({ sweepMs: 10_000 });
    await started(first, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });
    const second = sceneOf({ sweepMs: 10_000, beside: first });
    await started(second, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-8 }' }) });
    await first.advance(300_000);
    first.calls();
    await first.advance(1_200_000);

    expect(new Set(first.calls())).toEqual(new Set(['listReleases']));
    const states = [first, second].map((scene) => scene.program('coffee'));
    expect(states.flatMap((program) => program?.blocked ?? [])).toContainEqual(
      expect.objectContaining({ where: '1.0.0/megapay/Sandbox', reasons: ['Contended'] }),
    );
  });

  it('acts on a program although the source beside it cannot be read', async () => {
    const scene = sceneOf({ sources: ['team', 'other'] });
    scene.repositories['other']!.broken = new ReconcileError('SourceUnavailable', 'no route');
    await started(scene, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });

    expect(heldBy(scene.host)).toMatchObject({ Sandbox: { merchantId: 'M-7' } });
    expect(scene.status().sources).toMatchObject([{ state: 'Ready' }, { state: 'Failing' }]);
  });

  it('takes nothing over from a source that cannot be read', async () => {
    const sources = ['other', 'team'];
    const first = sceneOf({ sources });
    first.repositories['other']!.commit({
      'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-1 }' }),
    });
    await started(first, {});
    expect(heldBy(first.host)).toMatchObject({ Sandbox: { merchantId: 'M-1' } });
    await first.stop();

    const second = sceneOf({ sources, beside: first });
    second.repositories['other']!.broken = new ReconcileError('SourceUnavailable', 'no route');
    await started(second, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-2 }' }) });

    expect(heldBy(second.host)).toMatchObject({ Sandbox: { merchantId: 'M-1' } });
    expect(second.program('coffee')).toMatchObject({
      state: 'Blocked',
      blocked: [{ where: '1.0.0/megapay/Sandbox', reasons: ['TargetConflict'] }],
    });
  });

  it('backs off from a platform that is down, and goes on by itself when it is back', async () => {
    const scene = sceneOf({
      faults: { rules: [{ effect: 'status', status: 503, operation: 'listReleases', times: 16 }] },
    });
    await started(scene, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });
    expect(scene.status().connections).toMatchObject([{ state: 'Starting' }]);
    await scene.advance(60_000);
    expect(scene.status().connections).toMatchObject([
      { state: 'Failing', trouble: { code: 'PlatformUnavailable' } },
    ]);
    await scene.advance(600_000);

    expect(scene.status().connections).toMatchObject([{ state: 'Ready' }]);
    expect(heldBy(scene.host)).toMatchObject({ Sandbox: { merchantId: 'M-7' } });
  });

  it('says that the platform refused a write for as long as it rests, without a word in between', async () => {
    const scene = sceneOf({
      faults: {
        rules: [{ effect: 'result', resultCode: 'PARAM_ILLEGAL', operation: 'patchReleaseConfig' }],
      },
    });
    await started(scene, { 'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-7 }' }) });
    await scene.advance(2_000);
    scene.repositories['team']!.commit({
      'coffee.yaml': coffee({ Sandbox: '{ merchantId: M-8 }' }),
    });
    scene.hint('team');
    await scene.advance(5_000);
    const first = scene.program('coffee');
    expect(first).toMatchObject({ state: 'Failing', trouble: { code: 'RequestInvalid' } });

    const said = () => scene.events.filter((event) => event.kind === 'condition').length;
    const before = said();
    // Sweeps that find it at rest, and two attempts that are refused again.
    await scene.advance(7_500_000);

    const { state, since, trouble } = scene.program('coffee') ?? {};
    expect({ state, since, trouble }).toEqual({
      ...{ state: 'Failing', since: first?.since, trouble: first?.trouble },
    });
    expect(said()).toBe(before);
  });
});
