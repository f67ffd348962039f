import type { Fingerprints } from '../core/model/observed.ts';
import type { Change, ChangeId, FieldChange, Plan, Precondition } from '../core/model/plan.ts';
import type { PlatformWrite, RequestId, Written } from '../core/model/write.ts';
import { fieldHolds, isOurs, type Held } from './holds.ts';
import type { PartResult } from './parts.ts';
import { recordApplied } from './record.ts';
import { awaiting, remaining, type Replanned } from './replan.ts';
import type { Run } from './run.ts';
import type { Sent } from './send.ts';

/** A part with the plan it is judged by: the decided one, or a fresh one after the platform moved. */
export interface Attempt {
  readonly plan: Plan;
  readonly change: Change;
  readonly fields: readonly FieldChange[];
  /** Fields of the same change that an earlier part wrote: the mark holds their bases too. */
  readonly before: readonly FieldChange[];
  readonly precondition: Precondition;
  readonly fingerprints: Fingerprints;
  /** Decided fields that are not written after all. */
  readonly left: readonly ChangeId[];
  readonly markOnly: boolean;
}

/** A call as it was made, with the bases it leaves on the record. */
interface Made {
  readonly write: PlatformWrite;
  readonly id: RequestId;
  readonly base: string;
}

/** `made` is absent where a secret changed before the call could be made. */
export type Tried = (Sent | { readonly kind: 'stale' }) & { readonly made?: Made };

/** Drops fields that wait for something that failed; a create is all or nothing. */
export function withoutAwaiting(next: Attempt, run: Run): Attempt | PartResult {
  const isCreate = next.change.action === 'create';
  const ids = [
    ...next.fields.map(({ changeId }) => changeId),
    ...(isCreate ? [next.change.changeId] : []),
  ];
  const waiting = awaiting(next.plan, ids, run.applied);
  if (waiting.size === 0) return next;
  const fields = next.fields.filter(({ changeId }) => !waiting.has(changeId));
  if (isCreate || fields.length === 0) {
    return { kind: 'skipped', why: 'it waits for a change that was not made' };
  }
  return { ...next, fields, left: [...next.left, ...waiting] };
}

/** What is left to do after the platform moved, or what has become of the part. */
export async function nextAttempt(
  last: Attempt,
  tried: Tried,
  again: Replanned,
  run: Run,
): Promise<Attempt | PartResult> {
  const { held, change } = again;
  if (tried.made && held && isOurs(tried.made.write, held, run.key)) {
    if (tried.kind === 'stale')
      await recordApplied({ next: last, ...tried.made, written: held }, run);
    return done(last, held, run);
  }
  const { fields, left } = sift(last, tried, again, run);
  if (change && stillPossible(last, change, fields)) {
    return withoutAwaiting(
      attemptOf(again, change, { ...last, fields, left: [...last.left, ...left] }),
      run,
    );
  }
  const allEqual = last.fields.length > 0 && left.length === 0;
  return nothingToWrite({ last, allEqual }, tried, held, run);
}

/** What has become of a part of which nothing can be written any more. */
function nothingToWrite(
  { last, allEqual }: { readonly last: Attempt; readonly allEqual: boolean },
  tried: Tried,
  held: Held,
  run: Run,
): PartResult {
  if (held && isForestalled(last, tried)) return { kind: 'skipped', why: forestalled };
  if (held && allEqual) return done({ ...last, fields: [] }, held, run);
  return { kind: 'skipped', why: whySkipped(tried) };
}

function attemptOf({ plan, fingerprints }: Replanned, change: Change, last: Attempt): Attempt {
  return { ...last, plan, fingerprints, change, before: [], precondition: change.precondition };
}

/** Fields still to be written, and those that are not: a field somebody else made equal is neither. */
function sift(
  last: Attempt,
  { made }: Tried,
  { change, held }: Replanned,
  run: Run,
): Pick<Attempt, 'fields' | 'left'> {
  const fields = remaining(last.fields, change);
  const kept = new Set(fields.map(({ changeId }) => changeId));
  const dropped = last.fields.filter(({ changeId }) => !kept.has(changeId));
  const isEqual = ({ path }: FieldChange): boolean =>
    made !== undefined && path !== 'mark' && fieldHolds(made.write, path, held, run.key);
  for (const { changeId } of dropped.filter(isEqual)) run.applied.add(changeId);
  return {
    fields,
    left: dropped.filter((field) => !isEqual(field)).map(({ changeId }) => changeId),
  };
}

/** A create is all or nothing; a mark-only write must be due for the same bases; an update needs a field. */
function stillPossible(last: Attempt, change: Change, fields: readonly FieldChange[]): boolean {
  if (last.change.action === 'create')
    return change.action === 'create' && fields.length === last.fields.length;
  if (!last.markOnly) return change.action !== 'create' && fields.length > 0;
  const ids = new Set(last.change.fields.map(({ changeId }) => changeId));
  return change.fields.some(({ path, changeId }) => path === 'mark' && ids.has(changeId));
}

export function done({ fields, left }: Attempt, written: Written, run: Run): PartResult {
  for (const { changeId } of fields) run.applied.add(changeId);
  return { kind: 'applied', written, left };
}

/** A create that came too late, even where the record has the very values that were to be written. */
function isForestalled({ change }: Attempt, { kind }: Tried): boolean {
  return change.action === 'create' && kind === 'stale';
}

const forestalled =
  'somebody else selected this target: the record there is not what was sent; it was left as it is, plan again';

function whySkipped({ kind }: Tried): string {
  return kind === 'mismatch'
    ? 'the platform accepted the write and keeps something else; plan again'
    : 'the record changed after it was planned; plan again';
}
