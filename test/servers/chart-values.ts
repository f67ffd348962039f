import type { Values } from './chart-stage.ts';

/** A way to install the chart. */
export interface Case {
  readonly name: string;
  readonly why: string;
  readonly values: Values;
}

export const namespaced: Values = {
  rbac: { scope: 'namespace', namespaces: ['shop', 'kiosk'] },
  crds: { install: false },
  connections: { secret: 'fairlead-connections', key: 'all.yaml' },
};

const everything: Values = {
  fullnameOverride: 'releases',
  image: {
    repository: 'registry.example.com/tools/fairlead',
    digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
    pullPolicy: 'Always',
  },
  imagePullSecrets: [{ name: 'registry' }],
  replicas: 5,
  shards: 16,
  rbac: { secretNamespaces: ['shop', 'kiosk'] },
  serviceAccount: { name: 'releases', annotations: { 'example.com/owner': 'platform' } },
  settings: {
    installation: 'acme-production',
    intervals: { sweepSeconds: 600 },
    server: { webhooks: [{ name: 'forge', form: 'gitea', secret: { file: '/hooks/forge' } }] },
  },
  extraCa: { secret: 'authorities', key: 'bundle.pem', git: false },
  proxy: { https: 'http://proxy.example.com:3128', exceptions: '.svc,10.0.0.0/8' },
  state: { sizeLimit: '2Gi' },
  service: { port: 80, annotations: { 'example.com/scrape': 'true' } },
  podDisruptionBudget: { maxUnavailable: '50%' },
  serviceMonitor: { enabled: true, interval: '15s', labels: { release: 'prometheus' } },
  networkPolicy: { enabled: true },
  priorityClassName: 'system-cluster-critical',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 1,
          preference: { matchExpressions: [{ key: 'spot', operator: 'DoesNotExist' }] },
        },
      ],
    },
  },
  topologySpread: {
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'DoNotSchedule',
  },
  podAnnotations: { 'example.com/note': 'yes' },
  podLabels: { team: 'platform' },
  extraArgs: ['--verbose'],
  extraEnv: [{ name: 'TZ', value: 'UTC' }],
  extraVolumes: [{ name: 'hooks', secret: { secretName: 'hooks' } }],
  extraVolumeMounts: [{ name: 'hooks', mountPath: '/hooks', readOnly: true }],
};

/** Ways to install that differ in what is rendered: each is linted, judged by the schemas of Kubernetes, and by an API server. */
export const matrix: readonly Case[] = [
  { name: 'as it is', why: 'what most people get', values: {} },
  { name: 'one of everything', why: 'every branch of every template', values: everything },
  {
    name: 'namespaced',
    why: 'the tenant who has no right in the cluster',
    values: namespaced,
  },
  {
    name: 'namespaced, its own namespace',
    why: 'no namespace named',
    values: { ...namespaced, rbac: { scope: 'namespace' } },
  },
  {
    name: 'namespaced with Git over a proxy',
    why: 'both kinds of folders mounted',
    values: {
      ...namespaced,
      settings: { installation: 'kiosk' },
      extraCa: { configMap: 'authorities' },
      proxy: { https: 'http://proxy.example.com:3128' },
    },
  },
  {
    name: 'namespaced with rights of its own making',
    why: 'rbac.create and serviceAccount.create off',
    values: {
      ...namespaced,
      rbac: { scope: 'namespace', create: false },
      serviceAccount: { create: false, name: 'tenant' },
    },
  },
  {
    name: 'slim, one replica',
    why: 'no GitSource, no budget',
    values: {
      image: { variant: 'slim', tag: '0.1.0' },
      replicas: 1,
      podDisruptionBudget: { enabled: false },
      topologySpread: { enabled: false },
    },
  },
  { name: 'three shards', why: 'a Lease each', values: { replicas: 3, shards: 3 } },
  { name: 'stopped', why: 'nothing runs, everything stays', values: { replicas: 0 } },
  {
    name: 'all Secrets',
    why: 'a ClusterRoleBinding in place of RoleBindings',
    values: { rbac: { allSecrets: true } },
  },
  {
    name: 'definitions elsewhere, everything kept by others',
    why: 'several switches off at once',
    values: {
      crds: { install: false },
      rbac: { create: false, userRoles: false },
      approvals: { policy: false },
      serviceAccount: { create: false, name: 'fairlead' },
    },
  },
  {
    name: 'definitions that go with the release',
    why: 'no keep annotation',
    values: { crds: { keep: false } },
  },
  {
    name: 'a closed network',
    why: 'every destination of the policy',
    values: {
      networkPolicy: {
        enabled: true,
        ingress: {
          from: [
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
          ],
        },
        egress: {
          dns: {
            namespaceLabels: { 'kubernetes.io/metadata.name': 'dns' },
            cidrs: ['169.254.20.10/32'],
            port: 5353,
          },
          apiServer: { cidrs: ['10.0.0.1/32'], ports: [6443] },
          platforms: { cidrs: ['0.0.0.0/0', '::/0'], ports: [443, 8443] },
          git: { cidrs: ['192.0.2.0/24'], ports: [22] },
        },
      },
    },
  },
  {
    name: 'without limits',
    why: 'empty resources',
    values: { resources: { limits: { memory: null }, requests: { cpu: 1, memory: '1Gi' } } },
  },
];
