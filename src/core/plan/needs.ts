import type { DesiredProgram, DesiredRelease } from '../model/desired.ts';
import type { ObservedProgram } from '../model/observed.ts';
import { releaseId } from '../words/keys.ts';

/** A list a plan needs beside the records. */
export type Need = 'versions' | 'targets';

/** What must be listed before a plan is made: versions and targets, only where something may be created. */
export function needs(desired: DesiredProgram, observed: ObservedProgram): readonly Need[] {
  if (observed.existence === 'missing' || observed.refused) return [];
  if (!desired.releases.some((release) => mayBeCreated(release, observed))) return [];
  const lists: readonly Need[] = ['versions', 'targets'];
  return lists.filter((list) => observed[list] === undefined);
}

function mayBeCreated(release: DesiredRelease, { releases }: ObservedProgram): boolean {
  if (releases[releaseId(release.key)]) return false;
  const all = [release, ...(release.rivals ?? [])];
  return all.some(({ barrier, superseded, own }) => !barrier && (own || !superseded));
}
