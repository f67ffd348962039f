import { afterEach, describe, expect, it } from 'vitest';
import type { FaultPlan } from '../../src/emulator/faults.ts';
import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import { faultWorld } from './faults-world.ts';
import { createLoopScene, heldIds, openGates, type LoopScene } from './loop-scene.ts';

/* What `maxPrograms` lets through, and which programs a commit wakes. */

const scenes: LoopScene[] = [];
afterEach(async () => {
  await Promise.all(scenes.splice(0).map((scene) => scene.stop()));
});

const count = 6;
const every = Array.from({ length: count }, (_, index) => index);

function world(): WorldFile {
  const file = faultWorld();
  const [workspace] = file.workspaces ?? [];
  if (!workspace) throw new Error('a world has a workspace');
  const miniPrograms = every.map((index) => ({
    id: `p${String(index)}`,
    type: 'DSL' as const,
    domainsGranted: true,
    versions: ['1.0.0'],
  }));
  return { ...file, workspaces: [{ ...workspace, miniPrograms }] };
}

interface Wish {
  readonly merchant?: string;
  readonly global?: string;
  readonly policy?: string;
}

function files(wishOf: (index: number) => Wish): Readonly<Record<string, string>> {
  return Object.fromEntries(
    every.map((index) => [`p${String(index)}.yaml`, file(`p${String(index)}`, wishOf(index))]),
  );
}

function file(name: string, { merchant, global, policy }: Wish): string {
  const release = `---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: ${name}-1.0.0 }
spec:
  miniProgram: ${name}
  version: 1.0.0
  targets:
    - { app: megapay, environment: Sandbox, config: { merchantId: ${merchant ?? ''} } }
`;
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: ${name} }
spec:
  workspace: acme
  id: ${name}
