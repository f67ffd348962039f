import type { Change, FieldChange } from '../core/model/plan.ts';
import type { RequestId, Written } from '../core/model/write.ts';
import { seenGlobal, seenRelease } from '../core/plan/seen.ts';
import type { ReconcileError } from '../core/words/errors.ts';
import { programId, programOf, releaseId } from '../core/words/keys.ts';
import type { Explained, Ledger, LedgerEntry, SeenRecord } from '../ports/index.ts';
import type { Run } from './run.ts';

type Attempt = Extract<LedgerEntry, { readonly kind: 'attempt' }>;

interface Recorded {
  readonly next: { readonly change: Change; readonly fields: readonly FieldChange[] };
  readonly id: RequestId;
}

interface Applied extends Recorded {
  /** The mark that was sent, or would have been. */
  readonly base: string;
  /** What the platform holds since. */
  readonly written: Written;
}

/** Tells ledger, telemetry and memory of a write that is on the platform. */
export async function recordApplied(applied: Applied, run: Run): Promise<void> {
  const { next, id, base } = applied;
  const { change, fields } = next;
  const { clock, telemetry } = run.ports;
  telemetry.emit({ kind: 'written', key: change.key, action: change.action, requestId: id });
  const program = programId(programOf(change.key));
  const key = change.scope === 'release' ? releaseId(change.key) : program;
  for (const { path, cause, after } of fields) {
    if (path === 'mark') continue;
    const field = { program, key, path, value: JSON.stringify(after), at: clock.wall() };
    run.context.memory.wroteField({ ...field, isDrift: cause === 'drift' });
  }
  await keep(run, (ledger) =>
    ledger.append({ ...entryOf({ next, id }, run), result: 'applied', mark: base }),
  );
  await keep(run, (ledger) =>
    ledger.seen({
      at: clock.wall(),
      program: programOf(change.key),
      own: true,
      records: [seenAfter(applied, run)],
    }),
  );
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
  await keep(run, (ledger) =>
    ledger.append({ ...entryOf({ next, id }, run), result: 'failed', code: error.code }),
  );
}

function entryOf({ next, id: requestId }: Recorded, run: Run): Omit<Attempt, 'result'> {
  const { change, fields } = next;
  const { desired } = run.context;
  const all = fields.filter(({ path }) => path !== 'mark');
  const isRotation = all.length > 0 && all.every((field) => isRotated(field, run));
  const approvedBy = approvalOf(next, run);
  return {
    kind: 'attempt',
    at: run.ports.clock.wall(),
    program: programOf(change.key),
    key: change.key,
    action: change.action,
    changeId: change.changeId,
    requestId,
    source: change.source,
    explained: explainedOf(change, isRotation, run),
    fields: fields.map((field) => {
      const { path, before, after, cause, origins } = field;
      const wish = { source: change.source, origins };
      return {
        ...{ path, before, after, cause },
        explained: explainedOf(wish, isRotation || isRotated(field, run), run),
      };
    }),
    names: desired.names,
    ...(approvedBy === undefined ? {} : { approvedBy }),
  };
}

/** No commit changed it: the value behind the same reference is another one. */
function isRotated({ before, after, cause }: FieldChange, { context }: Run): boolean {
  const isSecret = before.state === 'secret' && after.state === 'secret';
  return context.isSameWish === true && isSecret && cause === 'declaration';
}

function explainedOf(
  { source, origins }: Pick<Change, 'source' | 'origins'>,
  isRotation: boolean,
  { context }: Run,
): Explained {
  const { commit, ...stand } = context.explain?.(source, origins) ?? {};
  return isRotation || !commit ? stand : { commit, ...stand };
}

/** An approval of a create without fields is one of the change itself. */
function approvalOf({ change, fields }: Recorded['next'], { context }: Run): string | undefined {
  const ids = fields.length === 0 ? [change.changeId] : fields.map(({ changeId }) => changeId);
  return context.approvedBy?.(ids);
}

/** What our write left, so that it never looks like somebody else's; what else it shows is news. */
function seenAfter({ next, written }: Applied, run: Run): SeenRecord {
  const { context, fingerprints } = run;
  const paths = next.fields.flatMap(({ path }) => (path === 'mark' ? [] : [path]));
  const record =
    written.kind === 'release'
      ? seenRelease(written.release, { desired: context.desired, fingerprints })
      : seenGlobal({ key: programOf(next.change.key), global: written.global });
  return { ...record, written: paths };
}

/** History is never worth stopping for: a broken or full ledger is reported and left behind. */
async function keep(run: Run, work: (ledger: Ledger) => Promise<void>): Promise<void> {
  try {
    await work(run.ports.ledger);
  } catch (error) {
    const what = error instanceof Error ? error.name : 'error';
    run.ports.telemetry.emit({
      kind: 'ignored',
      what: 'ledger',
      why: `history was not kept (${what})`,
    });
  }
}
