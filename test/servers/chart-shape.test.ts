import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { openTools, render, type Tools, type Values } from './chart-stage.ts';
import { matrix, namespaced } from './chart-values.ts';

let tools: Tools;

beforeAll(async () => {
  tools = await openTools();
});

afterAll(async () => {
  await tools.dispose();
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly securityContext: object;
        readonly containers: readonly [
          { readonly securityContext: object; readonly args: string[] },
        ];
      };
    };
  };
}

async function rendered(values: Values, only: readonly string[] = []): Promise<Rendered[]> {
  const text = await render(tools, values, only);
  return parseAllDocuments(text).flatMap((each) => (each.toJS() as Rendered | null) ?? []);
}

const where = ({ kind, metadata: { name, namespace = '*' } }: Rendered) =>
  `${kind} ${namespace}/${name}`;

/** A rule on a line: `get,list pods`. */
function lines(rules: readonly Rule[] = []): readonly string[] {
  return rules.flatMap(({ apiGroups, resources, resourceNames = [''], verbs }) =>
    resources.flatMap((resource) =>
      resourceNames.map((name) => {
        const [group = ''] = apiGroups;
        const of = [group === '' ? resource : `${resource}.${group}`, name].filter(Boolean);
        return `${of.join('/')}: ${verbs.join(' ')}`;
      }),
    ),
  );
}

const onDeclarations = [
  'miniprograms.fairlead.dev: get list watch',
  'miniprogramreleases.fairlead.dev: get list watch',
  'configprofiles.fairlead.dev: get list watch',
  'gitsources.fairlead.dev: get list watch',
];
const onStatuses = [
  'miniprograms/status.fairlead.dev: patch',
  'miniprogramreleases/status.fairlead.dev: patch',
  'configprofiles/status.fairlead.dev: patch',
  'gitsources/status.fairlead.dev: patch',
];

describe('what the controller may do', () => {
  it('in the whole cluster is this, with Secrets of the namespaces named', async () => {
    const roles = await rendered({ rbac: { secretNamespaces: ['shop'] } }, [
      'rbac-cluster',
      'rbac-own',
    ]);
    const bindings = roles.filter(({ roleRef }) => roleRef !== undefined);

    expect(
      Object.fromEntries(
        roles.filter(({ rules }) => rules).map((role) => [where(role), lines(role.rules)]),
      ),
    ).toEqual({
      'ClusterRole */fairlead-controller': [
        ...onDeclarations,
        'platformconnections.fairlead.dev: get list watch',
        ...onStatuses,
        'platformconnections/status.fairlead.dev: patch',
        'events.events.k8s.io: create',
        'namespaces: list watch',
        'validatingadmissionpolicies.admissionregistration.k8s.io/fairlead-approvals: get',
        'validatingadmissionpolicybindings.admissionregistration.k8s.io/fairlead-approvals: get',
      ],
      'ClusterRole */fairlead-secrets': ['secrets: get'],
      'Role fairlead-system/fairlead': [
        'leases.coordination.k8s.io: get list create update delete',
        'secrets: get',
      ],
    });
    expect(bindings.map((each) => [where(each), each.roleRef?.name])).toEqual([
      ['ClusterRoleBinding */fairlead-controller', 'fairlead-controller'],
      ['RoleBinding shop/fairlead-secrets', 'fairlead-secrets'],
      ['RoleBinding fairlead-system/fairlead', 'fairlead'],
    ]);
  });

  it('with a namespaced install is this, and nothing reaches beyond namespaces', async () => {
    const objects = await rendered(namespaced);
    const roles = objects.filter(({ kind }) => kind === 'Role');

    const tenant = [...onDeclarations, ...onStatuses, 'events.events.k8s.io: create'];
    expect(Object.fromEntries(roles.map((role) => [where(role), lines(role.rules)]))).toEqual({
      'Role shop/fairlead-declarations': [...tenant, 'secrets: get'],
      'Role kiosk/fairlead-declarations': [...tenant, 'secrets: get'],
      'Role fairlead-system/fairlead': [
        'leases.coordination.k8s.io: get list create update delete',
      ],
    });
    expect(objects.filter(({ metadata }) => metadata.namespace === undefined)).toEqual([]);
  });

  it.each(matrix)('never lists or watches a Secret: $name', async ({ values, why }) => {
    const rules = (await rendered(values)).flatMap((each) => each.rules ?? []);
    const verbs = rules
      .filter(({ resources }) => resources.some((name) => name === 'secrets' || name === '*'))
      .flatMap((rule) => rule.verbs);

    expect(
      [...new Set(verbs)].filter((verb) => verb !== 'get'),
      why,
    ).toEqual([]);
    expect(rules.flatMap((rule) => [...rule.verbs, ...rule.resources])).not.toContain('*');
  });
});

