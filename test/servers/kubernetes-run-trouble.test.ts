import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import { coffee, world } from '../support/cli-world.ts';
import { startControlPlane, type ControlPlane, type User } from '../support/control-plane.ts';
import { faultProxy } from '../support/kubernetes-proxy.ts';
import { listFiles, root } from '../../tools/files.ts';
import { applyRights, type Grants, rulesOf } from './chart-rights.ts';
import {
  becomes,
  clusterStage,
  patient,
  preparedPlane,
  settings,
  type ClusterStage,
  type Running,
} from './kubernetes-stage.ts';

/* What keeps a whole controller from its work: it says so where people look, goes on, and recovers by itself. */

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);
afterAll(async () => {
  await plane.stop();
});

/** What /readyz says, line by line. */
async function readiness({ url }: Running): Promise<{ status: number; text: string }> {
  const page = await fetch(`${url}/readyz?verbose`);
  return { status: page.status, text: await page.text() };
}

/** Readiness and log name it; nobody has died of it. */
async function says(running: Running, ...words: readonly string[]): Promise<void> {
  await vi.waitFor(async () => {
    const { status, text } = await readiness(running);
    for (const word of words) expect(text).toContain(word);
    expect(status).toBe(503);
  }, patient);
  await vi.waitFor(() => {
    for (const word of words) expect(running.said()).toContain(word);
  }, patient);
  expect(running.child.exitCode).toBeNull();
}

async function isWellAgain(running: Running): Promise<void> {
  await vi.waitFor(async () => {
    const { status, text } = await readiness(running);
    expect(status, text).toBe(200);
  }, patient);
}

async function definitions(change: (text: string) => string): Promise<string> {
  const texts = await Promise.all(
    (await listFiles('crds'))
      .filter((path) => path.endsWith('.yaml') && !path.endsWith('kustomization.yaml'))
      .map((path) => readFile(join(root, path), 'utf8')),
  );
  return texts.map(change).join('\n---\n');
}

async function started(
  stage: ClusterStage,
  kubeconfig = plane.kubeconfig,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const more = settings('intervals: { sweepSeconds: 2, secretSeconds: 1 }');
  const config = await stage.place.write('settings.yaml', more);
  return stage.start(['--config', config], { kubeconfig, env });
}

async function declareTesters(stage: ClusterStage, namespace: string, testers: string) {
  const args = ['-n', namespace, 'patch', 'mpr', 'coffee-2.4.0', '--type=merge', '-p'];
  await stage.kubectl(...args, `{"spec":{"config":{"testers":["${testers}"]}}}`);
}

/** What was written at the platform, in its order. */
async function writesOf({ emulator }: ClusterStage): Promise<readonly unknown[]> {
  const calls = await emulator.calls();
  return calls
    .filter(({ operation }) => operation === 'createRelease' || operation === 'patchReleaseConfig')
    .map(({ operation }) => operation);
}

describe('definitions', () => {
  it('that are missing, then of an older release, are said, and the rest follows by itself', async () => {
    // Of its own: definitions that are deleted are not gone for minutes.
    const bare = await startControlPlane();
    onTestFinished(() => bare.stop());
    await bare.kubectl(['create', 'namespace', 'fairlead-system']);
    const stage = await clusterStage(bare, world, [], { isConnected: false });
    const running = await started(stage, bare.kubeconfig);
    await says(
      running,
      'the API server does not know miniprograms.fairlead.dev',
      'kubectl apply --server-side -f crds/',
    );

    await stage.apply(
      await definitions((text) =>
        text.replace(/(title: fairlead.dev definitions, revision) \d+/, '$1 0'),
      ),
    );
    await says(running, 'in the cluster is of an older release', 'kubectl apply --server-side');
    await stage.apply(await definitions((text) => text));
    await bare.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    await stage.apply(await stage.place.read('connections.yaml'));
    const namespace = await bare.namespace();
    await stage.apply(coffee, namespace);

    await isWellAgain(running);
    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
  });
});

