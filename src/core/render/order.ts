import type { Plan, ReleaseChange } from '../model/plan.ts';
import { compareText, programId, type ReleaseKey } from '../words/keys.ts';
import { compareVersions } from '../words/versions.ts';

/** Plans by program; what they came in as does not matter. */
export function byProgram(plans: readonly Plan[]): readonly Plan[] {
  return plans.toSorted((a, b) => compareText(programId(a.key), programId(b.key)));
}

/** Plans by program, their changes by version, app and environment. */
export function orderedPlans({ plans }: { readonly plans: readonly Plan[] }): readonly Plan[] {
  return byProgram(plans).map((plan) => ({ ...plan, changes: orderedChanges(plan.changes) }));
}

/** Two sources may declare one key. */
function orderedChanges(changes: readonly ReleaseChange[]): readonly ReleaseChange[] {
  const ranks = versionRanks(changes);
  const rank = ({ version }: ReleaseKey): number => ranks.get(version) ?? 0;
  return changes.toSorted(
    (a, b) =>
      rank(a.key) - rank(b.key) || compareTargets(a.key, b.key) || compareText(a.source, b.source),
  );
}

/** There are few versions and many comparisons. */
function versionRanks(changes: readonly ReleaseChange[]): ReadonlyMap<string, number> {
  const versions = [...new Set(changes.map(({ key }) => key.version))].sort(compareVersions);
  return new Map(versions.map((version, i) => [version, i]));
}

/** Releases of one program by version, app and environment. */
export function compareReleases(a: ReleaseKey, b: ReleaseKey): number {
  return compareVersions(a.version, b.version) || compareTargets(a, b);
}

function compareTargets(a: ReleaseKey, b: ReleaseKey): number {
  return compareText(a.app, b.app) || compareText(a.environment, b.environment);
}
