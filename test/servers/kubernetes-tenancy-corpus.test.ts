import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { coffee, world } from '../support/cli-world.ts';
import {
  becomes,
  clusterStage,
  patient,
  preparedPlane,
  readyOf,
  settings,
  type ClusterStage,
} from './kubernetes-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);
afterAll(async () => {
  await plane.stop();
});

/** What a tenant may try to reach of another one's, as texts that only kubectl sees before the API server. */
const refused: readonly { readonly name: string; readonly text: string }[] = [
  {
    name: 'a Secret of another namespace, by a field',
    text: coffee.replace(
      'config: { merchantId: M-77-T }',
      'config: { environmentVariables: [{ name: KEY, valueFrom: { secretKeyRef: { namespace: shop, name: keys, key: a } } }] }',
    ),
  },
  {
    name: 'a Secret of another namespace, by a path',
    text: coffee.replace(
      'config: { merchantId: M-77-T }',
      'config: { environmentVariables: [{ name: KEY, valueFrom: { secretKeyRef: { name: shop/keys, key: a } } }] }',
    ),
  },
  {
    name: 'a connection by a path',
    text: coffee.replace(
      'workspace: acme',
      'connection: fairlead-system/default\n  workspace: acme',
    ),
  },
  {
    name: 'a program of another namespace',
    text: coffee.replace('miniProgram: coffee', 'miniProgram: shop/coffee'),
  },
  {
    name: 'a profile of another namespace',
    text: coffee.replace('workspace: acme', 'profiles: [shop/common]\n  workspace: acme'),
  },
  {
    name: 'a GitSource with a key of another namespace',
    text: `apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: team }
spec: { url: "https://git.example.test/team.git", credentials: { token: { secretKeyRef: { namespace: shop, name: keys, key: a } } } }
`,
  },
];

async function writes(stage: ClusterStage): Promise<number> {
  const calls = await stage.emulator.calls();
  return calls.filter(({ operation }) => /^(create|patch)/.test(operation)).length;
}

/** A mini program nobody else has, at its own console. */
const books = coffee
  .replaceAll('coffee', 'books')
  .replace('"3500020208396321"', '"3500020208396399"')
  .replaceAll('2.4.0', '1.0.0')
  .replaceAll('M-77', 'M-5');

/** As large as admission takes one: every text at its bound, every list full. */
function oversize(index: number): string {
  const config = {
    testers: Array.from({ length: 100 }, (_, at) => `2088${String(at).padStart(60, '0')}`),
    serverDomains: Array.from({ length: 100 }, (_, at) => `https://${'d'.repeat(60)}${at}.example`),
  };
  return JSON.stringify({
    apiVersion: 'fairlead.dev/v1alpha1',
    kind: 'ConfigProfile',
    metadata: {
      name: `large-${index}`,
      annotations: { note: 'n'.repeat(200_000) },
    },
    spec: { config },
  });
}