describe('rights', () => {
  /** What a controller says without one of them; the right is granted then, and nothing is started anew. */
  const missing: readonly { readonly right: string; readonly says: string }[] = [
    { right: 'list miniprograms.fairlead.dev', says: 'MiniProgram: ' },
    { right: 'watch miniprograms.fairlead.dev', says: 'MiniProgram: ' },
    { right: 'list namespaces', says: 'Namespace: ' },
    { right: 'watch namespaces', says: 'Namespace: ' },
    { right: 'list leases.coordination.k8s.io', says: 'Lease: ' },
    { right: 'create leases.coordination.k8s.io', says: 'Lease: ' },
    { right: 'update leases.coordination.k8s.io', says: 'Lease: ' },
    { right: 'patch platformconnections/status.fairlead.dev', says: 'status: ' },
  ];
  let granted: Grants;
  beforeAll(async () => {
    granted = await applyRights(plane, { rbac: { allSecrets: true } });
  });

  it('that are missing are named, one by one, and used as soon as they are granted', async () => {
    const stage = await clusterStage(plane, world);
    const connections = await stage.place.read('connections.yaml');
    const secret = connections
      .split(/^---$/m)
      .filter((part) => /^kind: Secret$/m.test(part))
      .join('---\n')
      .replaceAll(/,? ?namespace: fairlead-system/g, '');
    const runs: { right: string; says: string; running: Running; namespace: string; user: User }[] =
      [];
    for (const row of missing) {
      const { namespace, user } = await somebodyWithout(row.right, runs.length);
      const running = await started(stage, user.kubeconfig, { POD_NAMESPACE: namespace });
      runs.push({ ...row, running, namespace, user });
    }

    for (const { right, says: what, running } of runs) {
      const [verb = '', resource = ''] = right.split(/[ /.]/);
      await says(running, what, `forbids ${verb} ${resource}`, `grant the verb ${verb} on`);
    }
    for (const { namespace, user } of runs) {
      await grantAll(user);
      await stage.apply(secret, namespace);
    }
    for (const { running } of runs) await isWellAgain(running);
  });

  /** Everything that the chart grants, everywhere. */
  async function grantAll({ name }: User): Promise<void> {
    const [, , namespace = '', account = ''] = name.split(':');
    const metadata = { name: `all-${account}` };
    const group = 'rbac.authorization.k8s.io';
    const path = `/apis/${group}/v1/clusterrole`;
    const roleRef = { apiGroup: group, kind: 'ClusterRole', ...metadata };
    const subjects = [{ kind: 'ServiceAccount', name: account, namespace }];
    const made = [
      await plane.call(`${path}s`, {
        method: 'POST',
        body: { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata, rules: rulesOf(granted) },
      }),
      await plane.call(`${path}bindings`, {
        method: 'POST',
        body: {
          apiVersion: `${group}/v1`,
          kind: 'ClusterRoleBinding',
          metadata,
          roleRef,
          subjects,
        },
      }),
    ];
    expect(made.map(({ status }) => status)).toEqual([201, 201]);
  }

  async function somebodyWithout(right: string, index: number) {
    const namespace = await plane.namespace();
    const rules = rulesOf(granted.filter((each) => each !== right));
    return { namespace, user: await plane.user(`without-${index}`, [{ rules }]) };
  }

  it.each([
    {
      right: 'create events.events.k8s.io',
      why: 'nothing else is hurt',
      says: 'forbids create events.events.k8s.io',
    },
    {
      right: 'get validatingadmissionpolicies.admissionregistration.k8s.io',
      why: 'approvals are ignored',
      says: 'forbids get validatingadmissionpolicies',
    },
  ])('of less weight leave it ready, and the log names them: $right', async (row) => {
    const stage = await clusterStage(plane, world);
    const { user } = await somebodyWithout(row.right, missing.length + row.right.length);
    const namespace = await plane.namespace();
    const running = await started(stage, user.kubeconfig);
    await stage.apply(coffee, namespace);

    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    await vi.waitFor(() => {
      expect(running.said(), row.why).toContain(row.says);
    }, patient);
    await isWellAgain(running);
  });

  it('to look at the policy of approvals are named in Ready of what somebody approved', async () => {
    const stage = await clusterStage(plane, world);
    const right = 'get validatingadmissionpolicies.admissionregistration.k8s.io';
    const { user } = await somebodyWithout(right, 98);
    const namespace = await plane.namespace();
    const held = coffee.replace('  targets:', '  policy: { onChange: Plan }\n  targets:');
    await stage.apply(held, namespace);
    await started(stage, user.kubeconfig);
    const what = 'mpr/coffee-2.4.0';
    const { status } = await becomes(stage, what, namespace, 'False AwaitingApproval');
    const approve = `fairlead.dev/approve=${status?.changeId ?? ''}`;
    await stage.kubectl('-n', namespace, 'annotate', 'mpr', 'coffee-2.4.0', approve);

    await vi.waitFor(async () => {
      const told = await becomes(stage, what, namespace, 'False AwaitingApproval');
      expect(told.status?.conditions?.[0]?.message).toContain(
        'grant the verb get on validatingadmissionpolicies.admissionregistration.k8s.io',
      );
    }, patient);
    expect(await writesOf(stage), 'it counts for nothing').toEqual([]);
  });

  it('on Secrets are told of by the connection, whose keys are read once they are granted', async () => {
    const stage = await clusterStage(plane, world);
    const { user } = await somebodyWithout('get secrets', 99);
    const namespace = await plane.namespace();
    const running = await started(stage, user.kubeconfig);
    await stage.apply(coffee, namespace);

    await says(running, 'connection default: ', 'forbids get secrets', 'grant the verb get on');
    const connection = await becomes(stage, 'pconn/default', namespace, 'False ClusterRefused');
    expect(connection.status?.conditions?.[0]?.message).toContain('get secrets');
    await grantAll(user);

    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    await isWellAgain(running);
  });
});

