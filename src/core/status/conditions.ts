import type { MiniProgramReleaseStatus } from '../kinds/object-status.ts';
import { isoTime, type EpochMs } from '../words/time.ts';
import { conditionBefore, type StatusBefore } from './before.ts';
import { rowOf } from './reasons.ts';
import { bounds, clipped } from './texts.ts';

export type Condition = NonNullable<MiniProgramReleaseStatus['conditions']>[number];

/** What Ready is to say. */
export interface Finding {
  readonly reason: string;
  readonly message: string;
}

/** What conditions are made with. */
export interface Stamp {
  readonly generation: number;
  readonly before: Pick<StatusBefore, 'conditions'>;
  readonly now: EpochMs;
}

/**
 * Ready, and beside it Stalled or Reconciling where they hold. These two are absent where they do not: kstatus reads
 * them as abnormal, and looks at Ready only then.
 *
 *   Ready    beside it    kstatus     means
 *   -------  -----------  ----------  --------------------------------------------
 *   True     none         Current     everything is there, or left by policy
 *   False    Stalled      Failed      a person has to change the declaration
 *   False    Reconciling  InProgress  it comes, or somebody else can resolve it
 *   Unknown  Reconciling  InProgress  not seen yet
 */
export function conditionsOf({ reason, message }: Finding, stamp: Stamp): Condition[] {
  const { beside } = rowOf(reason);
  const text = clipped(message, bounds.message);
  const ready = beside === null ? 'True' : reason === 'NotYetSeen' ? 'Unknown' : 'False';
  return [
    condition({ type: 'Ready', status: ready, reason, message: text }, stamp),
    ...(beside === null
      ? []
      : [condition({ type: beside, status: 'True', reason, message: text }, stamp)]),
  ];
}

function condition(
  said: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
  { generation, before, now }: Stamp,
): Condition {
  const known = conditionBefore(before, said.type);
  const isSame = known?.status === said.status;
  return {
    ...said,
    observedGeneration: generation,
    lastTransitionTime: isSame ? known.lastTransitionTime : isoTime(now),
  };
}
