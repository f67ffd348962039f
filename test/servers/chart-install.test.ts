import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ControlPlane, User } from '../support/control-plane.ts';
import { startControlPlane } from '../support/control-plane.ts';
import { chart, home, openTools, type Tools, type Values, valuesFile } from './chart-stage.ts';
import { namespaced } from './chart-values.ts';

let plane: ControlPlane;
let tools: Tools;

beforeAll(async () => {
  tools = await openTools();
  plane = await startControlPlane();
});

afterAll(async () => {
  await plane.stop();
  await tools.dispose();
});

async function must(args: readonly string[], kubeconfig?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await plane.kubectl(
    args,
    kubeconfig === undefined ? {} : { kubeconfig },
  );
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}

interface Release {
  readonly namespace: string;
  readonly values: Values;
  /** The administrator if omitted. */
  readonly kubeconfig?: string;
}

async function install(release: Release): Promise<void> {
  const { namespace, values, kubeconfig = plane.kubeconfig } = release;
  const { exitCode, stderr } = await tools.helm(
    [
      ...['upgrade', '--install', 'fairlead', chart, '--namespace', namespace],
      ...(await valuesFile(tools, values)),
    ],
    kubeconfig,
  );
  if (exitCode !== 0) throw new Error(stderr);
}

/**
 * Whether the controller of a release may do something.
 *
 * @param what  words of `kubectl auth can-i`, and where: `get secrets/keys in shop`
 */
async function may(namespace: string, what: string): Promise<boolean> {
  const [words = '', place] = what.split(' in ');
  const { exitCode, stdout } = await plane.kubectl([
    ...['auth', 'can-i', ...words.split(' ')],
    ...(place === undefined ? ['--all-namespaces'] : ['--namespace', place]),
    `--as=system:serviceaccount:${namespace}:fairlead`,
  ]);
  expect(['yes', 'no'], 'an answer, not a failure').toContain(stdout.trim());
  return exitCode === 0;
}