describe('the pod', () => {
  it.each(matrix)('has no more rights than it needs: $name', async ({ values, why }) => {
    const objects = await rendered(values, ['deployment']);
    const spec = objects[0]?.spec?.template?.spec;

    expect(spec?.securityContext, why).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec?.containers.map(({ securityContext }) => securityContext)).toEqual([
      {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        privileged: false,
        capabilities: { drop: ['ALL'] },
      },
    ]);
  });

  it.each([
    {
      name: 'of the cluster',
      values: {},
      expected: [
        'run',
        '--kubernetes',
        '--listen=0.0.0.0:8080',
        '--state=/state/fairlead',
        '--shards=1',
      ],
    },
    {
      name: 'of two namespaces',
      values: namespaced,
      expected: [
        'run',
        '--kubernetes',
        '--listen=0.0.0.0:8080',
        '--state=/state/fairlead',
        '--shards=1',
        '--namespace=shop',
        '--namespace=kiosk',
        '--connections=/etc/fairlead/connections/all.yaml',
      ],
    },
    {
      name: 'with settings and more',
      values: { shards: 3, settings: { installation: 'acme' }, extraArgs: ['--verbose'] },
      expected: [
        'run',
        '--kubernetes',
        '--listen=0.0.0.0:8080',
        '--state=/state/fairlead',
        '--shards=3',
        '--config=/etc/fairlead/settings/fairlead.yaml',
        '--verbose',
      ],
    },
  ])('$name runs with these arguments', async ({ values, expected }) => {
    const objects = await rendered(values, ['deployment']);

    expect(objects[0]?.spec?.template?.spec.containers[0].args).toEqual(expected);
  });

  it('is another one when its settings are', async () => {
    const digests = await Promise.all(
      ['acme', 'acme', 'other'].map(async (installation) => {
        const text = await render(tools, { settings: { installation } }, ['deployment']);
        return /settings-digest: (\S+)/.exec(text)?.[1];
      }),
    );

    expect(digests[0]).toBeDefined();
    expect([digests[1] === digests[0], digests[2] === digests[0]]).toEqual([true, false]);
  });
});

describe('values', () => {
  it.each([
    { name: 'a word nobody knows', values: { replica: 2 }, says: /replica/ },
    { name: 'a word nobody knows, further in', values: { image: { name: 'x' } }, says: /image/ },
    { name: 'a wrong type', values: { replicas: 'two' }, says: /replicas/ },
    { name: 'no shard', values: { shards: 0 }, says: /shards/ },
    { name: 'an image of no such form', values: { image: { variant: 'tiny' } }, says: /variant/ },
    { name: 'half a digest', values: { image: { digest: 'sha256:ab' } }, says: /digest/ },
    {
      name: 'a namespaced install without connections',
      values: { rbac: { scope: 'namespace' } },
      says: /connections/,
    },
    {
      name: 'a file of connections for the whole cluster, where they are objects',
      values: { connections: { secret: 'fairlead-connections' } },
      says: /connections/,
    },
    {
      name: 'namespaces of a cluster-wide install',
      values: { rbac: { namespaces: ['shop'] } },
      says: /namespaces/,
    },
    {
      name: 'all Secrets for a namespaced install',
      values: { ...namespaced, rbac: { scope: 'namespace', allSecrets: true } },
      says: /allSecrets/,
    },
    {
      name: 'two bundles of authorities',
      values: { extraCa: { configMap: 'one', secret: 'two' } },
      says: /extraCa/,
    },
    {
      name: 'a proxy with a password, which would stand in the Deployment',
      values: { proxy: { https: 'http://me:secret@proxy.example.com' } },
      says: /proxy/,
    },
  ])('are refused: $name', async ({ values, says }) => {
    await expect(render(tools, values)).rejects.toThrow(says);
  });
});
