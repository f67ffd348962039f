import type { DesiredProgram } from '../../core/model/desired.ts';
import { basesOf } from '../../core/status/index.ts';
import { isReleaseKey, programId, releaseId, type ProgramId } from '../../core/words/keys.ts';
import type { DocumentId } from '../../core/words/places.ts';
import type { Ledger } from '../../ports/index.ts';
import type { Declared } from '../../reconcile/loop.ts';
import type { Hub } from './hub.ts';
import { refOf } from './reports.ts';
import type { StatusQueue } from './status-queue.ts';

export interface StatusLedger extends Ledger {
  /** What to keep in statuses of this program, where its platform keeps nothing. */
  kept(program: DesiredProgram): Readonly<Record<string, string>>;
}

export interface StatusLedgerOptions {
  /** History, where a state directory is given. */
  readonly history: Ledger;
  readonly hub: Pick<Hub, 'get'>;
  readonly queue: Pick<StatusQueue, 'settled'>;
  readonly declared: () => Declared | undefined;
}

/** Of a platform that stores no marks, bases live in the statuses of the objects; what is not written yet counts already. */
export function statusLedger({ history, hub, queue, declared }: StatusLedgerOptions): StatusLedger {
  const fresh = new Map<ProgramId, Readonly<Record<string, string>>>();

  const statusOf = (document: DocumentId): unknown => {
    const ref = refOf(document);
    return ref && hub.get(ref)?.status;
  };

  const bases = (desired: DesiredProgram): Readonly<Record<string, string>> => ({
    ...basesOf(desired, statusOf),
    ...fresh.get(programId(desired.key)),
  });

  function note(id: ProgramId, more: Readonly<Record<string, string>>): void {
    fresh.set(id, { ...fresh.get(id), ...more });
  }

  return {
    kept: bases,
    async bases(program) {
      const id = programId(program);
      const documents = declared()?.documentsOf(id) ?? [];
      await Promise.all([...documents].flatMap((document) => settled(document)));
      const desired = declared()?.programs.get(id)?.desired;
      return { ...(await history.bases(program)), ...(desired ? bases(desired) : {}) };
    },
    async append(entry) {
      const isWritten = entry.kind === 'attempt' && entry.result === 'applied';
      if (isWritten && entry.mark !== undefined) {
        const index = isReleaseKey(entry.key) ? releaseId(entry.key) : programId(entry.key);
        note(programId(entry.program), { [index]: entry.mark });
      }
      await history.append(entry);
    },
    async keep(program, more) {
      note(programId(program), more);
      await history.keep(program, more);
    },
    seen: (observation) => history.seen(observation),
  };

  function settled(document: DocumentId): readonly Promise<void>[] {
    const ref = refOf(document);
    return ref ? [queue.settled(ref)] : [];
  }
}
