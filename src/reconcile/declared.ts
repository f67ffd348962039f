import type { SourceDocuments } from '../core/model/documents.ts';
import type { DesiredProgram } from '../core/model/desired.ts';
import { lint } from '../core/lint/lint.ts';
import { digestOf } from '../core/words/digests.ts';
import { digestible } from '../core/resolve/digestible.ts';
import { resolve, type Trust } from '../core/resolve/resolve.ts';
import { programId, releaseId, type ProgramId, type ReleaseId } from '../core/words/keys.ts';
import type { Locate } from '../core/words/places.ts';
import type { Problem } from '../core/words/problems.ts';
import type { EpochMs } from '../core/words/time.ts';
import { createLocate } from '../core/yaml/locate.ts';

/** What all sources together want, at one moment. */
export interface Wishes {
  readonly programs: ReadonlyMap<ProgramId, Wish>;
  /** Of every severity, in the order of places. */
  readonly problems: readonly Problem[];
  readonly locate: Locate;
}

export interface Wish {
  readonly desired: DesiredProgram;
  /** Every source that claims anything of the program. */
  readonly sources: readonly string[];
  /** Why nothing is done for it: a source that claims part of it could not be read whole. */
  readonly rests?: string;
}

export const noWishes: Wishes = {
  programs: new Map(),
  problems: [],
  locate: createLocate([]),
};

/** Resolves what the sources declare. Pure: the clock's moment is given. */
export function wishesOf(sources: readonly SourceDocuments[], trust: Trust, now: EpochMs): Wishes {
  const locate = createLocate(
    sources.flatMap(({ documents, invalid }) => [...documents, ...invalid]),
  );
  const { programs, problems } = resolve(sources, trust, locate);
  const found = [...sources.flatMap((source) => source.problems), ...problems];
  const judged = lint({ sources, programs, repository: undefined, locate, now, found });
  const broken = new Set(sources.filter(({ complete }) => !complete).map(({ source }) => source));
  return {
    programs: new Map(programs.map((desired) => [programId(desired.key), wishOf(desired, broken)])),
    problems: judged,
    locate,
  };
}

function wishOf(desired: DesiredProgram, broken: ReadonlySet<string>): Wish {
  const claims = [...desired.releases, ...(desired.global ? [desired.global] : [])];
  const sources = [
    ...new Set(
      claims.flatMap(({ source, rivals = [] }) => [source, ...rivals.map((r) => r.source)]),
    ),
  ].sort();
  const missing = sources.filter((source) => broken.has(source));
  return {
    ...{ desired, sources },
    ...(missing.length > 0 && {
      rests: `source ${missing.join(', ')} could not be read whole, and it declares a part of this program`,
    }),
  };
}

/** What of a program is wanted otherwise than before. */
export interface Altered {
  /** Releases that are new or wanted otherwise. */
  readonly releases: ReadonlySet<ReleaseId>;
  /** Something is wanted otherwise, if only a policy, a suspension, or that a release is not wanted any more. */
  readonly isAltered: boolean;
}

/** @param before  undefined: the program was not declared */
export function altered(before: DesiredProgram | undefined, now: DesiredProgram): Altered {
  if (before?.digest === now.digest) return { releases: new Set(), isAltered: false };
  const known = new Map(
    (before?.releases ?? []).map((release) => [releaseId(release.key), textOf(release)]),
  );
  const releases = now.releases
    .filter((release) => known.get(releaseId(release.key)) !== textOf(release))
    .map(({ key }) => releaseId(key));
  return { releases: new Set(releases), isAltered: true };
}

function textOf(release: DesiredProgram['releases'][number]): string {
  return digestOf(digestible({ releases: [release] }));
}
