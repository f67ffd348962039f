import type { MiniProgramRelease } from '../kinds/index.ts';
import type { Barrier } from '../model/desired.ts';
import type { Environment } from '../words/environments.ts';
import {
  compareText,
  type ReleaseId,
  releaseId,
  type ReleaseKey,
  targetId,
} from '../words/keys.ts';
import { type Place, pointer } from '../words/places.ts';
import type { DeclaredProgram, Home } from './homes.ts';
import { type Entry, faultMistake, type SourceIndex } from './index-source.ts';
import type { Layer } from './layers.ts';
import { barrierOf, type Mistake } from './mistakes.ts';
import { type Broken, brokenProfile, notFound, refersToInvalid } from './references.ts';
import { type ReleaseShape, releaseShape, type TargetShape } from './shape.ts';
import { type LayerBook, profileUses, stackOf, type WantedTarget } from './stacks.ts';
import { withoutInstance } from './structure.ts';

const maxTargets = 256;

/** One source's claim to a release key, before its layers are merged. */
export interface ReleaseClaim {
  readonly id: ReleaseId;
  readonly key: ReleaseKey;
  readonly entry: Entry;
  readonly home: Home;
  readonly spec?: MiniProgramRelease['spec'];
  readonly own: boolean;
  readonly places: readonly [Place, ...Place[]];
  /** Lowest first; empty where a barrier stands. */
  readonly layers: readonly Layer[];
  readonly barrier?: Barrier;
}

export interface ReleaseClaims {
  readonly claims: readonly ReleaseClaim[];
  readonly mistakes: readonly Mistake[];
}

/** All release keys that one source claims, each once: two claims to one key are both out. */
export function releaseClaims(
  index: SourceIndex,
  programs: readonly DeclaredProgram[],
  book: LayerBook,
): ReleaseClaims {
  const byEntry = new Map(programs.map((program) => [program.entry.id, program]));
  const found = index.releases.map((entry) => claimsOf({ index, book, byEntry }, entry));
  const unique = withoutTwins(found.flatMap(({ claims }) => claims));
  return {
    claims: unique.claims,
    mistakes: [...found.flatMap(({ mistakes }) => mistakes), ...unique.mistakes],
  };
}

interface Context {
  readonly index: SourceIndex;
  readonly book: LayerBook;
  readonly byEntry: ReadonlyMap<Entry['id'], DeclaredProgram>;
}

function claimsOf(context: Context, entry: Entry): ReleaseClaims {
  const { index, byEntry } = context;
  const shape = releaseShape(entry.value);
  const { miniProgram, version } = shape;
  if (miniProgram === undefined || version === undefined) return { claims: [], mistakes: [] };
  const found = index.find('MiniProgram', entry.namespace, miniProgram);
  const program = found && byEntry.get(found.id);
  const place = { document: entry.id, pointer: '/spec/miniProgram' };
  if (program === undefined) {
    const names = index.names('MiniProgram', entry.namespace);
    const mistakes =
      entry.document === undefined ? [] : [notFound('MiniProgram', miniProgram, place, names)];
    return { claims: [], mistakes };
  }
  const targets = wantedTargets(shape, program);
  const broken = releaseFaults(context, { entry, shape, program, targets });
  const barrier =
    broken[0]?.barrier ?? (entry.document === undefined ? invalidRelease(entry) : undefined);
  return {
    claims: targets.flatMap((target) =>
      claimOf(context, { entry, version, program, barrier }, target),
    ),
    mistakes: broken.map(({ mistake }) => mistake),
  };
}

function wantedTargets(shape: ReleaseShape, program: DeclaredProgram): WantedTarget[] {
  const standing = new Map(program.targets.map((target) => [targetId(target), target]));
  const wanted = new Map<string, WantedTarget>();
  for (const [id, target] of standing)
    if (shape.environments.includes(target.environment))
      wanted.set(id, wantedOf(target, target, undefined));
  for (const own of shape.targets) {
    const id = targetId(own);
    wanted.set(id, wantedOf(own, standing.get(id), own));
  }
  return [...wanted].sort(([a], [b]) => compareText(a, b)).map(([, target]) => target);
}

function wantedOf(
  { app, environment }: TargetShape,
  standing: TargetShape | undefined,
  own: TargetShape | undefined,
): WantedTarget {
  return { app, environment, ...(standing && { standing }), ...(own && { own }) };
}

interface Release {
  readonly entry: Entry;
  readonly shape: ReleaseShape;
  readonly program: DeclaredProgram;
  readonly targets: readonly WantedTarget[];
}

/** What takes the whole release out: a release is never resolved with less than it asks for. */
function releaseFaults({ index }: Context, release: Release): Broken[] {
  const { entry, shape, program, targets } = release;
  const spec = specOf(entry);
  if (spec === undefined) return [];
  const at = (where: string): Place => ({ document: entry.id, pointer: where });
  if (program.spec === undefined) {
    const mistake = refersToInvalid(program.entry, at('/spec/miniProgram'));
    return [{ mistake, barrier: barrierOf('Invalid', mistake) }];
  }
  const invalid = [
    ...shape.environments.flatMap((environment, index_) =>
      program.targets.some((target) => target.environment === environment)
        ? []
        : [
            withoutStanding(
              program.entry,
              environment,
              at(pointer('spec', 'environments', index_)),
            ),
          ],
    ),
    ...countFaults(targets, at),
    ...shape.targets
      .filter(({ app }) => homeOf(program, app) === undefined)
      .map((target) => faultMistake(withoutInstance(target.app, target.pointer), entry.id)),
  ];
  const uses = targets.flatMap((target) => profileUses(program, { entry, spec }, target));
  const once = new Map(uses.map((use) => [`${use.place.document}${use.place.pointer}`, use]));
  return [
    ...invalid.map((mistake) => ({ mistake, barrier: barrierOf('Invalid', mistake) })),
    ...[...once.values()].flatMap((use) => brokenProfile(index, entry.namespace, use) ?? []),
  ];
}

