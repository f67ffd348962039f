import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { coffee, world } from '../support/cli-world.ts';
import { createTeamRepository } from '../support/controller.ts';
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

const withSecret = (name: string) =>
  coffee.replace(
    'config: { merchantId: M-77-T }',
    `config: { environmentVariables: [{ name: API_KEY, valueFrom: { secretKeyRef: { name: ${name}, key: apiKey } } }] }`,
  );

async function writes(stage: ClusterStage): Promise<number> {
  const calls = await stage.emulator.calls();
  return calls.filter(({ operation }) => /^(create|patch)/.test(operation)).length;
}

describe('tenants of one cluster', () => {
  it('keep what they declared first when a neighbour copies it', async () => {
    const stage = await clusterStage(plane, world);
    const [first, second] = [await plane.namespace(), await plane.namespace()];
    await stage.start();
    await stage.apply(coffee, first);
    await becomes(stage, 'mpr/coffee-2.4.0', first, 'True InSync');
    const before = await writes(stage);

    await stage.apply(coffee.replaceAll('M-77', 'M-66'), second);

    const copy = await becomes(stage, 'mpr/coffee-2.4.0', second, 'False TargetConflict');
    expect(JSON.stringify(copy.status)).not.toContain('M-77');
    expect(readyOf(await stage.get('mpr/coffee-2.4.0', first))).toBe('True InSync');
    expect(await writes(stage)).toBe(before);
  });

  it('are granted by namespace and by label, and nobody else is', async () => {
    const stage = await clusterStage(plane, world);
    const [granted, labelled, other] = [
      await plane.namespace(),
      await plane.namespace({ team: 'books' }),
      await plane.namespace(),
    ];
    await stage.kubectl(
      ...['patch', 'platformconnection', 'default', '--type=merge', '-p'],
      JSON.stringify({
        spec: {
          grants: [
            { namespaces: [granted], environments: ['Sandbox'] },
            { namespaceSelector: { matchLabels: { team: 'books' } } },
          ],
        },
      }),
    );
    await stage.start();
    await stage.apply(coffee, other);
    await becomes(stage, 'mpr/coffee-2.4.0', other, 'False NotGranted');
    expect(await writes(stage)).toBe(0);
    await stage.kubectl('-n', other, 'delete', 'mp,mpr', '--all');
    await stage.apply(coffee, granted);
    const part = await becomes(stage, 'mpr/coffee-2.4.0', granted, 'False NotGranted');
    expect(part.status?.progress).toBe('1/2');
    await stage.kubectl('-n', granted, 'delete', 'mp,mpr', '--all');
    await stage.apply(coffee.replaceAll('2.4.0', '2.5.0'), labelled);
    await becomes(stage, 'mpr/coffee-2.5.0', labelled, 'True InSync');

    await stage.kubectl('label', 'namespace', labelled, 'team-');

    await becomes(stage, 'mpr/coffee-2.5.0', labelled, 'False NotGranted');
  });

  it('use Secrets of their own that they labelled, by name', async () => {
    const stage = await clusterStage(plane, world);
    const [own, foreign] = [await plane.namespace(), await plane.namespace()];
    const config = await stage.place.write(
      'settings.yaml',
      settings('intervals: { secretSeconds: 1 }'),
    );
    await stage.start(['--config', config]);
    await stage.kubectl(
      '-n',
      foreign,
      'create',
      'secret',
      'generic',
      'theirs',
      '--from-literal=apiKey=canary-foreign',
    );
    await stage.kubectl('-n', foreign, 'label', 'secret', 'theirs', 'fairlead.dev/use=true');
    await stage.kubectl(
      '-n',
      own,
      'create',
      'secret',
      'generic',
      'keys',
      '--from-literal=apiKey=canary-own-value',
    );
    const since = (await plane.auditLog()).length;

    await stage.apply(withSecret('theirs'), own);
    await becomes(stage, 'mpr/coffee-2.4.0', own, 'False SecretUnavailable');
    await stage.apply(withSecret('keys'), own);
    await vi.waitFor(async () => {
      const { status } = await stage.get('mpr/coffee-2.4.0', own);
      expect(status?.conditions?.[0]?.message).toContain('not labelled');
    }, patient);
    await stage.kubectl('-n', own, 'label', 'secret', 'keys', 'fairlead.dev/use=true');
    const done = await becomes(stage, 'mpr/coffee-2.4.0', own, 'True InSync');

    expect(JSON.stringify(done)).not.toContain('canary');
    const asked = (await plane.auditLog())
      .slice(since)
      .flatMap(({ verb, userAgent, objectRef }) =>
        objectRef?.resource === 'secrets' && userAgent?.startsWith('fairlead/')
          ? [`${verb} ${objectRef.namespace ?? ''}`]
          : [],
      );
    expect([...new Set(asked)].sort()).toEqual([`get ${own}`, 'get fairlead-system'].sort());
    expect(await stage.emulator.world()).toContain('canary-own-value');
  });

  it('follow repositories with the rights of their namespace and nothing of the controller', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    const repository = await createTeamRepository(stage.place, 'team');
    await repository.commit({ 'coffee.yaml': coffee });
    const url = `file://${stage.place.path('git/team.git')}`;
    const source = (name: string, spec: string) => `apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: ${name} }
spec: { intervalSeconds: 1, ${spec} }
`;
    const config = await stage.place.write('settings.yaml', settings('allowFileUrls: true'));
    const controller = await stage.start(['--config', config]);

    await stage.apply(source('team', `url: "${url}"`), namespace);

    const done = await becomes(stage, 'gitsource/team', namespace, 'True InSync');
    expect(done.status?.['programs']).toBe(1);
    expect(await writes(stage)).toBe(2);
    await repository.commit({ 'coffee.yaml': coffee.replace('M-77-T', 'M-78-T') });
    await vi.waitFor(async () => {
      expect(await writes(stage)).toBe(3);
    }, patient);
    await stage.kubectl('-n', namespace, 'delete', 'gitsource', 'team');
    await stage.apply(coffee.replace('M-77-T', 'M-79-T'), namespace);
    // The mark still names the repository, which nobody follows any more.
    await becomes(stage, 'mpr/coffee-2.4.0', namespace, 'True InSync');
    await controller.stop();
    await stage.start();
    await stage.apply(source('files', `url: "${url}"`), namespace);
    await becomes(stage, 'gitsource/files', namespace, 'False SettingsInvalid');
    await stage
      .apply(
        source(
          'env',
          'url: "https://git.example.test/team.git", credentials: { token: { env: HOME } }',
        ),
        namespace,
      )
      .catch(() => undefined);
  });

  it('are served from one namespace without any right of the cluster', async () => {
    const stage = await clusterStage(plane, world);
    const [own, other] = [await plane.namespace(), await plane.namespace()];
    const user = await plane.user('namespaced', [
      {
        namespace: own,
        rules: [
          {
            apiGroups: ['fairlead.dev'],
            resources: ['miniprograms', 'miniprogramreleases', 'configprofiles', 'gitsources'],
            verbs: ['get', 'list', 'watch'],
          },
          {
            apiGroups: ['fairlead.dev'],
            resources: [
              'miniprograms/status',
              'miniprogramreleases/status',
              'configprofiles/status',
              'gitsources/status',
            ],
            verbs: ['patch'],
          },
          {
            apiGroups: ['coordination.k8s.io'],
            resources: ['leases'],
            verbs: ['get', 'list', 'create', 'update', 'delete'],
          },
          { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
        ],
      },
    ]);
    const connections = await mountedConnections(stage);
    await stage.apply(coffee, other);
    const since = (await plane.auditLog()).length;
    await stage.start(['--namespace', own, '--connections', connections], {
      kubeconfig: user.kubeconfig,
      env: { POD_NAMESPACE: own },
    });

    await stage.apply(coffee, own);

    await becomes(stage, 'mpr/coffee-2.4.0', own, 'True InSync');
    expect(readyOf(await stage.get('mpr/coffee-2.4.0', other))).toBe('none');
    const refused = (await plane.auditLog())
      .slice(since)
      .filter(
        ({ user: who, responseStatus }) =>
          who.username === user.name && responseStatus?.code === 403,
      );
    expect(
      refused
        .map(({ requestURI }) => requestURI.replace(/\?.*/, ''))
        .filter((uri) => !uri.includes('validatingadmission')),
    ).toEqual([]);
  });
});

