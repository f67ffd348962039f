import type { Change, ChangeId, FieldChange, Plan, Precondition } from '../core/model/plan.ts';
import type { Fingerprints } from '../core/model/observed.ts';
import type { PlatformWrite, Written } from '../core/model/write.ts';
import { markAfter } from '../core/plan/next-mark.ts';
import { requestIdOf } from '../core/plan/request-id.ts';
import { ReconcileError } from '../core/words/errors.ts';
import { compose, type Target } from './compose.ts';
import { compare, fieldHolds } from './holds.ts';
import type { Part, PartResult } from './parts.ts';
import { recordApplied, recordFailed } from './record.ts';
import { awaiting, remaining, replan, type Replanned } from './replan.ts';
import { NotStarted, type Run } from './run.ts';
import { send, type Sent } from './send.ts';

/** `semantics.md` 5: observe and plan again three times at most. */
const plansAtMost = 3;
/** A yes whose record is not what was sent, so often, is a refusal. */
const mismatchesAtMost = 2;

/** A part with the plan it is judged by: the decided one, or a fresh one after the platform moved. */
interface Attempt {
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

/** What an earlier part of the same change left behind. */
export interface Earlier {
  readonly fields: readonly FieldChange[];
  readonly precondition: Precondition;
}

/**
 * Writes one part: sends it, and when the record moved observes and plans again, dropping what is no longer the same.
 *
 * @throws nothing but bugs
 */
export async function carryOut(
  part: Part,
  earlier: Earlier | undefined,
  run: Run,
): Promise<PartResult> {
  try {
    return await attemptAll(part, earlier, run);
  } catch (error) {
    if (error instanceof NotStarted) return { kind: 'skipped', why: error.why };
    if (error instanceof ReconcileError) return { kind: 'failed', error };
    if (run.signal.aborted) return { kind: 'skipped', why: 'interrupted before it was started' };
    throw error;
  }
}

async function attemptAll(part: Part, earlier: Earlier | undefined, run: Run): Promise<PartResult> {
  let next: Attempt | PartResult = firstAttempt(part, earlier, run);
  let mismatches = 0;
  for (let plans = 0; ; plans += 1) {
    if ('kind' in next) return next;
    const tried: Tried = await attempt(next, part, run);
    if (tried.kind === 'written') return done(next, tried.written, run);
    if (tried.kind === 'mismatch') mismatches += 1;
    if (mismatches >= mismatchesAtMost) throw refused();
    if (plans >= plansAtMost) throw contended(plans);
    next = nextAttempt(next, tried, await replan(part.change, run), run);
  }
}

function refused(): ReconcileError {
  return new ReconcileError(
    'PlatformRefused',
    'the platform accepts the write and keeps something else',
    {
      nextStep:
        'compare the record in the console with the declaration; the platform may change or drop this value',
    },
  );
}

function contended(plans: number): ReconcileError {
  return new ReconcileError(
    'Contended',
    `the record changed ${plans + 1} times while it was to be written`,
    {
      nextStep: 'see who else edits it, then plan again',
    },
  );
}

function firstAttempt(part: Part, earlier: Earlier | undefined, run: Run): Attempt | PartResult {
  const { change, mark } = part;
  const { plan } = run.context;
  const first: Attempt = {
    plan,
    change,
    fields: part.fields,
    before: earlier?.fields ?? [],
    precondition: earlier?.precondition ?? change.precondition,
    fingerprints: run.fingerprints,
    left: [],
    markOnly: mark && part.fields.length === 0,
  };
  return withoutAwaiting(first, run);
}

/** Drops fields that wait for something that failed; a create is all or nothing. */
function withoutAwaiting(next: Attempt, run: Run): Attempt | PartResult {
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

type Tried = (Sent | { readonly kind: 'stale' }) & { readonly write?: PlatformWrite };

async function attempt(next: Attempt, part: Part, run: Run): Promise<Tried> {
  const { ports, signal } = run;
  const base = markAfter({
    change: next.change,
    applied: [...next.before, ...next.fields],
    installation: run.context.installation,
    fingerprints: next.fingerprints,
  });
  const { change, fields, precondition } = next;
  const mark = part.mark && run.capabilities().marks ? { mark: base } : {};
  const target: Target = { change, fields, precondition, ...mark };
  const opening = { secrets: ports.secrets, fingerprints: next.fingerprints, signal };
  const write = await unlessStale(() => compose(target, opening));
  if (!write) return { kind: 'stale' };
  const id = requestIdOf(write, run.key);
  try {
    const sent = await unlessStale(() => send({ target, write, id }, run));
    if (sent?.kind === 'written') await recordApplied({ next, id, base }, run);
    return { ...(sent ?? { kind: 'stale' }), write };
  } catch (error) {
    if (error instanceof ReconcileError) await recordFailed({ next, id, error }, run);
    throw error;
  }
}

async function unlessStale<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ReconcileError && error.disposition === 'stale') return undefined;
    throw error;
  }
}

/** What is left to do after the platform moved, or what has become of the part. */
function nextAttempt(
  last: Attempt,
  { write }: Tried,
  again: Replanned,
  run: Run,
): Attempt | PartResult {
  const { held, change } = again;
  if (write && held && compare(write, held, run.key) !== 'differs') return done(last, held, run);
  const fields = remaining(last.fields, change);
  const kept = new Set(fields.map(({ changeId }) => changeId));
  const dropped = last.fields.filter(({ changeId }) => !kept.has(changeId));
  const equal = dropped.filter(
    ({ path }) => write && path !== 'mark' && fieldHolds(write, path, held, run.key),
  );
  for (const { changeId } of equal) run.applied.add(changeId);
  const left = dropped.filter((field) => !equal.includes(field)).map(({ changeId }) => changeId);
  if (!change || !stillPossible(last, change, fields)) {
    if (held && last.fields.length > 0 && left.length === 0)
      return done({ ...last, fields: [] }, held, run);
    return { kind: 'skipped', why: 'the record changed after it was planned; plan again' };
  }
  const { plan, fingerprints } = again;
  const next = {
    plan,
    change,
    fields,
    before: [],
    fingerprints,
    precondition: change.precondition,
  };
  return withoutAwaiting({ ...next, left: [...last.left, ...left], markOnly: last.markOnly }, run);
}

/** A create is all or nothing; a mark-only write must be due for the same bases; an update needs a field. */
function stillPossible(last: Attempt, change: Change, fields: readonly FieldChange[]): boolean {
  if (last.change.action === 'create')
    return change.action === 'create' && fields.length === last.fields.length;
  if (!last.markOnly) return change.action !== 'create' && fields.length > 0;
  const ids = new Set(last.change.fields.map(({ changeId }) => changeId));
  return change.fields.some(({ path, changeId }) => path === 'mark' && ids.has(changeId));
}

function done({ fields, left }: Attempt, written: Written, run: Run): PartResult {
  for (const { changeId } of fields) run.applied.add(changeId);
  return { kind: 'applied', written, left };
}