function specOf(entry: Entry): MiniProgramRelease['spec'] | undefined {
  return entry.document?.kind === 'MiniProgramRelease' ? entry.document.value.spec : undefined;
}

function withoutStanding(program: Entry, environment: Environment, place: Place): Mistake {
  return {
    rule: 'environment-without-target',
    severity: 'error',
    message: `MiniProgram ${program.name} has no standing target in ${environment}`,
    nextStep: `Add a target in ${environment} to MiniProgram ${program.name}, or list the target in this release.`,
    place,
    related: [{ document: program.id, pointer: '/spec' }],
  };
}

function countFaults(targets: readonly WantedTarget[], at: (pointer: string) => Place): Mistake[] {
  if (targets.length === 0)
    return [
      {
        rule: 'release-without-target',
        severity: 'error',
        message: 'This release goes nowhere',
        nextStep: 'Name environments with standing targets, or list targets.',
        place: at('/spec'),
      },
    ];
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

function invalidRelease(entry: Entry): Barrier {
  return {
    reason: 'Invalid',
    message: `MiniProgramRelease ${entry.name} is invalid`,
    nextStep: `Correct MiniProgramRelease ${entry.name}.`,
    places: [{ document: entry.id, pointer: '' }],
  };
}

function homeOf(program: DeclaredProgram, app: string): Home | undefined {
  return program.homes.find(({ shape }) => shape.apps?.includes(app) ?? true);
}

interface Claimant {
  readonly entry: Entry;
  readonly version: string;
  readonly program: DeclaredProgram;
  readonly barrier: Barrier | undefined;
}

function claimOf(
  { index, book }: Context,
  claimant: Claimant,
  target: WantedTarget,
): ReleaseClaim[] {
  const { entry, version, program } = claimant;
  const home = homeOf(program, target.app);
  if (home === undefined) return [];
  const { app, environment } = target;
  const key: ReleaseKey = { ...home.key, version, app, environment };
  const spec = specOf(entry);
  const barrier = notGranted(home, environment, entry) ?? claimant.barrier ?? home.barrier;
  const release = spec && { entry, spec };
  return [
    {
      ...{ id: releaseId(key), key, entry, home, own: target.own !== undefined },
      places: placesOf(entry, program, target),
      layers:
        release && barrier === undefined ? stackOf({ index, book, program, release }, target) : [],
      ...(spec && { spec }),
      ...(barrier && { barrier }),
    },
  ];
}

function placesOf(
  entry: Entry,
  program: DeclaredProgram,
  { own, standing, environment }: WantedTarget,
): [Place, ...Place[]] {
  const behind =
    standing === undefined ? [] : [{ document: program.entry.id, pointer: standing.pointer }];
  if (own !== undefined) return [{ document: entry.id, pointer: own.pointer }, ...behind];
  const selected = releaseShape(entry.value).environments.indexOf(environment);
  return [{ document: entry.id, pointer: pointer('spec', 'environments', selected) }, ...behind];
}

/** What the administrator's grants do not allow; it is no claim. */
export function notGranted(
  home: Home,
  environment: Environment,
  entry: Entry,
): Barrier | undefined {
  if (home.rights.has(environment)) return undefined;
  return {
    reason: 'NotGranted',
    message: `${home.source} is not granted ${home.key.miniProgram} of workspace ${home.key.workspace} in ${environment}`,
    nextStep: `Ask the administrator for a grant on PlatformConnection ${home.shape.connection}.`,
    places: [{ document: entry.id, pointer: '/spec' }],
  };
}

/** Two claims of one source to one key are both out; the key stays claimed, and both places are named. */
function withoutTwins(claims: readonly ReleaseClaim[]): ReleaseClaims {
  const byKey = new Map<ReleaseId, ReleaseClaim[]>();
  for (const claim of claims) {
    const same = byKey.get(claim.id);
    if (same === undefined) byKey.set(claim.id, [claim]);
    else same.push(claim);
  }
  // One problem per pair of documents: they usually meet in all their targets.
  const mistakes = new Map<string, Mistake>();
  const unique = [...byKey.values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return first ?? [];
    const found = others.map((other) => twin(first, other));
    others.forEach((other, index) => {
      const pair = `${first.entry.id}\n${other.entry.id}`;
      const mistake = found[index];
      if (mistake !== undefined && !mistakes.has(pair)) mistakes.set(pair, mistake);
    });
    return joined(first, others, found);
  });
  return { claims: unique, mistakes: [...mistakes.values()] };
}

function twin(first: ReleaseClaim, other: ReleaseClaim): Mistake {
  return {
    rule: 'duplicate-claim',
    severity: 'error',
    message: `MiniProgramReleases ${first.entry.name} and ${other.entry.name} both declare version ${other.key.version} for ${targetId(other.key)}; neither is applied there`,
    nextStep: 'Keep the target in one of them.',
    place: other.places[0],
    related: [first.places[0]],
  };
}

function joined(
  first: ReleaseClaim,
  others: readonly ReleaseClaim[],
  found: readonly Mistake[],
): ReleaseClaim {
  const [first_, ...rest] = first.places;
  const places: [Place, ...Place[]] = [first_, ...others.map((other) => other.places[0]), ...rest];
  const barrier = found[0] && barrierOf('Invalid', found[0]);
  if (first.barrier?.reason === 'NotGranted' || barrier === undefined) return { ...first, places };
  return { ...first, places, layers: [], barrier };
}
