import { expandAllowed } from '../core/plan/identity.ts';
import type { PlannedSet } from './composition/plan-set.ts';
import type { Session } from './session.ts';

/** An approval that names nothing is most often one of a change whose values have moved since. */
export function warnOfUnusedApprovals({ stderr }: Session, { set, allowed }: PlannedSet): void {
  for (const id of allowed) {
    if (expandAllowed(set.plans, [id]).size > 0) continue;
    stderr.write(
      `fairlead: warning: --allow ${id} names no change of this plan; if a value has moved since, the change has another id\n`,
    );
  }
}
