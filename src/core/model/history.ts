import type { FieldPath } from '../words/fields.ts';
import type { ProgramKey, ReleaseKey } from '../words/keys.ts';
import type { Cause, HeldReason } from '../words/reasons.ts';
import type { Status } from '../words/statuses.ts';
import type { EpochMs } from '../words/time.ts';
import type { CommitInfo, Undeclared } from './controller.ts';
import type { Order } from './orders.ts';
import type { ChangeId, Shown } from './plan.ts';
import type { RequestId } from './write.ts';

/*
 * What a ledger tells: who changed what, when, by which commit, and what changed on the platform without us. Holds no
 * secret: values are public or fingerprints.
 */

/** Where a wish stands, as people ask for it: who wrote it, in which commit, in which line. */
export interface Explained {
  readonly commit?: CommitInfo;
  readonly file?: string;
  readonly line?: number;
}

export interface LedgerField {
  readonly path: FieldPath | 'mark';
  readonly before: Shown;
  readonly after: Shown;
  readonly cause: Cause;
  readonly explained: Explained;
}

/** One change carried out, or tried. */
export interface AttemptEntry {
  readonly kind: 'attempt';
  readonly at: EpochMs;
  readonly program: ProgramKey;
  readonly key: ProgramKey | ReleaseKey;
  readonly action: string;
  readonly changeId: ChangeId;
  readonly requestId: RequestId;
  readonly result: 'applied' | 'failed';
  readonly code?: string;
  /** The source whose wish it is. */
  readonly source: string;
  readonly explained: Explained;
  readonly fields: readonly LedgerField[];
  /** Who approved what had been held. */
  readonly approvedBy?: string;
}

/** What a pass left undone, when that is something else than at the pass before. */
export interface DecisionEntry {
  readonly kind: 'decision';
  readonly at: EpochMs;
  readonly program: ProgramKey;
  readonly changeId: ChangeId;
  readonly held: readonly {
    readonly key: ProgramKey | ReleaseKey;
    readonly path: FieldPath | 'mark';
    readonly changeId: ChangeId;
    readonly reason: HeldReason;
    readonly message: string;
  }[];
}

/** What a person told the controller. */
export interface OrderEntry {
  readonly kind: 'order';
  readonly at: EpochMs;
  readonly order: Order;
  /** Whom it is about, where a ledger knows: an approval itself names changes only. */
  readonly program?: ProgramKey;
}

/** A source's commit came into force. */
export interface CommitEntry {
  readonly kind: 'commit';
  readonly at: EpochMs;
  readonly source: string;
  readonly commit: CommitInfo;
  readonly before?: string;
  /** What the source has declared since the controller started and does not with this commit. */
  readonly undeclared?: Undeclared;
}

/** What two observations showed differently, without a write of ours between them. */
export interface ObservedEntry {
  readonly kind: 'observed';
  /** When the new was first seen. */
  readonly at: EpochMs;
  /** When the old was last seen; absent for a record that was not there. */
  readonly lastSeen?: EpochMs;
  readonly program: ProgramKey;
  readonly key: ProgramKey | ReleaseKey;
  /** The record carries another mark of Fairlead than before: a colleague's command or another controller wrote it. */
  readonly marked: boolean;
  readonly status?: { readonly before: Status | null; readonly after: Status | null };
  readonly fields: readonly {
    readonly path: FieldPath;
    readonly before: Shown;
    readonly after: Shown;
  }[];
}

export type HistoryEntry = AttemptEntry | DecisionEntry | OrderEntry | CommitEntry | ObservedEntry;

/** A program that a ledger knows, for finding it by what people call it. */
export interface KnownProgram {
  readonly key: ProgramKey;
  /** Names of its MiniProgram documents. */
  readonly names: readonly string[];
}

/** Records as one observation, or the answer to one of our own writes, showed them. Holds no secret. */
export interface Seen {
  readonly at: EpochMs;
  readonly program: ProgramKey;
  readonly records: readonly SeenRecord[];
  /** What our own writes left: kept without becoming history a second time. */
  readonly own: boolean;
  /** Every release of the program was read: a record that is missing from an earlier such observation is new. */
  readonly whole?: boolean;
  /** `unchanged`: all kept records that are not listed here were seen as they are; absent, nothing is known of them. */
  readonly rest?: 'unchanged' | 'unseen';
  /** What people call the program: names of its MiniProgram documents. */
  readonly names?: readonly string[];
}

export interface SeenRecord {
  readonly key: ProgramKey | ReleaseKey;
  readonly status: Status | null;
  /** Release-specific or global values as they may be shown; what is not set is absent. */
  readonly fields: Readonly<Partial<Record<FieldPath, Shown>>>;
  /** Fingerprints (16 hex) of variables shown in clear: a literal that is no longer declared is still the same value. */
  readonly prints?: Readonly<Partial<Record<FieldPath, string>>>;
  /** Id of the key of all fingerprints above; under another key nothing can be compared. */
  readonly keyId?: string;
  /** Digest of the record's mark (12 hex), where it has one. */
  readonly mark?: string;
  /** Of an answer to our own write: what was written. What else it shows counts as observed; absent, nothing does. */
  readonly written?: readonly FieldPath[];
}
