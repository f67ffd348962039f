import type { DesiredProgram } from '../../core/model/desired.ts';
import { standing, type Standing } from '../../core/model/orders.ts';
import type { ChangeId } from '../../core/model/plan.ts';
import { expandAllowed } from '../../core/plan/identity.ts';
import { programId } from '../../core/words/keys.ts';
import type { Orders } from '../../ports/controller.ts';
import type { Clearance, Clock } from '../../ports/index.ts';
import { suspendedAs } from '../../reconcile/suspended.ts';
import { usedUp } from '../../reconcile/used-up.ts';
import type { Executed } from './pass.ts';
import type { PlannedSet } from './plan-set.ts';

/** What people told the controller of a state directory, as one pass of its own heeds it. */
export interface HeededOnce {
  /** Stood when the pass began. */
  readonly approved: Standing['approved'];
  /** The program as people suspend it; itself where nobody does. */
  readonly suspended: (program: DesiredProgram) => DesiredProgram;
  /** Who approved one of these, for history. */
  readonly approvedBy: (ids: readonly ChangeId[]) => string | undefined;
  /** The plan, its writes asking anew before each is sent. */
  readonly cleared: (planned: PlannedSet) => PlannedSet;
  /** Approvals that released a write count no more. */
  readonly useUp: (executed: readonly Executed[]) => Promise<void>;
}

/**
 * Reads the orders of a state directory for one pass.
 *
 * @param given  approvals of the command line: they need no order
 */
export async function heedOnce(
  orders: Orders,
  given: ReadonlySet<ChangeId>,
  clock: Pick<Clock, 'wall'>,
): Promise<HeededOnce> {
  const stands = standing(await orders.read(), clock.wall());
  return {
    approved: stands.approved,
    suspended: (program) => suspendedAs(program, stands, undefined),
    approvedBy: (ids) => ids.map((id) => stands.approved.get(id)?.by).find(isText),
    cleared(planned) {
      const byOrder = releasedByOrder(planned, given);
      const clearance: Clearance = async ({ program, ids }) => {
        const { everything, programs, approved } = standing(await orders.read(), clock.wall());
        const suspension = everything ?? programs.get(programId(program));
        if (suspension) return `suspended by ${suspension.by}: ${suspension.reason}`;
        const ended = ids.find((id) => byOrder.has(id) && !approved.has(id));
        return ended === undefined ? undefined : `the approval ${ended} is over`;
      };
      return { ...planned, lines: planned.lines.map((one) => withClearance(one, clearance)) };
    },
    async useUp(executed) {
      const used = executed.flatMap(({ decision, outcomes }) => usedUp(decision, outcomes));
      if (used.length > 0) await orders.used(used);
    },
  };
}

function isText(by: string | undefined): by is string {
  return by !== undefined;
}

/** What only an order let pass. */
function releasedByOrder(
  { set: { decisions, plans } }: PlannedSet,
  given: ReadonlySet<ChangeId>,
): ReadonlySet<ChangeId> {
  const byHand = expandAllowed(plans, given);
  return new Set(decisions.flatMap(({ released }) => released.filter((id) => !byHand.has(id))));
}

function withClearance(
  one: PlannedSet['lines'][number],
  clearance: Clearance,
): PlannedSet['lines'][number] {
  const { line } = one;
  return { ...one, line: { ...line, ports: { ...line.ports, clearance } } };
}
