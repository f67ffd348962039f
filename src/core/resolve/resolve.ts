import type { DesiredProgram, DesiredRelease } from '../model/desired.ts';
import type { SourceDocuments } from '../model/documents.ts';
import { digestOf } from '../words/digests.ts';
import { compareText, type ProgramId, targetId } from '../words/keys.ts';
import type { Locate } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import { isNewer } from '../words/versions.ts';
import { type Assembled, assemble, type Family } from './assemble.ts';
import type { ReleaseClaim } from './release-claim.ts';
import { digestible } from './digestible.ts';
import { globalClaims } from './globals.ts';
import type { Home } from './homes.ts';
import { createMerger, type Merge } from './merger.ts';
import { type Mistake, problemsOf } from './mistakes.ts';
import { createPrecedence, type Precedence } from './precedence.ts';
import { stronger, suspensionOf } from './policy.ts';
import type { Trust } from './trust.ts';

export type { Trust, TrustedConnection } from './trust.ts';

export interface Resolution {
  /** In the order of program ids; of everything that can be read, blocked or not. */
  readonly programs: readonly DesiredProgram[];
  /** In the order of their places. */
  readonly problems: readonly Problem[];
}

/**
 * What all sources together want, per program key.
 *
 * Pure: the order of sources, documents and files changes nothing. A mistake takes out as little as can be judged safe:
 * a release keeps its claim and stands with a `barrier`, with nothing resolved.
 *
 * @see docs: Declarations, Trust and claims
 */
export function resolve(
  sources: readonly SourceDocuments[],
  trust: Trust,
  locate: Locate,
): Resolution {
  return resolveAssembled(assemble(sources, trust), trust, locate);
}

/** The same of what was assembled already. */
export function resolveAssembled(
  { families, mistakes }: Assembled,
  trust: Trust,
  locate: Locate,
): Resolution {
  const merger = createMerger();
  const precedence = createPrecedence(trust.order);
  // One family after the other: the claims of all of them side by side take several times the room of what they come to.
  const resolved = families.map((family) =>
    resolveFamily(family, { merge: merger.forFamily(), precedence }),
  );
  const found = [
    ...mistakes,
    ...resolved.flatMap((family) => family.mistakes),
    ...merger.mistakes(),
  ];
  return {
    programs: resolved
      .flatMap(({ programs }) => programs)
      .sort(([a], [b]) => compareText(a, b))
      .map(([, program]) => program),
    problems: problemsOf(found, locate),
  };
}

interface Context {
  readonly merge: Merge;
  readonly precedence: Precedence;
}

export interface FamilyPrograms {
  readonly programs: readonly (readonly [ProgramId, DesiredProgram])[];
  /** Without what merging got wrong. */
  readonly mistakes: readonly Mistake[];
}

/** What one family wants: the same whatever stands beside it. */
export function resolveFamily(family: Family, context: Context): FamilyPrograms {
  const { claims, mistakes } = family.read();
  const claimsById = Map.groupBy(claims, ({ home }) => home.id);
  const programs = [...Map.groupBy(family.homes, ({ id }) => id)].flatMap(([id, homes]) =>
    programOf(context, homes, claimsById.get(id) ?? []).map((program) => [id, program] as const),
  );
  return { programs, mistakes };
}

function programOf(
  { merge, precedence }: Context,
  homes: readonly Home[],
  claims: readonly ReleaseClaim[],
): DesiredProgram[] {
  const ordered = homes.toSorted(precedence.homes);
  const [first] = ordered;
  if (first === undefined) return [];
  const newest = newestVersions(claims);
  const releases = [...Map.groupBy(claims, ({ id }) => id)]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, same]) => {
      const wanted = same.map((claim) => desiredRelease(claim, merge, newest));
      return withRivals(wanted.toSorted(precedence.claims));
    });
  const [global] = withRivals(globalClaims(homes).toSorted(precedence.claims));
  const content = { releases, ...(global && { global }) };
  return [
    {
      key: first.key,
      connection: first.shape.connection,
      names: [...new Set(homes.map(({ entry }) => entry.name))].sort(),
      ...content,
      digest: digestOf(digestible(content)),
    },
  ];
}

/** The claim that comes first carries the others. */
function withRivals<C extends object>([first, ...others]: readonly C[]): (C & {
  rivals?: readonly [C, ...C[]];
})[] {
  if (first === undefined) return [];
  const [rival, ...more] = others;
  return [rival === undefined ? first : { ...first, rivals: [rival, ...more] }];
}

/** The newest version declared for each target; what is not granted is not declared. */
function newestVersions(claims: readonly ReleaseClaim[]): ReadonlyMap<string, string> {
  const newest = new Map<string, string>();
  for (const { key, barrier } of claims) {
    if (barrier?.reason === 'NotGranted' || !hasOrder(key.version)) continue;
    const id = targetId(key);
    const known = newest.get(id);
    if (known === undefined || isNewer(key.version, known)) newest.set(id, key.version);
  }
  return newest;
}

function hasOrder(version: string): boolean {
  return isNewer(version, '0') || isNewer('1', version);
}

function desiredRelease(
  claim: ReleaseClaim,
  merge: Merge,
  newest: ReadonlyMap<string, string>,
): DesiredRelease {
  const { key, entry, home, own, places, spec } = claim;
  const { config, barrier } = merge(claim);
  const suspended = stronger(suspensionOf(spec?.suspend, entry.id), home.suspended);
  return {
    key,
    name: entry.name,
    document: entry.id,
    source: home.source,
    config,
    own,
    superseded: isNewer(newest.get(targetId(key)) ?? '', key.version),
    policy: home.policies[key.environment],
    claims: places,
    ...(suspended && { suspended }),
    ...(barrier && { barrier }),
    ...(entry.since !== undefined && { since: entry.since }),
    ...(entry.createdAt !== undefined && { createdAt: entry.createdAt }),
  };
}
