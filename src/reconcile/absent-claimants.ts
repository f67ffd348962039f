import type {
  Barrier,
  DesiredGlobal,
  DesiredProgram,
  DesiredRelease,
} from '../core/model/desired.ts';
import type { ObservedProgram } from '../core/model/observed.ts';
import { claimantTag, installationTag, parseMark } from '../core/plan/mark.ts';
import { releaseId } from '../core/words/keys.ts';

/** Sources that may declare something and were never read: nobody knows what. */
export interface Absent {
  readonly sources: readonly string[];
  readonly installation: string;
}

/**
 * The program with everything blocked that a source claimed, as far as the record's mark says, of which nothing could be
 * read yet: whoever declares the same meanwhile must not take it over.
 */
export function withoutAbsent(
  program: DesiredProgram,
  observed: ObservedProgram,
  { sources, installation }: Absent,
): DesiredProgram {
  if (sources.length === 0) return program;
  const names = new Map(sources.map((source) => [claimantTag(source), source]));
  const ours = installationTag(installation);
  const absentClaimant = (mark: string | undefined): string | undefined => {
    const parsed = mark === undefined ? undefined : parseMark(mark);
    return parsed?.installation === ours ? names.get(parsed.claimant) : undefined;
  };
  const { releases, global } = program;
  const globalClaimant = absentClaimant(observed.miniProgram?.global.mark);
  return {
    ...program,
    releases: releases.map((release) =>
      barred(release, absentClaimant(observed.releases[releaseId(release.key)]?.mark)),
    ),
    ...(global ? { global: barred(global, globalClaimant) } : {}),
  };
}

function barred<C extends DesiredRelease | DesiredGlobal>(claim: C, absent: string | undefined): C {
  if (absent === undefined || absent === claim.source || claim.barrier) return claim;
  const barrier: Barrier = {
    reason: 'TargetConflict',
    message: `${absent} declared it before, and ${absent} could not be read yet; what ${claim.source} declares is not applied`,
    nextStep: `Make ${absent} readable, or take it out of the settings.`,
    places: [claim.claims[0]],
  };
  return { ...claim, barrier };
}
