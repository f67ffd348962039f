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
  readonly data?: Readonly<Record<string, string>>;
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
        '--config=/etc/fairlead/settings/fairlead.yaml',
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
        '--leases=fairlead',
        '--namespace=shop',
        '--namespace=kiosk',
        '--config=/etc/fairlead/settings/fairlead.yaml',
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

  it.each([
    { name: 'named', settings: { installation: 'acme' }, expected: 'acme' },
    { name: 'not named', settings: {}, expected: 'fairlead-system/fairlead' },
    {
      name: 'not named among other settings',
      settings: { workers: 4 },
      expected: 'fairlead-system/fairlead',
    },
  ])('is an installation of its own: $name', async ({ settings, expected }) => {
    const [map] = await rendered({ settings }, ['settings']);
    const [document] = parseAllDocuments(map?.data?.['fairlead.yaml'] ?? '');

    expect(document?.toJS()).toMatchObject({
      kind: 'Settings',
      spec: { ...settings, installation: expected },
    });
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

describe('a range of addresses', () => {
  const metadata = 'fd00:ec2::254/128';
  it.each([
    { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] },
    { cidr: '128.0.0.0/1', except: ['169.254.0.0/16'] },
    { cidr: '169.0.0.0/8', except: ['169.254.0.0/16'] },
    { cidr: '0.0.0.0/1', except: undefined },
    { cidr: '10.0.0.0/8', except: undefined },
    { cidr: '169.254.20.10/32', except: undefined },
    { cidr: '::/0', except: ['fe80::/10', metadata] },
    { cidr: '8000::/1', except: ['fe80::/10', metadata] },
    { cidr: 'FE00::/8', except: ['fe80::/10'] },
    { cidr: 'fd00:ec2::/64', except: [metadata] },
    { cidr: 'fd00:ec3::/64', except: undefined },
    { cidr: '2001:db8::/32', except: undefined },
  ])('lets nobody out to a cloud’s metadata: $cidr', async ({ cidr, except }) => {
    const egress = { platforms: { cidrs: [cidr] } };
    const text = await render(tools, { networkPolicy: { enabled: true, egress } }, [
      'networkpolicy',
    ]);
    const blocks = [...text.matchAll(/ipBlock:\n\s+cidr: (.+)\n(?:\s+except: (.+)\n)?/g)];
    const block = blocks.find(([, range]) => range === `"${cidr}"`);

    expect(block).toBeDefined();
    const found = block?.[2] === undefined ? undefined : parseAllDocuments(block[2])[0]?.toJS();
    expect(found).toEqual(except);
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
      says: /rbac\.scope=namespace needs connections\.secret/,
    },
    {
      name: 'a file of connections for the whole cluster, where they are objects',
      values: { connections: { secret: 'fairlead-connections' } },
      says: /connections\.secret is for rbac\.scope=namespace/,
    },
    {
      name: 'namespaces of a cluster-wide install',
      values: { rbac: { namespaces: ['shop'] } },
      says: /rbac\.namespaces is for rbac\.scope=namespace/,
    },
    {
      name: 'all Secrets for a namespaced install',
      values: { ...namespaced, rbac: { scope: 'namespace', allSecrets: true } },
      says: /rbac\.allSecrets is for rbac\.scope=cluster/,
    },
    {
      name: 'Secrets elsewhere for a namespaced install',
      values: { ...namespaced, rbac: { scope: 'namespace', secretNamespaces: ['shop'] } },
      says: /rbac\.secretNamespaces is for rbac\.scope=cluster/,
    },
    {
      name: 'rights for the account that every pod of the namespace has',
      values: { serviceAccount: { create: false } },
      says: /serviceAccount\.create=false needs serviceAccount\.name/,
    },
    {
      name: 'a name that no Service may have',
      values: { fullnameOverride: 'a.b.c' },
      says: /fullnameOverride/,
    },
    {
      name: 'a label that a Deployment finds its pods by',
      values: { podLabels: { 'app.kubernetes.io/name': 'other' } },
      says: /podLabels holds app\.kubernetes\.io\/name/,
    },
    {
      name: 'the annotation that starts pods anew with new settings',
      values: { podAnnotations: { 'fairlead.dev/settings-digest': '0' } },
      says: /podAnnotations holds fairlead\.dev\/settings-digest/,
    },
    {
      name: 'settings with a word that Fairlead does not know',
      values: { settings: { intervals: { sweeep: '5m' } } },
      says: /settings\/intervals.*sweeep/,
    },
    {
      name: 'settings that would start no process',
      values: { settings: { leases: { durationSeconds: 'long' } } },
      says: /settings\/leases\/durationSeconds/,
    },
    {
      name: 'settings that open the files of the pod to every GitSource',
      values: { settings: { allowFileUrls: true } },
      says: /settings.*allowFileUrls/,
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
