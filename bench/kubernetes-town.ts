import type { DeclarationKind } from '../src/core/kinds/index.ts';
import { environments } from '../src/core/words/environments.ts';

/*
 * A made-up tenant of a cluster: programs, each with some releases on some targets, as the API server would be given them
 * and as a platform that already holds every record.
 */

/** How targets are spread over objects. */
export interface Spread {
  readonly programs: number;
  /** MiniProgramRelease objects of a program. */
  readonly releases: number;
  /** Targets of a MiniProgramRelease; at most 20. */
  readonly targets: number;
}

export interface TownObject {
  readonly apiVersion: string;
  readonly kind: DeclarationKind;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: unknown;
}

/** One target and where it is declared. */
export interface TownTarget {
  /** The MiniProgramRelease. */
  readonly object: string;
  /** Of `spec.targets`. */
  readonly index: number;
  /** As the platform's call log names the record. */
  readonly record: string;
}

const apps = ['megapay', 'tapngo', 'rapipay', 'europay', 'oncepay'];
const workspace = 'acme';
const pairs = apps.flatMap((app) => environments.map((environment) => ({ app, environment })));

export function sizeOf({ programs, releases, targets }: Spread): number {
  return programs * releases * targets;
}

function idOf(program: number): string {
  return `35${String(program).padStart(14, '0')}`;
}

function versionOf(release: number): string {
  return `2.${String(release)}.0`;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function configOf(program: number, index: number) {
  return {
    merchantId: `M-${String(program)}-${String(index)}`,
    testers: [`20880${String(program)}`, `20881${String(program)}`],
  };
}

function targetsOf(program: number, count: number) {
  return pairs
    .slice(0, count)
    .map((pair, index) => ({ ...pair, config: configOf(program, index) }));
}

const objectName = (program: number, release: number): string =>
  `release-${String(program)}-${String(release)}`;

/** Every object, programs before their releases. */
export function* townObjects(spread: Spread, namespace: string): Generator<TownObject> {
  const apiVersion = 'fairlead.dev/v1alpha1';
  for (const program of numbers(spread.programs)) {
    const name = `program-${String(program)}`;
    yield {
      apiVersion,
      kind: 'MiniProgram',
      metadata: { name, namespace },
      spec: { workspace, id: idOf(program), policy: { onDrift: 'Apply' } },
    };
    for (const release of numbers(spread.releases))
      yield {
        apiVersion,
        kind: 'MiniProgramRelease',
        metadata: { name: objectName(program, release), namespace },
        spec: {
          miniProgram: name,
          version: versionOf(release),
          targets: targetsOf(program, spread.targets),
        },
      };
  }
}

/** Every target, one of each program before the next one of any. */
export function townTargets({ programs, releases, targets }: Spread): readonly TownTarget[] {
  return numbers(releases).flatMap((release) =>
    pairs.slice(0, targets).flatMap(({ app, environment }, index) =>
      numbers(programs).map((program) => ({
        object: objectName(program, release),
        index,
        record: [workspace, idOf(program), versionOf(release), app, environment].join('/'),
      })),
    ),
  );
}

/** The platform's world file, as data; its records carry no marks yet. */
export function townPlatform(spread: Spread) {
  const miniPrograms = numbers(spread.programs).map((program) => ({
    id: idOf(program),
    name: `Program ${String(program)}`,
    type: 'DSL' as const,
    domainsGranted: true,
    versions: numbers(spread.releases).map(versionOf),
    releases: numbers(spread.releases).flatMap((release) =>
      targetsOf(program, spread.targets).map((target) => ({
        version: versionOf(release),
        ...target,
        status: 'NewVersionCreated' as const,
      })),
    ),
  }));
  return {
    apps: apps.map((id) => ({
      id,
      name: id,
      environments: [...environments],
      pilotTesting: true,
      sandboxReview: false,
      environmentVariables: true,
    })),
    workspaces: [{ id: workspace, admins: ['fairlead-ci'], miniPrograms }],
  };
}
