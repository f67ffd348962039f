import type { ClusterStage } from './kubernetes-stage.ts';

/** How one release gets where it stands: by declarations, and by what people do in the console. */
export interface Story {
  readonly name: string;
  readonly why: string;
  /** Of the mini program in the emulator's world, without its id and name; absent: the platform has none. */
  readonly world?: string;
  /** Lines of the MiniProgram's spec, indented by two. */
  readonly program?: string;
  readonly release: string;
  readonly namespace?: string;
  /** Another story's program. */
  readonly of?: string;
  readonly workspace?: string;
  /** What it is before something happens. */
  readonly first?: string;
  readonly then?: (stage: ClusterStage, at: StoryPlace) => Promise<void>;
  readonly stands: string;
  readonly verdict: 'Current' | 'InProgress' | 'Failed';
}

export interface StoryPlace {
  /** As the console takes it. */
  readonly program: { readonly workspace: string; readonly miniProgram: string };
  readonly name: string;
}

const versions = 'versions: [1.0.0, 1.1.0]';
const standing = `  targets:
    - { app: megapay, environment: Sandbox, config: { merchantId: M-1 } }
    - { app: megapay, environment: Production, config: { merchantId: M-1 } }`;
const sandbox = '  environments: [Sandbox]';
const record = { version: '1.0.0', app: 'megapay', environment: 'Sandbox' };

function kept(status: string, config = '{ merchantId: M-0 }', environment = 'Sandbox'): string {
  return `${versions}
        releases: [{ version: 1.0.0, app: megapay, environment: ${environment}, status: ${status}, config: ${config} }]`;
}

const own = (config: string, app = 'megapay', environment = 'Sandbox') =>
  `  targets: [{ app: ${app}, environment: ${environment}, config: ${config} }]`;

