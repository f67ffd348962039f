import type { EpochMs } from '../core/words/time.ts';

export type ForgeName = 'github' | 'gitlab' | 'gitea';

/** A pull request (merge request) as the forge has it. Titles, names and branches were written by others. */
export interface PullRequest {
  readonly number: number;
  readonly title: string;
  /** Login name of who opened it. */
  readonly author: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly base: { readonly branch: string; readonly commit: string };
  readonly head: { readonly branch: string; readonly commit: string };
  /** The branch lives in another repository: its author may be a stranger. */
  readonly isFork: boolean;
  /** Only members see the repository: test QR codes may be shown if asked for. */
  readonly isPrivate: boolean;
  /** Ref of the base repository that holds the head: `refs/pull/7/head`, `refs/merge-requests/7/head`. */
  readonly fetchRef: string;
  readonly updatedAt: EpochMs;
}

/** A comment that we wrote: the forge says so, whatever stands in it. */
export interface OwnComment {
  readonly id: string;
  readonly body: string;
}

export interface CommitStatus {
  /** `fairlead/plan`, `fairlead/production`. */
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** At most 140 characters. */
  readonly description: string;
}

/** A remark at a line of the head. */
export interface LineNote {
  readonly file: string;
  readonly line: number;
  readonly level: 'notice' | 'warning' | 'error';
  readonly title: string;
  /** Plain text, written by others in part: the adapter makes it inert where its forge renders it. */
  readonly message: string;
}

/**
 * A forge, in eight operations. Each is safe to repeat; reads follow pages to the end, waits for rate limits are inside.
 *
 * @throws ReconcileError `ForgeUnavailable` (down, rate-limited for longer than the deadline), `ForgeRefused` (the token
 *   lacks a right: `nextStep` names it), `ForgeNotFound` (no such repository or pull request); the signal's reason
 */
export interface Forge {
  readonly name: ForgeName;
  /** What a comment may hold, in characters as the forge counts them. */
  readonly maxCommentLength: number;
  /** Address of a line at a commit, for links in a comment. */
  lineUrl(commit: string, file: string, line: number): string;
  pull(number: number, signal: AbortSignal): Promise<PullRequest>;
  /** Open ones into this branch, newest first. */
  openPulls(baseBranch: string, signal: AbortSignal): Promise<readonly PullRequest[]>;
  /**
   * Our comment, oldest first match: written by whoever the token belongs to, and beginning with `marker`. One that
   * somebody else wrote is none, whatever it begins with.
   */
  ownComment(pull: number, marker: string, signal: AbortSignal): Promise<OwnComment | undefined>;
  /** Edits `own`, or writes the first one. */
  putComment(
    pull: number,
    own: OwnComment | undefined,
    body: string,
    signal: AbortSignal,
  ): Promise<OwnComment>;
  /** The newest of each context that begins with `fairlead/`. */
  statuses(commit: string, signal: AbortSignal): Promise<readonly CommitStatus[]>;
  putStatus(commit: string, status: CommitStatus, signal: AbortSignal): Promise<void>;
  /** Notes at lines, in place of those we left at earlier heads. Does nothing on a forge that reads them from a report. */
  annotate(pull: PullRequest, notes: readonly LineNote[], signal: AbortSignal): Promise<void>;
  /** Uploads SARIF for code scanning; `unsupported` where the forge has none. */
  uploadSarif(
    pull: PullRequest,
    sarif: string,
    signal: AbortSignal,
  ): Promise<'uploaded' | 'unsupported'>;
}
