import type { TargetStatus } from '../kinds/object-status.ts';
import type { ChangeId } from '../model/plan.ts';
import type { Origin, Place } from '../words/places.ts';
import type { Action, Reason } from '../words/reasons.ts';
import { isHeldReason, rowOf } from './reasons.ts';

/**
 * How far one target, or one global configuration, is; the best last.
 *
 * failed: tried in vain. blocked: somebody has to act. held: a word is missing. waiting: comes by itself. progressing: is
 * being written. unseen: not compared yet. suspended, left: not now, and that is wanted. done: as declared, or settled.
 */
export const standings = [
  'failed',
  'blocked',
  'held',
  'waiting',
  'progressing',
  'unseen',
  'suspended',
  'left',
  'done',
] as const;

export type Standing = (typeof standings)[number];

/** What is said of one target. */
export interface View {
  readonly standing: Standing;
  /** Of the condition; absent where all is as declared. */
  readonly reason?: string;
  /** What, and what to do; absent where there is nothing to say. */
  readonly says?: string;
  /** What allows it and nothing else, where an approval would; else empty. */
  readonly approvals?: readonly ChangeId[];
  readonly place?: Place;
  /** The same where it is located already. */
  readonly origin?: Origin;
  readonly action?: Action;
  /** Differs, and takes effect with the next version. */
  readonly isSettled?: boolean;
}

/** Verdict of an entry as it was written before: by this process, by an earlier one, or by another shard's. */
export function viewBefore(entry: Partial<TargetStatus> | undefined): View {
  const { action, reason, nextStep } = entry ?? {};
  if (action === undefined && reason === undefined)
    return { standing: 'unseen', reason: 'NotYetSeen' };
  return {
    standing: standingBefore(action, reason),
    ...(reason === undefined ? {} : { reason }),
    ...(nextStep === undefined ? {} : { says: nextStep }),
    ...(isAction(action) ? { action } : {}),
    ...(action === 'settled' ? { isSettled: true } : {}),
  };
}

const known: ReadonlySet<string> = new Set<Action>([
  ...(['create', 'adopt', 'update', 'unchanged'] as const),
  ...(['settled', 'waiting', 'blocked'] as const),
]);

function isAction(text: string | undefined): text is Action {
  return text !== undefined && known.has(text);
}

/** Reasons of fields that no failure has. */
const lockReasons: ReadonlySet<string> = new Set<Reason>([
  ...(['ConfigLocked', 'VariablesUnavailable', 'VariablesLimit', 'DomainsNotGranted'] as const),
]);

function standingBefore(action: string | undefined, reason: string | undefined): Standing {
  if (action === 'unchanged' || action === 'settled') return 'done';
  if (action === 'waiting' || action === 'blocked') return action;
  if (reason === undefined || reason === 'Progressing') return 'progressing';
  if (isHeldReason(reason)) return standingOfHeld(reason);
  if (reason === 'NotYetSeen') return 'unseen';
  return lockReasons.has(reason) ? 'blocked' : 'failed';
}

/** Of what is held: policy and suspension leave it, anything else waits for a word. */
export function standingOfHeld(reason: string): Extract<Standing, 'held' | 'left' | 'suspended'> {
  if (reason === 'Suspended') return 'suspended';
  return rowOf(reason).beside === null ? 'left' : 'held';
}
