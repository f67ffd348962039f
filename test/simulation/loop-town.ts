import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import type { Switches } from '../../src/emulator/world/switches.ts';
import { client } from './faults-world.ts';

/*
 * What the sources of a simulated controller declare, as a value that the judge can read without our parser, and the
 * platform they are about.
 */

/** Values of one level, by path: `merchantId`, `testers`, `environmentVariables/HOST`. Lists are sorted. */
export type Values = Readonly<Record<string, string | readonly string[]>>;

/** Stands for whatever the secret holds at the time. */
export const secretValue = '(secret)';

export interface DeclaredProgram {
  /** Default acme. */
  readonly workspace?: string;
  readonly global?: Values;
  /** By `1.0.0/Test`. */
  readonly targets: Readonly<Record<string, Values>>;
  readonly policy?: Readonly<Record<string, unknown>>;
}

/** By name, which is the id on the platform. */
export type Declared = Readonly<Record<string, DeclaredProgram>>;

/** Files of a commit; a name that is not that of its program is a file that was renamed. */
export function filesOf(
  declared: Declared,
  naming: (program: string) => string = (program) => `${program}.yaml`,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, program]) => [naming(name), fileOf(name, program)]),
  );
}

function fileOf(
  name: string,
  { global, targets, policy, workspace = 'acme' }: DeclaredProgram,
): string {
  const byVersion = Map.groupBy(Object.keys(targets), (place) => place.split('/')[0] ?? '');
  return [
    {
      ...head('MiniProgram', name),
      spec: {
        ...{ workspace, id: name },
        policy: policy ?? { onChange: 'Apply', onDrift: 'Apply' },
        ...(global && { globalConfig: written(global) }),
      },
    },
    ...[...byVersion].map(([version, places]) => ({
      ...head('MiniProgramRelease', `${name}-${version}`),
      spec: {
        ...{ miniProgram: name, version },
        targets: places.map((place) => ({
          ...{ app: 'megapay', environment: place.split('/')[1] },
          ...(Object.keys(targets[place] ?? {}).length > 0 && {
            config: written(targets[place] ?? {}),
          }),
        })),
      },
    })),
  ]
    .map((document) => `---\n${JSON.stringify(document, undefined, 1)}\n`)
    .join('');
}

function head(kind: string, name: string) {
  return { apiVersion: 'fairlead.dev/v1alpha1', kind, metadata: { name } };
}

function written(values: Values) {
  const variables = Object.entries(values).flatMap(([path, value]): readonly object[] => {
    const name = variableOf(path);
    if (name === undefined) return [];
    const secretKeyRef = { name: 'keys', key: 'api' };
    return [value === secretValue ? { name, valueFrom: { secretKeyRef } } : { name, value }];
  });
  return {
    ...Object.fromEntries(
      Object.entries(values).filter(([path]) => variableOf(path) === undefined),
    ),
    ...(variables.length > 0 && { environmentVariables: variables }),
  };
}

function variableOf(path: string): string | undefined {
  const [field, name] = path.split('/');
  return field === 'environmentVariables' ? name : undefined;
}

export const programs = ['coffee', 'tea', 'cake'] as const;
export const environments = ['Production', 'Sandbox', 'Test', 'Development'] as const;

/** One app, so many programs, everything allowed; one record was there before us. */
export function townWorld(switches: Partial<Switches> = {}): WorldFile {
  return {
    platformId: 'megapay',
    switches,
    clients: [{ id: client }],
    apps: [
      {
        id: 'megapay',
        environments: [...environments],
        environmentVariables: true,
        pilotTesting: false,
      },
    ],
    workspaces: [
      {
        id: 'acme',
        admins: [client],
        miniPrograms: programs.map((id) => ({
          id,
          type: 'DSL' as const,
          domainsGranted: true,
          versions: ['1.0.0', '1.1.0'],
          globalConfig: { merchantId: 'M-1' },
        })),
      },
    ],
  };
}

/** What is on the wire or in the world, by the paths of `Values`; null where a patch takes a value away. */
export function flat(config: unknown): Readonly<Record<string, string | readonly string[] | null>> {
  const { environmentVariables, ...plain } = config as Readonly<Record<string, unknown>>;
  const out: Record<string, string | readonly string[] | null> = {};
  for (const [path, value] of Object.entries(plain)) {
    if (value === undefined) continue;
    out[path] = Array.isArray(value) ? [...(value as string[])].sort() : (value as string | null);
  }
  for (const [name, value] of variablesIn(environmentVariables))
    out[`environmentVariables/${name}`] = value;
  return out;
}

function variablesIn(given: unknown): readonly (readonly [string, string | null])[] {
  if (given === undefined) return [];
  if (Array.isArray(given))
    return (given as { name: string; value: string }[]).map(({ name, value }) => [name, value]);
  const { upsert = [], remove = [] } = given as {
    upsert?: { name: string; value: string }[];
    remove?: string[];
  };
  return [
    ...upsert.map(({ name, value }) => [name, value] as const),
    ...remove.map((name) => [name, null] as const),
  ];
}