${global === undefined ? '' : `  globalConfig: { merchantId: ${global} }\n`}${
    policy === undefined ? '' : `  policy: { onDrift: ${policy} }\n`
  }${merchant === undefined ? '' : release}`;
}

async function started(
  first: (index: number) => Wish,
  more: { readonly maxPrograms?: number | 'off'; readonly faults?: FaultPlan } = {},
): Promise<LoopScene> {
  const { maxPrograms = 'off', faults } = more;
  const scene = createLoopScene({
    world: world(),
    gates: { ...openGates, maxPrograms },
    ...(faults ? { faults } : {}),
  });
  scenes.push(scene);
  scene.repositories['team']!.commit(files(first));
  scene.start();
  await scene.advance(5_000);
  scene.calls();
  return scene;
}

/** Commits, and gives the writes that follow. */
async function commit(
  scene: LoopScene,
  wishOf: (index: number) => Wish,
  seconds = 700,
): Promise<number> {
  scene.repositories['team']!.commit(files(wishOf));
  scene.hint('team');
  await scene.advance(seconds * 1000);
  return writes(scene);
}

function writes(scene: LoopScene): number {
  return scene.calls().filter((operation) => /^(create|patch)/.test(operation)).length;
}

function states(scene: LoopScene): readonly string[] {
  return scene.status().programs.map(({ state }) => state);
}

describe('a commit that changes many programs', () => {
  it('is acted on also where it changes global configurations alone', async () => {
    const scene = await started(() => ({ global: 'G-1' }));

    expect(await commit(scene, () => ({ global: 'G-2' }))).toBe(count);
    expect(scene.status().sources[0]?.completed).toBe(scene.status().sources[0]?.commit?.id);
  });

  it('is refused as a whole, whatever of it is harmless', async () => {
    const scene = await started(() => ({ merchant: 'M-1' }), { maxPrograms: 3 });

    const written = await commit(scene, (index) =>
      index < 3 ? { merchant: 'M-1', policy: 'Apply' } : { merchant: 'M-9' },
    );

    expect(written).toBe(0);
    expect(states(scene).filter((state) => state === 'Held')).toHaveLength(3);
  });

  it('is released only as far as somebody approved it', async () => {
    const scene = await started(() => ({ merchant: 'M-1' }), { maxPrograms: 3 });
    expect(await commit(scene, () => ({ merchant: 'M-9' }))).toBe(0);
    const ids = scene.status().programs.slice(0, 2).flatMap(heldIds);
    const at = scene.clock.wall();

    scene.orders.push({ kind: 'approve', id: 'a', at, by: 'ada', asked: ids[0]!, ids });
    await scene.advance(700_000);

    expect(writes(scene)).toBe(2);
    expect(states(scene)).toEqual(['InSync', 'InSync', 'Held', 'Held', 'Held', 'Held']);
  });

  it('passes as soon as a later commit takes most of it back', async () => {
    const scene = await started(() => ({ merchant: 'M-1' }), { maxPrograms: 3 });
    expect(await commit(scene, () => ({ merchant: 'M-9' }))).toBe(0);

    const written = await commit(scene, (index) => ({ merchant: index < 2 ? 'M-9' : 'M-1' }));

    expect(written).toBe(2);
    expect(new Set(states(scene))).toEqual(new Set(['InSync']));
  });

  it('counts what the commits since the last completed one change together', async () => {
    const scene = await started(() => ({ merchant: 'M-1' }), { maxPrograms: 3 });
    expect(await commit(scene, () => ({ merchant: 'M-9' }))).toBe(0);
    await scene.stop();
    scene.start();
    await scene.advance(700_000);

    expect(writes(scene)).toBe(0);
  });

  it('is counted although the platform refused one program from the first on', async () => {
    const refusal = {
      effect: 'status',
      status: 400,
      operation: 'createRelease',
      times: 1,
    } as const;
    const scene = await started(() => ({ merchant: 'M-1' }), {
      maxPrograms: 3,
      faults: { rules: [refusal] },
    });

    expect(await commit(scene, (index) => ({ merchant: index === 0 ? 'M-1' : 'M-9' }), 60)).toBe(0);
  });
});

describe('a program that is moved to another connection', () => {
  const outage = {
    effect: 'status',
    status: 503,
    operation: 'patchReleaseConfig',
    times: 12,
  } as const;
  const through = (connection: string, merchant: string) => ({
    'p0.yaml': file('p0', { merchant }).replace('spec:', `spec:\n  connection: ${connection}`),
  });

  async function moved(other: { readonly suspended?: string }): Promise<LoopScene> {
    const scene = createLoopScene({
      world: world(),
      connections: { default: {}, other },
      faults: { rules: [outage] },
    });
    scenes.push(scene);
    const team = scene.repositories['team']!;
    team.commit(through('default', 'M-1'));
    scene.start();
    await scene.advance(5_000);
    team.commit(through('default', 'M-2'));
    scene.hint('team');
    await scene.advance(10_000);
    team.commit(through('other', 'M-3'));
    scene.hint('team');
    await scene.advance(1_000);
    return scene;
  }

  it('is written through the new one alone', async () => {
    const scene = await moved({});
    const before = scene.written.length;
    await scene.advance(900_000);

    expect(new Set(scene.written.slice(before))).toEqual(new Set(['other']));
    expect(scene.status().programs).toMatchObject([{ connection: 'other', state: 'InSync' }]);
  });

  it('is not written where the new one is suspended', async () => {
    const scene = await moved({ suspended: 'frozen' });
    const before = scene.written.length;
    await scene.advance(900_000);

    expect(scene.written.slice(before)).toEqual([]);
    expect(scene.status().programs).toMatchObject([{ connection: 'other', state: 'Suspended' }]);
  });
});

describe('a suspended connection', () => {
  it('writes nothing of a contested key either, whoever the mark names', async () => {
    const sources = ['other', 'team'];
    const wish = (merchant: string) => ({ 'p0.yaml': file('p0', { merchant }) });
    const first = createLoopScene({ world: world(), sources });
    scenes.push(first);
    first.repositories['other']!.commit({});
    first.repositories['team']!.commit(wish('M-1'));
    first.start();
    await first.advance(5_000);
    expect(first.written).toEqual(['default']);
    await first.stop();

    const connections = { default: { suspended: 'frozen' } };
    const second = createLoopScene({ world: world(), sources, connections, beside: first });
    scenes.push(second);
    second.repositories['other']!.commit(wish('M-5'));
    second.repositories['team']!.commit(wish('M-2'));
    second.start();
    await second.advance(700_000);

    expect(second.written).toEqual([]);
  });
});