export const stories: readonly Story[] = [
  {
    name: 'coffee',
    why: 'declared, created, as it should be',
    world: versions,
    release: '  environments: [Sandbox, Production]',
    stands: 'True InSync',
    verdict: 'Current',
  },
  {
    name: 'live',
    why: 'live: what differs takes effect with the next version',
    world: kept('FullRelease'),
    release: sandbox,
    stands: 'True InSync',
    verdict: 'Current',
  },
  {
    name: 'drifted',
    why: 'somebody edited it in the console, and policy reports it',
    world: versions,
    release: sandbox,
    first: 'True InSync',
    then: async ({ emulator }, at) => {
      await emulator.act('editReleaseConfig', {
        ...at.program,
        ...record,
        patch: { merchantId: 'M-9' },
      });
    },
    stands: 'True DriftReported',
    verdict: 'Current',
  },
  {
    name: 'suspended',
    why: 'nothing is created during the audit',
    world: versions,
    release: `${sandbox}\n  suspend: { reason: audit week }`,
    stands: 'True Suspended',
    verdict: 'Current',
  },
  {
    name: 'early',
    why: 'declared before it was uploaded',
    world: 'versions: [0.9.0]',
    release: sandbox,
    stands: 'False VersionNotUploaded',
    verdict: 'InProgress',
  },
  {
    name: 'nowhere',
    why: 'nobody created the mini program yet',
    release: sandbox,
    stands: 'False MiniProgramNotFound',
    verdict: 'InProgress',
  },
  {
    name: 'careful',
    why: 'policy asks before every change',
    world: versions,
    program: '  policy: { onChange: Plan }',
    release: sandbox,
    stands: 'False AwaitingApproval',
    verdict: 'InProgress',
  },
  {
    name: 'handmade',
    why: 'somebody set the merchant before it was declared',
    world: kept('NewVersionCreated'),
    release: sandbox,
    stands: 'False AwaitingApproval',
    verdict: 'InProgress',
  },
  {
    name: 'payee',
    why: 'a new merchant in Production always asks',
    world: versions,
    release: '  environments: [Production]',
    first: 'True InSync',
    then: async ({ kubectl }, { name }) => {
      const patch = JSON.stringify({ spec: { config: { merchantId: 'M-2' } } });
      await kubectl('-n', 'shop', 'patch', 'mpr', `${name}-1.0.0`, '--type=merge', '-p', patch);
    },
    stands: 'False GateRefused',
    verdict: 'InProgress',
  },
  {
    name: 'review',
    why: 'pilot testing began: too late for another merchant',
    world: versions,
    release: own('{ merchantId: M-1 }'),
    first: 'True InSync',
    then: async ({ emulator, kubectl }, at) => {
      await emulator.act('apply', { ...at.program, ...record });
      const targets = [{ app: 'megapay', environment: 'Sandbox', config: { merchantId: 'M-2' } }];
      const patch = JSON.stringify({ spec: { targets } });
      await kubectl('-n', 'shop', 'patch', 'mpr', `${at.name}-1.0.0`, '--type=merge', '-p', patch);
    },
    stands: 'False ConfigLocked',
    verdict: 'InProgress',
  },
  {
    name: 'spent',
    why: 'canceled in the console: this version can never go there again',
    world: versions,
    release: '  environments: [Sandbox, Production]',
    first: 'True InSync',
    then: async ({ emulator }, at) => {
      await emulator.act('apply', { ...at.program, ...record });
      await emulator.act('cancel', { ...at.program, ...record });
    },
    stands: 'False TargetSpent',
    verdict: 'Failed',
  },
  {
    name: 'copied',
    why: 'a neighbour declares the same program: the first one counts',
    of: 'coffee',
    namespace: 'market',
    release: '  environments: [Sandbox, Production]',
    stands: 'False TargetConflict',
    verdict: 'InProgress',
  },
  {
    name: 'stranger',
    why: 'its namespace has no grant',
    world: versions,
    namespace: 'street',
    release: sandbox,
    stands: 'False NotGranted',
    verdict: 'InProgress',
  },
  {
    name: 'elsewhere',
    why: 'the super app is not offered',
    world: versions,
    release: own('{ merchantId: M-1 }', 'otherpay'),
    stands: 'False TargetUnavailable',
    verdict: 'InProgress',
  },
  {
    name: 'secretive',
    why: 'the Secret is not there',
    world: versions,
    release: own(
      '{ environmentVariables: [{ name: API_KEY, valueFrom: { secretKeyRef: { name: keys, key: api } } }] }',
    ),
    stands: 'False SecretUnavailable',
    verdict: 'InProgress',
  },
  {
    name: 'domains',
    why: 'the platform refuses for good: the program may not edit its domains',
    world: `domainsGranted: false\n        ${versions}`,
    release: own('{ serverDomains: ["https://api.example.com"] }'),
    stands: 'False PlatformRefused',
    verdict: 'Failed',
  },
  {
    name: 'profileless',
    why: 'the profile is applied later',
    world: versions,
    release: `${sandbox}\n  profiles: [eu-payments]`,
    stands: 'False ReferenceNotFound',
    verdict: 'InProgress',
  },
  {
    name: 'wrong',
    why: 'no standing target in Test',
    world: versions,
    release: '  environments: [Test]',
    stands: 'False Invalid',
    verdict: 'Failed',
  },
];

/** Id of a story's mini program. */
export function idOf({ name, of = name }: Story): string {
  const index = stories.findIndex((story) => story.name === of);
  return `35000202083${String(97_000 + index)}`;
}

export function worldOf(): string {
  const programs = stories.flatMap((story) =>
    story.world === undefined
      ? []
      : [
          `      - id: "${idOf(story)}"\n        name: ${story.name}\n        domainsGranted: true\n        ${story.world}`,
        ],
  );
  return `
apps:
  - { id: megapay, name: MegaPay, environments: [Production, Sandbox, Test], pilotTesting: true, environmentVariables: true }
workspaces:
  - id: acme
    miniPrograms:
${programs.map((text) => (text.includes('domainsGranted: false') ? text.replace('        domainsGranted: true\n', '') : text)).join('\n')}
`;
}

export function objectsOf(story: Story): string {
  const { name, program = '', release } = story;
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: ${name} }
spec:
  workspace: acme
  id: "${idOf(story)}"
${standing}
${program}
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: ${name}-1.0.0 }
spec:
  miniProgram: ${name}
  version: 1.0.0
${release}
`;
}
