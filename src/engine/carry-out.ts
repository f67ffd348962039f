import type { Change, FieldChange, Precondition } from '../core/model/plan.ts';
import { markAfter } from '../core/plan/next-mark.ts';
import { requestIdOf } from '../core/plan/request-id.ts';
import { ReconcileError } from '../core/words/errors.ts';
import { programId, releaseId, type ProgramId, type ReleaseId } from '../core/words/keys.ts';
import { compose, type Target } from './compose.ts';
import { done, nextAttempt, withoutAwaiting, type Attempt, type Tried } from './next-attempt.ts';
import type { Part, PartResult } from './parts.ts';
import { recordApplied, recordFailed } from './record.ts';
import { replan } from './replan.ts';
import { NotStarted, type Run } from './run.ts';
import { send } from './send.ts';

/** docs/reference/semantics.md 5: observe and plan again three times at most. */
const plansAtMost = 3;
/** A yes whose record is not what was sent, so often, is a refusal. */
const mismatchesAtMost = 2;

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
  const { memory } = run.context;
  const id = idOf(part.change);
  for (let plans = 0; ; plans += 1) {
    if ('kind' in next) return next;
    const tried: Tried = await attempt(next, part, run);
    if (tried.kind === 'written') {
      memory.matched(id);
      return done(next, tried.written, run);
    }
    if (tried.kind === 'mismatch' && memory.mismatched(id) >= mismatchesAtMost) throw refused();
    if (plans >= plansAtMost) throw contended(plans);
    next = await nextAttempt(next, tried, await replan(part.change, run), run);
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
    // A mismatch was applied as well, if not as it was meant: history and put-backs count it.
    if (sent) await recordApplied({ next, id, base, written: sent.written }, run);
    return { ...(sent ?? { kind: 'stale' }), made: { write, id, base } };
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

function idOf(change: Change): ReleaseId | ProgramId {
  return change.scope === 'release' ? releaseId(change.key) : programId(change.key);
}
