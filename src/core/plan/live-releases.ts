import type { ObservedConfig } from '../words/fields.ts';
import type { ObservedRelease } from '../model/observed.ts';
import type { LiveRelease, Shown } from '../model/plan.ts';
import { pathsOf } from '../words/fields.ts';
import { targetId, type Target } from '../words/keys.ts';
import { isLive } from '../words/statuses.ts';
import { isNewer } from '../words/versions.ts';
import type { Context } from './context.ts';

/** Finds what users have in hand on a target; looked up only for changes that are shown. */
export type FindLive = (target: Target) => LiveRelease | undefined;

export function createLiveReleases({
  observed,
  sight,
}: Pick<Context, 'observed' | 'sight'>): FindLive {
  let byTarget: ReadonlyMap<string, ObservedRelease> | undefined;

  function show({ key, status, config, frozen }: ObservedRelease): LiveRelease {
    const effective: ObservedConfig = frozen ?? config;
    const values = pathsOf(effective).map((path): [string, Shown] => [
      path,
      sight.showObserved(path, effective[path], undefined),
    ]);
    return { version: key.version, status, values: Object.fromEntries(values) };
  }

  return (target) => {
    byTarget ??= indexed(Object.values(observed.releases));
    const found = byTarget.get(targetId(target));
    return found && show(found);
  };
}

function indexed(releases: readonly ObservedRelease[]): ReadonlyMap<string, ObservedRelease> {
  const byTarget = new Map<string, ObservedRelease>();
  for (const release of releases) {
    if (!isLive(release.status)) continue;
    const id = targetId(release.key);
    const known = byTarget.get(id);
    if (!known || isMoreLive(release, known)) byTarget.set(id, release);
  }
  return byTarget;
}

/** In everybody's hands before in some people's; then the newer version; then any, but always the same. */
function isMoreLive(a: ObservedRelease, b: ObservedRelease): boolean {
  if (a.status !== b.status) return a.status === 'FullRelease';
  if (isNewer(a.key.version, b.key.version)) return true;
  return !isNewer(b.key.version, a.key.version) && a.key.version > b.key.version;
}
