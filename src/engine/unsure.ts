import type { DesiredProgram, DesiredRelease } from '../core/model/desired.ts';
import type { ObservedProgram, ObservedRelease } from '../core/model/observed.ts';
import type { Plan } from '../core/model/plan.ts';
import { isField, type Field } from '../core/words/fields.ts';
import { releaseId, type ReleaseKey } from '../core/words/keys.ts';
import type { ReadPorts } from '../ports/index.ts';
import { repeatRead } from './retry.ts';

interface Planned {
  readonly plan: Plan;
  readonly desired: DesiredProgram;
  readonly observed: ObservedProgram;
}

/**
 * Releases that a list did not show and that a global change would harm if they were there.
 *
 * A list may be older than a write, and a record may move between two pages while it is read. For a create that is
 * harmless: the platform refuses it. But the global change goes first, and a release that was overlooked, inherits the
 * field today and is declared to have its own value would be given the new global one. So before a global change is
 * planned these keys are read by themselves.
 */
export function unsureOf({ plan, desired, observed }: Planned): readonly ReleaseKey[] {
  const changing = plan.global.flatMap(({ fields }) =>
    fields.flatMap(({ path, write }) => (write && isField(path) ? [path] : [])),
  );
  if (changing.length === 0) return [];
  return desired.releases
    .filter((release) => !observed.releases[releaseId(release.key)] && isHarmed(release, changing))
    .map(({ key }) => key);
}

/** The same releases for which the plan would hold the global change back, had it seen them. */
function isHarmed(release: DesiredRelease, changing: readonly Field[]): boolean {
  if (release.superseded) return false;
  const claims = [release, ...(release.rivals ?? [])];
  return claims.some(
    ({ config, barrier }) => barrier !== undefined || changing.some((field) => config[field]),
  );
}

/** Those of the keys that are there after all. */
export async function readUnsure(
  keys: readonly ReleaseKey[],
  ports: ReadPorts,
  signal: AbortSignal,
): Promise<readonly ObservedRelease[]> {
  const found = await Promise.all(
    keys.map((key) => repeatRead(() => ports.reader.release(key, signal), ports, signal)),
  );
  return found.filter((record) => record !== undefined);
}