describe('an API server', () => {
  it('that is gone, and comes back without its history, finds the same process, which missed nothing', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    await stage.apply(coffee, namespace);
    const proxy = await faultProxy(plane);
    const running = await started(stage, proxy.kubeconfig);
    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    const lists = () =>
      proxy.asked.filter(({ isList, url }) => isList && url.includes('miniprogramreleases')).length;
    const listed = lists();
    const [server = 0] = plane.pids;

    process.kill(server, 'SIGKILL');
    await says(running, 'Lease: not followed', 'the API server');
    const before = await writesOf(stage);
    await plane.restart();
    await declareTesters(stage, namespace, '2088009');
    await plane.compact();

    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    await isWellAgain(running);
    expect(lists(), 'what is compacted cannot be watched any further').toBeGreaterThan(listed);
    const after = await writesOf(stage);
    expect(after.slice(before.length)).toEqual(['patchReleaseConfig', 'patchReleaseConfig']);
  });
});

describe('a clock', () => {
  const clockModule = `import { readFileSync } from 'node:fs';
const Real = Date;
let offset = 0;
setInterval(() => { try { offset = Number(readFileSync(process.env.CLOCK_FILE, 'utf8')); } catch {} }, 100).unref();
globalThis.Date = class extends Real {
  constructor(...given) { if (given.length === 0) super(Real.now() + offset); else super(...given); }
  static now() { return Real.now() + offset; }
};
`;

  it.each([
    { name: 'a day forward', ms: 86_400_000 },
    { name: 'a day back', ms: -86_400_000 },
  ])(
    'that is set by $name is told of, writes nothing, and hurts nothing once it is right',
    async ({ ms }) => {
      const stage = await clusterStage(plane, world);
      const namespace = await plane.namespace();
      await stage.apply(coffee, namespace);
      const clock = await stage.place.write('clock', '0');
      const module = await stage.place.write('moved-clock.mjs', clockModule);
      const env = { NODE_OPTIONS: `--import file://${module}`, CLOCK_FILE: clock };
      const running = await started(stage, plane.kubeconfig, env);
      await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
      const before = await writesOf(stage);

      await stage.place.write('clock', String(ms));
      await says(running, 'TIMESTAMP_INVALID');
      await vi.waitFor(() => {
        expect(running.said()).toContain('the clock of this machine was set');
      }, patient);
      await declareTesters(stage, namespace, '2088009');
      const told = await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'False SignatureRefused');
      expect(told.status?.conditions?.[0]?.message).toContain('Set the clock of this machine');
      expect(await writesOf(stage)).toEqual(before);
      await stage.place.write('clock', '0');

      await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
      await isWellAgain(running);
      expect((await writesOf(stage)).slice(before.length)).toEqual([
        ...['patchReleaseConfig', 'patchReleaseConfig'],
      ]);
    },
  );
});
