import type { Change, FieldChange } from '../core/model/plan.ts';
import type { RequestId } from '../core/model/write.ts';
import type { ReconcileError } from '../core/words/errors.ts';
import { programOf, releaseId } from '../core/words/keys.ts';
import type { LedgerEntry } from '../ports/index.ts';
import type { Run } from './run.ts';

type Attempt = Extract<LedgerEntry, { readonly kind: 'attempt' }>;

interface Recorded {
  readonly next: { readonly change: Change; readonly fields: readonly FieldChange[] };
  readonly id: RequestId;
}

/** Tells ledger, telemetry and memory of a write that is on the platform. */
export async function recordApplied(
  { next, id, base }: Recorded & { readonly base: string },
  run: Run,
): Promise<void> {
  const { change, fields } = next;
  const { clock, telemetry } = run.ports;
  telemetry.emit({ kind: 'written', key: change.key, action: change.action, requestId: id });
  for (const { path, cause } of fields) {
    if (change.scope === 'release' && cause === 'drift' && path !== 'mark') {
      run.context.memory.putBack(releaseId(change.key), path, clock.wall());
    }
  }
  await append({ ...entryOf({ next, id }, run), result: 'applied', mark: base }, run);
}

/** Tells ledger and telemetry of a write that failed for good, as far as this run goes. */
export async function recordFailed(
  { next, id, error }: Recorded & { readonly error: ReconcileError },
  run: Run,
): Promise<void> {
  const { change } = next;
  run.ports.telemetry.emit({
    kind: 'failed',
    key: change.key,
    code: error.code,
    message: error.message,
  });
  await append({ ...entryOf({ next, id }, run), result: 'failed', code: error.code }, run);
}

function entryOf({ next, id: requestId }: Recorded, run: Run): Omit<Attempt, 'result'> {
  const { change, fields } = next;
  const { explain = () => ({}) } = run.context;
  return {
    kind: 'attempt',
    at: run.ports.clock.wall(),
    program: programOf(change.key),
    key: change.key,
    action: change.action,
    changeId: change.changeId,
    requestId,
    source: change.source,
    explained: explain(change.source, change.origins),
    fields: fields.map(({ path, before, after, cause, origins }) => ({
      ...{ path, before, after, cause },
      explained: explain(change.source, origins),
    })),
  };
}

/** History is never worth stopping for: a broken or full ledger is reported and left behind. */
async function append(entry: LedgerEntry, run: Run): Promise<void> {
  try {
    await run.ports.ledger.append(entry);
  } catch (error) {
    const what = error instanceof Error ? error.name : 'error';
    run.ports.telemetry.emit({
      kind: 'ignored',
      what: 'ledger',
      why: `history was not kept (${what})`,
    });
  }
}
