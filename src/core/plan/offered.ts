import { distance } from 'fastest-levenshtein';
import type { ObservedTargetApp } from '../model/observed.ts';
import type { ReleaseKey } from '../words/keys.ts';

/** More names than this help nobody. */
const mostNamed = 6;

/** Letters that may be wrong in a name that is still recognised. */
const maxDistance = 3;

/** What to do about a target that the platform does not offer, with what it offers instead. */
export function targetStep(
  { app, environment }: Pick<ReleaseKey, 'app' | 'environment'>,
  targets: readonly ObservedTargetApp[] = [],
): string {
  const found = targets.find((target) => target.app === app);
  if (found) {
    const others = found.environments.length === 0 ? 'nothing' : found.environments.join(', ');
    return `${app} does not offer ${environment} to this mini program, only ${others}: remove the target, or ask for it to be opened.`;
  }
  if (targets.length === 0)
    return `No app is offered to this mini program: remove the target, or ask for ${app} to be opened.`;
  const apps = targets.map((target) => target.app).toSorted();
  const near = nearest(app, apps);
  const guess =
    near === undefined ? 'correct the name, or ask for it to be opened.' : `did you mean ${near}?`;
  return `There is no app ${app} for this mini program: ${guess} It is offered ${named(apps)}.`;
}

function nearest(app: string, apps: readonly string[]): string | undefined {
  const rated = apps.map((name) => ({
    name,
    off: distance(app.toLowerCase(), name.toLowerCase()),
  }));
  const [best] = rated.toSorted((a, b) => a.off - b.off);
  return best && best.off <= Math.min(maxDistance, app.length / 2) ? best.name : undefined;
}

function named(apps: readonly string[]): string {
  const shown = apps.length > mostNamed ? apps.slice(0, mostNamed - 1) : apps;
  const more = apps.length - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}