describe('a tenant that reaches for what is not its own', () => {
  it.each(refused)('is refused by admission: $name', async ({ text }) => {
    const namespace = await plane.namespace();

    const answer = await plane.kubectl(
      ['apply', '--server-side', '--validate=false', '-n', namespace, '-f', '-'],
      { input: text },
    );

    expect(answer.exitCode).not.toBe(0);
    expect(answer.stderr).toMatch(/invalid|field not declared in schema/i);
    const kept = await plane.kubectl(['get', 'mp,mpr,gitsource', '-n', namespace, '-o', 'json']);
    expect(kept.stdout).not.toContain('shop');
  });

  it('shares names with a neighbour, and nothing else', async () => {
    const stage = await clusterStage(plane, world);
    const [first, second] = [await plane.namespace(), await plane.namespace()];
    await stage.start();
    await stage.apply(coffee, first);
    await becomes(stage, 'mpr/coffee-2.4.0', first, 'True InSync');

    // The very names of the neighbour's objects, for a mini program of one's own.
    const own = books.replaceAll('books', 'coffee');
    await stage.apply(own, second);
    await becomes(stage, 'mpr/coffee-1.0.0', second, 'True InSync');
    // A release alone, for the neighbour's program by its name.
    const alone = coffee.split('---\n')[1]?.replaceAll('2.4.0', '2.5.0') ?? '';
    await stage.kubectl('-n', second, 'delete', 'mp,mpr', '--all');
    await stage.apply(alone, second);

    await becomes(stage, 'mpr/coffee-2.5.0', second, 'False ReferenceNotFound');
    expect(readyOf(await stage.get('mpr/coffee-2.4.0', first))).toBe('True InSync');
  });

  it('cannot speak for a neighbour by a repository of the same name', async () => {
    const stage = await clusterStage(plane, world);
    const [first, second] = [await plane.namespace(), await plane.namespace()];
    await stage.start();
    const source = (url: string) => `apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: team }
spec: { url: "${url}" }
`;

    await stage.apply(source('https://127.0.0.1:9/first.git'), first);
    await stage.apply(source('https://127.0.0.1:9/second.git'), second);

    for (const [namespace, other] of [
      [first, 'second.git'],
      [second, 'first.git'],
    ] as const)
      await vi.waitFor(async () => {
        const { status } = await stage.get('gitsource/team', namespace);
        expect(readyOf(await stage.get('gitsource/team', namespace))).toMatch(/^False /);
        expect(JSON.stringify(status)).not.toContain(other);
      }, patient);
  });

  it('holds up nobody with objects as large as they get', async () => {
    const stage = await clusterStage(plane, world);
    const [large, small] = [await plane.namespace(), await plane.namespace()];
    const config = await stage.place.write('settings.yaml', settings());
    const controller = await stage.start(['--config', config]);
    await stage.apply(coffee, small);
    await becomes(stage, 'mpr/coffee-2.4.0', small, 'True InSync');

    for (let index = 0; index < 20; index += 1) {
      const path = `/apis/fairlead.dev/v1alpha1/namespaces/${large}/configprofiles`;
      const made = await plane.call(path, { method: 'POST', body: JSON.parse(oversize(index)) });
      expect([201, 422]).toContain(made.status);
    }
    await stage.apply(coffee.replace('M-77-T', 'M-78-T'), small);

    await vi.waitFor(async () => {
      expect(await stage.emulator.world()).toContain('M-78-T');
    }, patient);
    await becomes(stage, 'mpr/coffee-2.4.0', small, 'True InSync');
    expect(controller.said()).not.toContain('a bug in Fairlead');
  });
});

describe('a tenant that changes everything at once', () => {
  const count = 25;
  const many = Array.from({ length: count }, (_, index) => String(4_000 + index));
  const crowd = `apps:
  - { id: megapay, environments: [Production, Sandbox] }
workspaces:
  - id: acme
    miniPrograms:
      - { id: "1", name: Neighbour, versions: [1.0.0] }
${many.map((id) => `      - { id: "${id}", name: P${id}, versions: [1.0.0] }`).join('\n')}
`;
  const declared = (id: string, value: string): string => `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: p-${id} }
spec:
  workspace: acme
  id: "${id}"
  targets: [{ app: megapay, environment: Sandbox, config: { merchantId: ${value} } }]
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: p-${id}-1.0.0 }
spec: { miniProgram: p-${id}, version: 1.0.0, environments: [Sandbox] }
`;

  it('lets a neighbour pass after a few of its writes', async () => {
    const stage = await clusterStage(plane, crowd);
    const [tenant, neighbour] = [await plane.namespace(), await plane.namespace()];
    const rate = { spec: { requestsPerSecond: 10, gates: { maxPercent: 'off' } } };
    await stage.kubectl(
      ...['patch', 'platformconnection', 'default', '--type=merge', '-p', JSON.stringify(rate)],
    );
    await stage.apply(declared('1', 'M-0'), neighbour);
    await stage.start();
    await becomes(stage, 'mp/p-1', neighbour, 'True InSync');
    await stage.apply(many.map((id) => declared(id, 'M-1')).join('---\n'), tenant);
    await vi.waitFor(async () => {
      expect(await writes(stage)).toBeGreaterThan(3);
    }, patient);

    const from = await writes(stage);
    await stage.apply(declared('1', 'M-2'), neighbour);
    await vi.waitFor(async () => {
      expect(await stage.emulator.world()).toContain('M-2');
    }, patient);

    const calls = await stage.emulator.calls();
    const all = calls.filter(({ operation }) => /^(create|patch)/.test(operation)).slice(from);
    const own = all.findIndex(({ key }) => JSON.stringify(key).includes('acme/1/'));
    expect(own, 'of 25').toBeLessThan(10);
    expect(all.length, 'the tenant is not done').toBeLessThan(count);
  }, 180_000);
});
