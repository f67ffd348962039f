import { environments } from '../src/core/words/environments.ts';

/*
 * A made-up tenant of any size: declared programs, each with one release on up to 20 targets, and foreign programs whose
 * records stand in between in every status.
 */

const apps = ['megapay', 'tapngo', 'rapipay', 'europay', 'oncepay'];
export const targetsPerProgram = apps.length * environments.length;

const version = '2.4.0';
const foreignStatuses = [
  'NewVersionCreated',
  'UnderReview',
  'ReleasePreparation',
  'PilotTesting',
  'GrayscaleRelease',
  'FullRelease',
  'Canceled',
  'Archived',
] as const;

export interface TownSize {
  /** Declared targets; rounded up to whole programs. */
  readonly targets: number;
  /** Records of programs that nobody declares. */
  readonly foreign: number;
}

export const workspace = 'acme';

interface Target {
  readonly app: string;
  readonly environment: (typeof environments)[number];
}

function targets(): readonly Target[] {
  return apps.flatMap((app) => environments.map((environment) => ({ app, environment })));
}

function idOf(kind: 'own' | 'foreign', index: number): string {
  return `${kind === 'own' ? '35' : '99'}${String(index).padStart(14, '0')}`;
}

function configOf(index: number, { app, environment }: Target) {
  return {
    merchantId: `M-${String(index)}-${app}-${environment}`,
    testers: [`20880${String(index)}`, `20881${String(index)}`],
  };
}

/** The world file of the town, as data; its releases carry no marks yet. */
export function townWorld({ targets: wanted, foreign }: TownSize) {
  const own = Array.from({ length: Math.ceil(wanted / targetsPerProgram) }, (_, index) => ({
    id: idOf('own', index),
    name: `Program ${String(index)}`,
    type: 'DSL' as const,
    domainsGranted: true,
    versions: [version],
    globalConfig: { serverDomains: [`https://api${String(index)}.acme.example`] },
    releases: targets().map((target) => ({
      version,
      ...target,
      status: 'NewVersionCreated' as const,
      config: configOf(index, target),
    })),
  }));
  const others = Array.from({ length: Math.ceil(foreign / targetsPerProgram) }, (_, index) => ({
    id: idOf('foreign', index),
    name: `Foreign ${String(index)}`,
    type: 'DSL' as const,
    domainsGranted: true,
    versions: [version],
    releases: targets().map((target, position) => ({
      version,
      ...target,
      status: foreignStatuses[(index + position) % foreignStatuses.length] ?? 'Archived',
      config: configOf(index, target),
    })),
  }));
  return {
    switches: { pageOrder: 'shuffled' },
    apps: apps.map((id) => ({
      id,
      name: id,
      environments: [...environments],
      pilotTesting: true,
      sandboxReview: false,
      environmentVariables: true,
    })),
    workspaces: [
      { id: workspace, admins: ['fairlead-ci'], miniPrograms: interleaved(own, others) },
    ],
  };
}

function interleaved<T>(left: readonly T[], right: readonly T[]): T[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
    [left[index], right[index]].filter((item) => item !== undefined),
  ).flat();
}

export interface TownFile {
  readonly name: string;
  readonly text: string;
}

/** What the team declares of it: one file a program. `changed` programs want another merchant id on their first target. */
export function townDeclarations(
  { targets: wanted }: Pick<TownSize, 'targets'>,
  changed = 0,
): readonly TownFile[] {
  return Array.from({ length: Math.ceil(wanted / targetsPerProgram) }, (_, index) => ({
    name: `program-${String(index).padStart(6, '0')}.yaml`,
    text: declarationOf(index, index < changed),
  }));
}

function declarationOf(index: number, isChanged: boolean): string {
  const lines = targets().map((target, position) => {
    const { merchantId, testers } = configOf(index, target);
    const wanted = isChanged && position === 1 ? `${merchantId}-new` : merchantId;
    return `    - { app: ${target.app}, environment: ${target.environment}, config: { merchantId: ${wanted}, testers: ["${testers.join('", "')}"] } }`;
  });
  return [
    'apiVersion: fairlead.dev/v1alpha1',
    'kind: MiniProgram',
    `metadata: { name: program-${String(index)} }`,
    `spec: { workspace: ${workspace}, id: "${idOf('own', index)}", policy: { onDrift: Apply } }`,
    '---',
    'apiVersion: fairlead.dev/v1alpha1',
    'kind: MiniProgramRelease',
    `metadata: { name: release-${String(index)} }`,
    'spec:',
    `  miniProgram: program-${String(index)}`,
    `  version: ${version}`,
    '  targets:',
    ...lines,
    '',
  ].join('\n');
}

/** Files of 25 lines, as P4 counts them: a program and a release each. */
export function smallFiles(count: number): readonly TownFile[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `small-${String(index).padStart(6, '0')}.yaml`,
    text: [
      'apiVersion: fairlead.dev/v1alpha1',
      'kind: MiniProgram',
      'metadata:',
      `  name: small-${String(index)}`,
      'spec:',
      `  workspace: ${workspace}`,
      `  id: "${idOf('own', index)}"`,
      '---',
      'apiVersion: fairlead.dev/v1alpha1',
      'kind: MiniProgramRelease',
      'metadata:',
      `  name: small-${String(index)}-release`,
      'spec:',
      `  miniProgram: small-${String(index)}`,
      `  version: ${version}`,
      '  config:',
      `    serverDomains: [https://api${String(index)}.acme.example]`,
      '  targets:',
      '    - app: megapay',
      '      environment: Sandbox',
      `      config: { merchantId: M-${String(index)}-T }`,
      '    - app: megapay',
      '      environment: Test',
      '      config:',
      `        merchantId: M-${String(index)}-D`,
      '',
    ].join('\n'),
  }));
}
