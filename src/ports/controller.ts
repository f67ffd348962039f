import type { CommitInfo, ControllerStatus } from '../core/model/controller.ts';
import type { SourceDocuments } from '../core/model/documents.ts';
import type { Order } from '../core/model/orders.ts';
import type { ChangeId } from '../core/model/plan.ts';

/** What a source declares at one commit. */
export interface SourceCommit {
  readonly documents: SourceDocuments;
  readonly commit: CommitInfo;
  /** By file, the newest commit since the last completed one that changed it; a file that is not named: `commit`. */
  readonly changedBy: Readonly<Record<string, CommitInfo>>;
  /** Encrypted documents by path below the root of the repository: for the secret store alone. */
  readonly encrypted: Readonly<Record<string, Uint8Array>>;
  /**
   * What was declared at the last completed commit, at the first look of a process where that is another commit. lost:
   * there was one, and it cannot be had any more.
   */
  readonly base?: SourceDocuments | 'lost';
}

export type Look =
  /** The ref names what it named at the last look that brought something. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'changed'; readonly source: SourceCommit }
  /** The ref moved backwards; what was read before stays in force until a newer commit, or until `changeId` is approved. */
  | {
      readonly kind: 'rewound';
      readonly from: string;
      readonly to: string;
      readonly changeId: ChangeId;
      readonly message: string;
      readonly nextStep: string;
    };

/** A repository that is followed. One look at a time; a look that finds nothing new costs one request and no parsing. */
export interface FollowedSource {
  readonly name: string;
  /** For people: without any credential. */
  readonly url: string;
  readonly ref: string;
  /** Changes with what of a commit is read; absent: that is never another part. */
  readonly reads?: string;
  /**
   * @param allowed  approvals; one of them may be a rewound ref's
   * @throws ReconcileError `SourceUnavailable` (repeat later), `SourceRefused` (a signature policy says no),
   *   `SettingsInvalid`; what was read before stays in force
   */
  look(allowed: ReadonlySet<ChangeId>, signal: AbortSignal): Promise<Look>;
  /**
   * The last completed commit as the mirror on disk holds it, without asking the remote: for a start while the remote
   * does not answer. Undefined where there is none. Never throws but for the signal.
   */
  restore(signal: AbortSignal): Promise<SourceCommit | undefined>;
  /** Every program that the commit touched was acted on. Kept on disk: the next start judges rewinds and signatures from it. */
  completed(commit: string): Promise<void>;
  /** The commit that any process of ours completed last. Absent: only this process follows it. */
  completedAnywhere?(): string | undefined;
}

/** What people told the controller. Read before each pass and each write: it must be cheap when nothing is new. */
export interface Orders {
  /** All orders that may still matter. Never throws: what cannot be read counts as not given, and is told to telemetry. */
  read(): Promise<readonly Order[]>;
  /** These approvals released a write. */
  used(ids: readonly ChangeId[]): Promise<void>;
  /** Forgets what can never matter again, once history has it. Never throws. */
  compact(): Promise<unknown>;
}

/** Asks the controller to look now. A hint is never more than that. */
export interface Hints {
  /** Resolves at the next hint for this source, or when the signal is aborted. */
  next(source: string, signal: AbortSignal): Promise<void>;
}

/** Shows the controller to people: written often, read rarely. */
export interface StatusBoard {
  /** @param status  makes the whole status; called only if somebody looks or a file is due */
  changed(status: () => ControllerStatus): void;
}
