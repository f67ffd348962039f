import { bounds, clipped } from './texts.ts';

/** Asks for a pass now; its value comes back in status once it was obeyed. */
export const reconcileAnnotation = 'fairlead.dev/reconcile-requested-at';
/** Names change ids that may be written, separated by spaces or commas. */
export const approveAnnotation = 'fairlead.dev/approve';

export type Annotations = Readonly<Record<string, string>>;

const mostUsed = 64;
const changeId = /^c-[0-9a-f]{12}$/;

/** The approvals an object gives; what is no change id is none, and neither is what status could not keep when used. */
export function approvalsOf(annotations: Annotations): readonly string[] {
  const text = annotations[approveAnnotation] ?? '';
  const ids = new Set(text.split(/[\s,]+/).filter((word) => changeId.test(word)));
  return [...ids].slice(0, mostUsed);
}

/** The value to echo, as far as status can hold it. */
export function requestedAt(annotations: Annotations): string | undefined {
  const text = annotations[reconcileAnnotation];
  return text === undefined || text === '' ? undefined : clipped(text, bounds.handled);
}

/**
 * Approvals that released a write and count no more: those from before that still matter, and those used now, newest last.
 *
 * @param relevant  ids that the object's annotation stands for, as it names them and as they expand; what nothing names any
 *   more is forgotten
 */
export function usedApprovals(
  before: readonly string[],
  used: readonly string[],
  relevant: ReadonlySet<string>,
): readonly string[] {
  const kept = [...before, ...used].filter((id) => relevant.has(id));
  return [...new Set(kept.toReversed())].slice(0, mostUsed).toReversed();
}
