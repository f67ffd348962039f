import { type Place, pointer } from '../words/places.ts';
import { type DeclaredProgram, homeOf } from './homes.ts';
import type { Entry, SourceIndex } from './index-source.ts';
import { barrierOf, type Mistake } from './mistakes.ts';
import { type Broken, brokenProfile, refersToInvalid } from './references.ts';
import type { ReleaseShape } from './shape.ts';
import { profileUses, specOf, type WantedTarget } from './stacks.ts';

const maxTargets = 256;

export interface Release {
  readonly entry: Entry;
  readonly shape: ReleaseShape;
  readonly program: DeclaredProgram;
  readonly targets: readonly WantedTarget[];
}

/** What takes the whole release out: a release is never resolved with less than it asks for. */
export function releaseFaults(index: SourceIndex, release: Release): Broken[] {
  const { entry, shape, program, targets } = release;
  const spec = specOf(entry);
  if (spec === undefined) return [];
  const at = (where: string): Place => ({ document: entry.id, pointer: where });
  if (program.spec === undefined) {
    const mistake = refersToInvalid(program.entry, at('/spec/miniProgram'));
    return [{ mistake, barrier: barrierOf('Invalid', mistake) }];
  }
  const invalid = [
    ...missingTargets(release, at),
    ...countFaults(targets, at),
    ...shape.targets
      .filter(({ app }) => homeOf(program, app) === undefined)
      .map((target) => withoutInstance(program.entry, target.app, at(`${target.pointer}/app`))),
  ];
  const uses = targets.flatMap((target) => profileUses(program, { entry, spec }, target));
  const once = new Map(uses.map((use) => [`${use.place.document}${use.place.pointer}`, use]));
  return [
    ...invalid.map((mistake) => ({ mistake, barrier: barrierOf('Invalid', mistake) })),
    ...[...once.values()].flatMap((use) => brokenProfile(index, entry.namespace, use) ?? []),
  ];
}

function missingTargets({ shape, program }: Release, at: (pointer: string) => Place): Mistake[] {
  const { entry, targets } = program;
  const standing = new Set(targets.map(({ environment }) => environment));
  return shape.environments.flatMap((environment, index): Mistake[] =>
    standing.has(environment)
      ? []
      : [
          {
            rule: 'environment-without-target',
            severity: 'error',
            message: `MiniProgram ${entry.name} has no standing target in ${environment}`,
            nextStep: `Add a target in ${environment} to MiniProgram ${entry.name}, or list the target in this release.`,
            place: at(pointer('spec', 'environments', index)),
            related: [{ document: entry.id, pointer: '/spec' }],
          },
        ],
  );
}

function withoutInstance(program: Entry, app: string, place: Place): Mistake {
  return {
    rule: 'app-without-instance',
    severity: 'error',
    message: `App ${app} stands in no instance of MiniProgram ${program.name}`,
    nextStep: `Add ${app} to the apps of the instance whose console releases to it.`,
    place,
    related: [{ document: program.id, pointer: '/spec/instances' }],
  };
}

function countFaults(targets: readonly WantedTarget[], at: (pointer: string) => Place): Mistake[] {
  if (targets.length <= maxTargets) return [];
  return [
    {
      rule: 'too-many-targets',
      severity: 'error',
      message: `This release goes to ${targets.length} targets; ${maxTargets} is the most`,
      nextStep: 'Split it into several releases of the same version.',
      place: at('/spec'),
    },
  ];
}
