import type { Suspension } from '../model/policy.ts';
import type { EpochMs } from '../words/time.ts';

/** The suspension while it holds; undefined once its time is over. */
export function standing(suspended: Suspension | undefined, now: EpochMs): Suspension | undefined {
  const isOver = suspended?.until !== undefined && now >= suspended.until;
  return isOver ? undefined : suspended;
}
