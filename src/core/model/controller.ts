import type { ErrorCode } from '../words/errors.ts';
import type { ProgramId, ProgramKey } from '../words/keys.ts';
import type { HeldReason, Reason } from '../words/reasons.ts';
import type { EpochMs } from '../words/time.ts';
import type { ChangeId } from './plan.ts';

/*
 * What a running controller says of itself. One value: `fairlead status`, readiness, metrics and the state directory are
 * renderings of it. Holds no secret, no credential, and no value of a variable.
 */

/** A commit as people ask for it. */
export interface CommitInfo {
  readonly id: string;
  /** Name and address, as the commit says. */
  readonly author?: string;
  readonly subject?: string;
  /** When it was committed. */
  readonly at?: EpochMs;
  /** The tag by which it was found, such as `v1.2.0`; absent for a branch. */
  readonly ref?: string;
}

/** Trouble in words: what, and what to do. Stands as long as it is so; the same trouble has the same text. */
export interface Trouble {
  readonly code: ErrorCode;
  readonly message: string;
  readonly nextStep?: string;
}

/** What was declared once and is no more; of releases, targets that no version is declared for. */
export interface Undeclared {
  readonly programs: number;
  readonly releases: number;
}

/** Reviews of the pull requests into a source's branch. */
export interface ReviewsStatus {
  readonly open: number;
  /** Those whose last push has no verdict yet. */
  readonly waiting: number;
  readonly reviewedAt?: EpochMs;
  readonly trouble?: Trouble;
}

export interface SourceStatus {
  readonly name: string;
  /** Without any credential. */
  readonly url: string;
  /** `main`, `refs/tags/v1.2.0`, or the range. */
  readonly ref: string;
  /** Changes with what of a commit is read. */
  readonly reads?: string;
  /**
   * Reading: no look has ended yet. Ready. Failing: the last look failed, what was read before stays in force.
   * Rewound: the ref moved backwards and waits for a new commit or for the approval of `changeId`.
   */
  readonly state: 'Reading' | 'Ready' | 'Failing' | 'Rewound';
  readonly since: EpochMs;
  readonly trouble?: Trouble;
  readonly changeId?: ChangeId;
  /** The commit in force. */
  readonly commit?: CommitInfo;
  /** The last commit on which every program it touched was acted. */
  readonly completed?: string;
  readonly documents: number;
  /** Errors in documents, one line each: `file:line: message`. At most 20. */
  readonly problems: readonly string[];
  readonly problemCount: number;
  /** Declared since the controller started and not any more: left alone on the platform. Absent: nothing. */
  readonly undeclared?: Undeclared;
  readonly lookedAt?: EpochMs;
  readonly nextLookAt?: EpochMs;
  /** When the administrator says that the credential ends. */
  readonly credentialExpiresAt?: EpochMs;
  /** Absent: pull requests are not reviewed here. */
  readonly reviews?: ReviewsStatus;
}

export interface ConnectionStatus {
  readonly name: string;
  readonly platform: string;
  readonly state: 'Starting' | 'Ready' | 'Failing' | 'Suspended';
  readonly since: EpochMs;
  readonly trouble?: Trouble;
  readonly sweptAt?: EpochMs;
  readonly nextSweepAt?: EpochMs;
  /** Milliseconds from the last good sweep to the one that was due after it, whatever failed since. */
  readonly sweepIntervalMs?: number;
  /** Programs and releases under watch. */
  readonly programs: number;
  readonly releases: number;
  /** Calls per second: allowed by the settings, and right now after what the platform answered. */
  readonly requestsPerSecond: number;
  readonly rateNow: number;
  /** Programs that wait for their turn. */
  readonly queued: { readonly hot: number; readonly sweep: number };
  /** When the administrator says that the credential ends. */
  readonly credentialExpiresAt?: EpochMs;
}

/** A field, a change or a mark that could be made and is not. */
export interface HeldStatus {
  /** `2.5.0/megapay/Production`, or `global`. */
  readonly where: string;
  readonly path: string;
  readonly reason: HeldReason;
  readonly message: string;
  /** Of the field, of its whole change, and of the program's plan: `approve` takes any of them. */
  readonly changeId: ChangeId;
  readonly change: ChangeId;
  readonly plan: ChangeId;
}

export interface BlockedStatus {
  readonly where: string;
  readonly reasons: readonly Reason[];
  readonly nextStep?: string;
}

/**
 * InSync: every target is unchanged, settled, or left by policy. Pending: something is to be written or waited for.
 * Held: only a person's word is missing. Blocked: a person must act elsewhere. Failing: the last pass failed.
 * Unknown: not planned yet by this process.
 */
export type ProgramState =
  'Unknown' | 'InSync' | 'Pending' | 'Held' | 'Blocked' | 'Suspended' | 'Failing';

/** A suspension that a person gave to the controller, not one that a declaration holds. */
export interface SuspendedBy {
  readonly reason: string;
  readonly by: string;
  readonly until?: EpochMs;
}

export interface ProgramStatus {
  readonly id: ProgramId;
  readonly key: ProgramKey;
  /** Names of the MiniProgram documents. */
  readonly names: readonly string[];
  readonly connection: string;
  readonly sources: readonly string[];
  readonly state: ProgramState;
  readonly since: EpochMs;
  /** One sentence: what, where (file:line), what to do. */
  readonly message?: string;
  readonly trouble?: Trouble;
  /** By a person, by name; also while there is nothing to write. */
  readonly suspended?: SuspendedBy;
  readonly targets: { readonly total: number; readonly done: number };
  readonly held: readonly HeldStatus[];
  readonly blocked: readonly BlockedStatus[];
  /** Of the last plan. */
  readonly changeId?: ChangeId;
  /** Since when something declared is not on the platform. */
  readonly pendingSince?: EpochMs;
  readonly plannedAt?: EpochMs;
  /** The next pass that is certain to come; a change in Git comes sooner. */
  readonly nextAt?: EpochMs;
}

export interface ControllerStatus {
  readonly formatVersion: 1;
  readonly kind: 'ControllerStatus';
  readonly version: string;
  readonly startedAt: EpochMs;
  /** When this was written. */
  readonly at: EpochMs;
  /** The settings in force, and why a newer version of the file is not. */
  readonly config: {
    readonly file: string;
    readonly loadedAt: EpochMs;
    readonly trouble?: Trouble;
  };
  readonly sources: readonly SourceStatus[];
  readonly connections: readonly ConnectionStatus[];
  readonly programs: readonly ProgramStatus[];
  /** Whole controller suspended by a person. */
  readonly suspended?: SuspendedBy;
  /** Why history is not kept right now. */
  readonly ledgerTrouble?: string;
}
