import type { DesiredProgram, DesiredRelease } from '../core/model/desired.ts';
import { compareText, programId, releaseId } from '../core/words/keys.ts';

/** A program as the base wants it and as it would be wanted after the merge; one of the two may be missing. */
export interface ProgramPair {
  readonly before: DesiredProgram | undefined;
  readonly after: DesiredProgram | undefined;
}

/** The programs of which the pull request changes anything, in the order of their ids. */
export function touchedPrograms(
  before: readonly DesiredProgram[],
  after: readonly DesiredProgram[],
): readonly ProgramPair[] {
  const old = new Map(before.map((program) => [programId(program.key), program]));
  const fresh = new Map(after.map((program) => [programId(program.key), program]));
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .sort(compareText)
    .map((id) => ({ before: old.get(id), after: fresh.get(id) }))
    .filter((pair) => isTouched(pair));
}

function isTouched({ before, after }: ProgramPair): boolean {
  if (!before || !after) return true;
  return before.digest !== after.digest || before.connection !== after.connection;
}

/** One wish that asks the platform for everything either side is about. */
export function joinedWish({ before, after }: ProgramPair): DesiredProgram | undefined {
  if (!before || !after) return after ?? before;
  const releases = new Map<string, DesiredRelease>(
    [...before.releases, ...after.releases].map((one) => [releaseId(one.key), one]),
  );
  const global = after.global ?? before.global;
  return { ...after, releases: [...releases.values()], ...(global ? { global } : {}) };
}
