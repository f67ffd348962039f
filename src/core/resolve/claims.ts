import type { Barrier } from '../model/desired.ts';
import type { Environment } from '../words/environments.ts';
import { compareText, releaseId, type ReleaseKey, targetId } from '../words/keys.ts';
import { type Place, pointer } from '../words/places.ts';
import { type DeclaredProgram, type Home, homeOf } from './homes.ts';
import type { Entry, SourceIndex } from './index-source.ts';
import { releaseFaults } from './release-faults.ts';
import { type ReleaseShape, releaseShape, type TargetShape } from './shape.ts';
import { type LayerBook, specOf, stackOf, type WantedTarget } from './stacks.ts';
import type { ReleaseClaim, ReleaseClaims } from './release-claim.ts';
import { withoutTwins } from './twins.ts';

/** A release document, and the program of its source that it names. */
export interface ProgramRelease {
  readonly index: SourceIndex;
  readonly program: DeclaredProgram;
  readonly entry: Entry;
}

/**
 * All release keys that one source claims of some programs, each once: two claims to one key are both out.
 *
 * @param releases  of one source, in the order of document ids; every release that may claim one of their keys is among them
 */
export function releaseClaims(releases: readonly ProgramRelease[], book: LayerBook): ReleaseClaims {
  const found = releases.map((release) => claimsOf(release, book));
  const unique = withoutTwins(found.flatMap(({ claims }) => claims));
  return {
    claims: unique.claims,
    mistakes: [...found.flatMap(({ mistakes }) => mistakes), ...unique.mistakes],
  };
}

function claimsOf({ index, program, entry }: ProgramRelease, book: LayerBook): ReleaseClaims {
  const shape = releaseShape(entry.value);
  const { version } = shape;
  if (version === undefined) return { claims: [], mistakes: [] };
  const targets = wantedTargets(shape, program);
  const broken = releaseFaults(index, { entry, shape, program, targets });
  const barrier =
    broken[0]?.barrier ?? (entry.document === undefined ? invalidRelease(entry) : undefined);
  const claimant = { index, book, entry, shape, version, program, barrier };
  return {
    claims: targets.flatMap((target) => claimOf(claimant, target)),
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

function invalidRelease(entry: Entry): Barrier {
  return {
    reason: 'Invalid',
    message: `MiniProgramRelease ${entry.name} is invalid`,
    nextStep: `Correct MiniProgramRelease ${entry.name}.`,
    places: [{ document: entry.id, pointer: '' }],
  };
}

interface Claimant extends ProgramRelease {
  readonly book: LayerBook;
  readonly shape: ReleaseShape;
  readonly version: string;
  readonly barrier: Barrier | undefined;
}

function claimOf(claimant: Claimant, target: WantedTarget): ReleaseClaim[] {
  const { index, book, entry, version, program } = claimant;
  const home = homeOf(program, target.app);
  if (home === undefined) return [];
  const { app, environment } = target;
  const { platform, workspace, miniProgram } = home.key;
  const key: ReleaseKey = { platform, workspace, miniProgram, version, app, environment };
  const spec = specOf(entry);
  const barrier = notGranted(home, environment, entry) ?? claimant.barrier ?? home.barrier;
  const release = spec && { entry, spec };
  return [
    {
      ...{ id: releaseId(key), key, entry, home, own: target.own !== undefined },
      places: placesOf(claimant, target),
      layers:
        release && barrier === undefined ? stackOf({ index, book, program, release }, target) : [],
      ...(spec && { spec }),
      ...(barrier && { barrier }),
    },
  ];
}

function placesOf(
  { entry, shape, program }: Claimant,
  { own, standing, environment }: WantedTarget,
): [Place, ...Place[]] {
  const behind =
    standing === undefined ? [] : [{ document: program.entry.id, pointer: standing.pointer }];
  if (own !== undefined) return [{ document: entry.id, pointer: own.pointer }, ...behind];
  const selected = shape.environments.indexOf(environment);
  return [{ document: entry.id, pointer: pointer('spec', 'environments', selected) }, ...behind];
}

/** What the administrator's grants do not allow; it is no claim. */
function notGranted(home: Home, environment: Environment, entry: Entry): Barrier | undefined {
  if (home.rights.has(environment)) return undefined;
  return {
    reason: 'NotGranted',
    message: `${home.source} is not granted ${home.key.miniProgram} of workspace ${home.key.workspace} in ${environment}`,
    nextStep: `Ask the administrator for a grant on PlatformConnection ${home.shape.connection}.`,
    places: [{ document: entry.id, pointer: '/spec' }],
  };
}