describe('a release for the whole cluster', () => {
  beforeAll(async () => {
    for (const name of ['shop', 'kiosk', home]) await must(['create', 'namespace', name]);
    await install({ namespace: home, values: { rbac: { secretNamespaces: ['shop'] } } });
    await must(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
  });

  it('brings the kinds and its own objects', async () => {
    const served = await must(['api-resources', '--categories=fairlead', '-o', 'name']);
    const own = await must([
      ...['get', 'deploy,svc,sa,pdb', '-n', home, '-o', 'name'],
      ...['-l', 'app.kubernetes.io/instance=fairlead'],
    ]);

    expect(served.trim().split('\n')).toHaveLength(5);
    expect(own.trim().split('\n')).toEqual([
      'deployment.apps/fairlead',
      'service/fairlead',
      'serviceaccount/fairlead',
      'poddisruptionbudget.policy/fairlead',
    ]);
  });

  it.each([
    { can: 'list miniprograms.fairlead.dev' },
    { can: 'watch platformconnections.fairlead.dev' },
    { can: 'patch miniprogramreleases.fairlead.dev --subresource=status in shop' },
    { can: 'create events.events.k8s.io in kiosk' },
    { can: 'watch namespaces' },
    { can: 'get secrets/coffee-keys in shop' },
    { can: 'get secrets/megapay-keys in fairlead-system' },
    { can: 'create leases.coordination.k8s.io in fairlead-system' },
    { can: 'update leases.coordination.k8s.io/fairlead-shard-0 in fairlead-system' },
    {
      can: 'get validatingadmissionpolicies.admissionregistration.k8s.io/fairlead-approvals',
    },
  ] as const)('lets its controller $can', async ({ can }) => {
    expect(await may(home, can)).toBe(true);
  });

  it.each([
    { cannot: 'get secrets/coffee-keys in kiosk', why: 'not named' },
    { cannot: 'list secrets in shop', why: 'never' },
    { cannot: 'watch secrets in fairlead-system', why: 'never' },
    { cannot: 'patch miniprograms.fairlead.dev in shop', why: 'declarations are not its own' },
    { cannot: 'approve miniprograms.fairlead.dev in shop', why: 'it approves nothing itself' },
    { cannot: 'delete miniprogramreleases.fairlead.dev in shop', why: 'it deletes nothing' },
    { cannot: 'patch leases.coordination.k8s.io in fairlead-system', why: 'it writes them whole' },
    { cannot: 'get namespaces/shop', why: 'it follows all of them' },
    { cannot: 'patch events.events.k8s.io in shop', why: 'each is told once' },
    { cannot: 'get leases.coordination.k8s.io/fairlead-shard-0 in shop', why: 'not its own' },
    { cannot: 'get pods in fairlead-system', why: 'it starts nothing' },
    {
      cannot: 'list validatingadmissionpolicies.admissionregistration.k8s.io',
      why: 'one of them is its own',
    },
  ] as const)('does not let it $cannot', async ({ cannot, why }) => {
    expect(await may(home, cannot), why).toBe(false);
  });

  it('lets it read Secrets of a namespace whose owner says so', async () => {
    const asked = 'get secrets/coffee-keys in kiosk';
    const before = await may(home, asked);
    const line = (await notes({})).split('\n').find((each) => each.includes('fairlead-secrets'));

    await must((line ?? '').trim().replace('shop', 'kiosk').split(' ').slice(1));

    expect([before, await may(home, asked)]).toEqual([false, true]);
  });

  it('changes definitions when it is upgraded, and leaves them when it goes', async () => {
    const path =
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/miniprograms.fairlead.dev';
    await plane.call('/apis/fairlead.dev/v1alpha1/namespaces/shop/miniprograms', {
      method: 'POST',
      body: {
        apiVersion: 'fairlead.dev/v1alpha1',
        kind: 'MiniProgram',
        metadata: { name: 'coffee' },
        spec: { workspace: 'acme', id: '3500020208396321' },
      },
    });
    // As an older version of the chart would have had it.
    const older = await plane.call(path, {
      method: 'PATCH',
      contentType: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/spec/names/shortNames', value: ['mini'] }],
    });

    await install({ namespace: home, values: { replicas: 3 } });
    const upgraded = await plane.call(path);
    const { exitCode } = await tools.helm(
      ['uninstall', 'fairlead', '--namespace', home],
      plane.kubeconfig,
    );
    const kept = await must(['get', 'miniprograms', '-n', 'shop', '-o', 'name']);
    const gone = await must(['get', 'deployments', '-n', home, '-o', 'name']);
    await install({ namespace: home, values: {} });

    expect([older.status, exitCode]).toEqual([200, 0]);
    expect(upgraded.body).toMatchObject({ spec: { names: { shortNames: ['mp'] } } });
    expect([kept, gone]).toEqual(['miniprogram.fairlead.dev/coffee\n', '']);
  });
});

describe('a release for namespaces', () => {
  let owner: User;

  beforeAll(async () => {
    for (const name of ['team', 'team-shop', 'team-kiosk'])
      await must(['create', 'namespace', name]);
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
    owner = await plane.user(
      'owner',
      ['team', 'team-shop', 'team-kiosk'].map((namespace) => ({ namespace, rules })),
    );
  });

  it('is installed by somebody without any right beyond their namespaces', async () => {
    const { kubeconfig } = owner;
    const values = { ...namespaced, rbac: { scope: 'namespace', namespaces: ['team-shop'] } };

    await install({ namespace: 'team', values, kubeconfig });

    expect(await may('team', 'list miniprograms.fairlead.dev in team-shop')).toBe(true);
    expect(
      await may('team', 'patch miniprograms.fairlead.dev --subresource=status in team-shop'),
    ).toBe(true);
    expect(await may('team', 'get secrets/coffee-keys in team-shop')).toBe(true);
    expect(await may('team', 'list miniprograms.fairlead.dev in team-kiosk')).toBe(false);
    expect(await may('team', 'list miniprograms.fairlead.dev')).toBe(false);
    expect(await may('team', 'list namespaces')).toBe(false);
    expect(await may('team', 'list secrets in team-shop')).toBe(false);
  });

  it('cannot be had for the whole cluster by the same person', async () => {
    const { kubeconfig } = owner;
    const namespace = 'team-kiosk';

    await expect(install({ namespace, values: {}, kubeconfig })).rejects.toThrow('forbidden');
  });
});

describe('a second release for the whole cluster', () => {
  const beside = {
    crds: { install: false },
    approvals: { policy: false },
    rbac: { userRoles: false },
  };

  it('is refused, whatever else of the first it leaves out', async () => {
    await must(['create', 'namespace', 'fairlead-two']);

    await expect(install({ namespace: 'fairlead-two', values: beside })).rejects.toThrow(
      /release fairlead of namespace fairlead-system follows the whole cluster already/,
    );
  });

  it('is none where the first is only changed', async () => {
    await expect(
      install({ namespace: home, values: { rbac: { secretNamespaces: ['shop'] }, replicas: 3 } }),
    ).resolves.toBeUndefined();
  });
});

/** What is told after an install; nothing is asked of a cluster. */
async function notes(values: Values): Promise<string> {
  const { exitCode, stdout, stderr } = await tools.helm(
    [
      ...['install', 'fairlead', chart, '--namespace', home, '--dry-run=client'],
      ...(await valuesFile(tools, values)),
    ],
    plane.kubeconfig,
  );
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout.split('NOTES:\n')[1] ?? '';
}

describe('the notes', () => {
  it('say what was installed, and what comes next', async () => {
    expect(await notes({})).toBe(
      [
        'Fairlead 0.1.0 is installed as fairlead in fairlead-system and follows every namespace that a PlatformConnection grants.',
        '',
        '  kubectl --namespace fairlead-system rollout status deployment/fairlead',
        '  kubectl get fairlead --all-namespaces',
        '',
        'Its name in the marks it leaves on records is fairlead-system/fairlead (settings.installation). Another cluster that uses the same platform needs another one.',
        '',
        'Who may approve:',
        '',
        '  kubectl --namespace shop create rolebinding approvers --clusterrole=fairlead-approver --group=release-managers',
        '',
        'A namespace whose declarations name Secrets lets the controller get them:',
        '',
        '  kubectl --namespace shop create rolebinding fairlead-secrets --clusterrole=fairlead-secrets --serviceaccount=fairlead-system:fairlead',
        '',
      ].join('\n'),
    );
  });

  it.each([
    { name: 'where it looks', values: namespaced, says: 'follows shop, kiosk.' },
    {
      name: 'that approvals rest',
      values: namespaced,
      says: 'Approvals by annotation are not heeded',
    },
    {
      name: 'that nobody guards approvals',
      values: { approvals: { policy: false } },
      says: 'approvals.policy=false',
    },
    {
      name: 'that definitions are missing',
      values: { crds: { install: false } },
      says: 'kubectl apply --server-side -f crds/',
    },
    {
      name: 'that every Secret is open',
      values: { rbac: { allSecrets: true } },
      says: 'any Secret',
    },
    { name: 'that there is no git', values: { image: { variant: 'slim' } }, says: 'no git' },
    { name: 'that one is few', values: { replicas: 1 }, says: 'One replica' },
  ])('say $name', async ({ values, says }) => {
    expect(await notes(values)).toContain(says);
  });
});