/** The connection of the cluster as a file of its own, with its keys beside it. */
async function mountedConnections({ kubectl, place }: ClusterStage): Promise<string> {
  const found = JSON.parse(await kubectl('get', 'platformconnection', 'default', '-o', 'json')) as {
    readonly apiVersion: string;
    readonly kind: string;
    readonly spec: Readonly<Record<string, unknown>>;
  };
  const secrets = JSON.parse(
    await kubectl('-n', 'fairlead-system', 'get', 'secret', '-o', 'json'),
  ) as {
    readonly items: readonly {
      readonly metadata: { readonly name: string };
      readonly data: Readonly<Record<string, string>>;
    }[];
  };
  const spec = { ...found.spec };
  for (const [field, value] of Object.entries(spec)) {
    const { secretKeyRef: ref } = (value ?? {}) as {
      readonly secretKeyRef?: { readonly name: string; readonly key: string };
    };
    if (!ref) continue;
    const data = secrets.items.find(({ metadata }) => metadata.name === ref.name)?.data[ref.key];
    spec[field] = {
      file: await place.write(`keys/${field}`, Buffer.from(data ?? '', 'base64').toString('utf8')),
    };
  }
  const { apiVersion, kind } = found;
  return place.write(
    'mounted.yaml',
    JSON.stringify({ apiVersion, kind, metadata: { name: 'default' }, spec }),
  );
}
