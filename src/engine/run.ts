import type { DesiredProgram } from '../core/model/desired.ts';
import type { Capabilities, Fingerprints } from '../core/model/observed.ts';
import type { ChangeId, Plan } from '../core/model/plan.ts';
import type { FingerprintKey } from '../core/words/digests.ts';
import type { ReleaseId } from '../core/words/keys.ts';
import type { Place } from '../core/words/places.ts';
import type { Explained, ReadPorts, WritePorts } from '../ports/index.ts';
import type { PlanContext } from './read.ts';

/** What the executor needs to know beside the decision. */
export interface ExecuteContext extends PlanContext {
  /** The plan that was decided. */
  readonly plan: Plan;
  /** What the plan was made from: needed to plan again when the platform moved. */
  readonly desired: DesiredProgram;
  /** Writes of this program at a time, within one step. */
  readonly maxWriters: number;
  /** Deadline of one call, milliseconds: a call that could outlive the lease is not started. */
  readonly timeoutMs: number;
  /** Who wrote the wish that stands at these places, for history; absent, nobody knows. */
  /** The program is wanted as at the last completed commit: a secret that differs was rotated where it is kept. */
  readonly isSameWish?: boolean;
  readonly explain?: (source: string, origins: readonly Place[]) => Explained;
  /** Who approved one of these, for history; of a field, its change or the plan. */
  readonly approvedBy?: (ids: readonly ChangeId[]) => string | undefined;
}

/** One execution under way. */
export interface Run {
  readonly ports: ReadPorts & WritePorts;
  readonly context: ExecuteContext;
  readonly fingerprints: Fingerprints;
  readonly key: FingerprintKey;
  /** Asked anew each time: a platform may turn out to store no marks. */
  readonly capabilities: () => Capabilities;
  /** Aborted: the call under way is finished, and none is started. */
  readonly signal: AbortSignal;
  /** For calls under way: never aborted, their own deadline ends them. */
  readonly calls: AbortSignal;
  /** Records that a reading during this execution showed: none of them is created, whatever was planned before it. */
  readonly shown: Set<ReleaseId>;
  /** Field changes that are on the platform now. */
  readonly applied: Set<ChangeId>;
}

/** A write that was not started, and why: neither a failure nor an outcome of the platform. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}
