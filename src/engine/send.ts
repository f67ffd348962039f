import { programId, programOf, releaseId } from '../core/words/keys.ts';
import type { PlatformWrite, RequestId, Written } from '../core/model/write.ts';
import { ReconcileError, type ErrorCode } from '../core/words/errors.ts';
import type { Target } from './compose.ts';
import { compare, isOurs, recordOf, untouched, type Held } from './holds.ts';
import { backOff, repeatRead } from './retry.ts';
import { NotStarted, type Run } from './run.ts';

/** One composed call with the id derived from it. */
export interface Call {
  readonly target: Target;
  readonly write: PlatformWrite;
  readonly id: RequestId;
}

export type Sent =
  | { readonly kind: 'written'; readonly written: Written }
  /** The platform said yes, and its record is not what was sent. */
  | { readonly kind: 'mismatch'; readonly written: Written };

/**
 * What a failed write leaves open. `sure`: nothing happened, the same call may be made again. `unsure`: it may have
 * happened, so the key is read first. Everything else is not repeated here.
 */
const certainty: Readonly<Partial<Record<ErrorCode, 'sure' | 'unsure'>>> = {
  PlatformUnavailable: 'sure',
  RateLimited: 'sure',
  OutcomeUnknown: 'unsure',
  // An answer that cannot be trusted says nothing about what was done.
  ResponseUntrusted: 'unsure',
};

/**
 * Makes the call, and makes it again with the same request id while that helps. The one place where writes are repeated.
 *
 * @throws ReconcileError what cannot be mended by repeating; `Stale` when the record moved; NotStarted
 */
export async function send(call: Call, run: Run): Promise<Sent> {
  const { clock } = run.ports;
  const startedMs = clock.mono();
  for (let attempt = 1; ; attempt += 1) {
    try {
      const mayGo = () => mayStart(call, run);
      const { write, id } = call;
      await mayGo();
      // Asked once more when its turn has come: a call may wait in line for seconds.
      return verified(await run.ports.writer.write(write, id, run.calls, mayGo), call, run);
    } catch (error) {
      if (!(error instanceof ReconcileError)) throw error;
      const settled = await settle(error, call, run);
      if (settled) return settled;
      if (!(await waits(error, { attempt, startedMs }, run))) throw error;
    }
  }
}

/** An aborted wait ends like used-up attempts: with the failure that was to be waited for. */
async function waits(
  error: ReconcileError,
  progress: { readonly attempt: number; readonly startedMs: number },
  run: Run,
): Promise<boolean> {
  try {
    return await backOff(error, progress, run.ports, run.signal);
  } catch (reason) {
    if (run.signal.aborted) return false;
    throw reason;
  }
}

/** Guards that stand before each call, the repeated ones included. */
async function mayStart({ target, write }: Call, run: Run): Promise<void> {
  const { ports, context, signal } = run;
  if (signal.aborted) throw new NotStarted('interrupted before it was started');
  const { change, fields } = target;
  const refusal = await ports.clearance?.({
    program: programOf(change.key),
    ids: fields.length === 0 ? [change.changeId] : fields.map(({ changeId }) => changeId),
  });
  if (refusal !== undefined) throw new NotStarted(refusal);
  if (signal.aborted) throw new NotStarted('interrupted before it was started');
  if (write.operation === 'createRelease' && run.shown.has(releaseId(write.key)))
    throw new ReconcileError('Stale', 'the record has been seen since it was planned');
  if (ports.fence.heldUntil() <= ports.clock.mono() + context.timeoutMs) {
    throw new NotStarted('the lease could end before the call does');
  }
}

/** @returns the outcome, if reading the key told it; `undefined` when the same call may be made again */
async function settle(error: ReconcileError, call: Call, run: Run): Promise<Sent | undefined> {
  const sure = certainty[error.code];
  if (sure === undefined) throw error;
  if (sure === 'sure') return undefined;
  const held = await readAfter(error, call.target, run);
  if (held && isOurs(call.write, held, run.key)) return verified(held, call, run);
  if (untouched(call.target.precondition, held)) return undefined;
  throw new ReconcileError('Stale', 'the record changed while the outcome of a write was unknown', {
    cause: error,
  });
}

/** Even an interrupted run wants to know what became of its last call; if that cannot be read, it stays unknown. */
async function readAfter(error: ReconcileError, target: Target, run: Run): Promise<Held> {
  try {
    return run.signal.aborted ? await readOnce(target, run) : await readKey(target, run);
  } catch (failure) {
    if (failure instanceof ReconcileError || run.signal.aborted) throw error;
    throw failure;
  }
}

/** Only the answer to our own write can lose the mark; a record that was read is ours because it has it. */
function verified(written: Written, call: Call, run: Run): Sent {
  const { memory } = run.context;
  memory.wrote(written, programId(call.target.change.key));
  const comparison = compare(call.write, written, run.key);
  if (comparison === 'lost mark' && memory.markLost()) {
    const why = 'the platform stores no marks; ownership is kept in the ledger from now on';
    run.ports.telemetry.emit({ kind: 'ignored', what: 'mark', why });
  }
  const moved = call.target.fields.length === 0 || !untouched(call.target.precondition, written);
  return { kind: comparison === 'differs' || !moved ? 'mismatch' : 'written', written };
}

/** What the platform holds under the target's key now, repeated while that helps. */
function readKey(target: Target, run: Run): Promise<Held> {
  return repeatRead(() => readOnce(target, run), run.ports, run.signal);
}

async function readOnce({ change }: Target, run: Run): Promise<Held> {
  const { reader } = run.ports;
  if (change.scope === 'release') {
    const release = await reader.release(change.key, run.calls);
    return release && { kind: 'release', release };
  }
  for await (const page of reader.miniPrograms(
    change.key.workspace,
    [change.key.miniProgram],
    run.calls,
  )) {
    const found = page.items.find(({ key }) => programId(key) === programId(change.key));
    if (found) return { kind: 'global', global: found.global };
  }
  return undefined;
}

/** The precondition for the next write of a record that was just written. */
export function after(written: Written): Target['precondition'] {
  const { revision, mark } = recordOf(written);
  return { kind: 'record', revision, mark };
}
