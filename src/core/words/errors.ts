/**
 * What happens next.
 *
 * transient: may work later; back off. stale: observe and plan again now. terminal: a human or a new declaration.
 * unknown: it may have happened; observe by key first, repeat only with the same request id.
 */
export type Disposition = 'transient' | 'stale' | 'terminal' | 'unknown';

const dispositions = {
  PlatformUnavailable: 'transient',
  RateLimited: 'transient',
  // Not terminal: a corrected clock or a rotated key changes no declaration, so nothing else would wake us.
  SignatureRefused: 'transient',
  ResponseUntrusted: 'transient',
  AccessDenied: 'transient',
  PlatformMismatch: 'terminal',
  Stale: 'stale',
  AlreadySelected: 'stale',
  NotEditable: 'stale',
  PlatformRefused: 'terminal',
  RequestInvalid: 'terminal',
  OutcomeUnknown: 'unknown',
  /** A page token or cursor that is no longer valid: list again from the start. */
  ListExpired: 'stale',
  SecretUnavailable: 'terminal',
  SourceUnavailable: 'transient',
  SourceRewound: 'terminal',
  /** A commit or tag is not signed as the source's policy demands. */
  SourceRefused: 'terminal',
  /** The forge is down, or limits us for longer than we may wait. */
  ForgeUnavailable: 'transient',
  /** The token lacks a right. */
  ForgeRefused: 'terminal',
  /** No such repository or pull request, or not for this token. */
  ForgeNotFound: 'terminal',
  /** The API server is gone, or answers nothing that can be used. */
  ClusterUnavailable: 'transient',
  /** The API server refuses: the controller lacks a right, or a definition is missing. */
  ClusterRefused: 'transient',
  SettingsInvalid: 'terminal',
  LocalFailure: 'terminal',
  /** Observed and planned again as often as allowed, and still somebody else was faster. */
  Contended: 'transient',
  /** A bug: it ends the pass of one program, loudly, and of no other. */
  InternalError: 'transient',
} as const satisfies Record<string, Disposition>;

export type ErrorCode = keyof typeof dispositions;

interface Details {
  readonly cause?: unknown;
  /** Milliseconds the platform asked us to wait, at least. */
  readonly retryAfterMs?: number;
  /** What a person can do about it, one sentence. */
  readonly nextStep?: string;
  /** The platform's own result code, if there was one. */
  readonly resultCode?: string;
}

/** A failure of the world, classified once, where it enters, by what happens next. Holds no secret and no body. */
export class ReconcileError extends Error {
  override readonly name = 'ReconcileError';
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly nextStep: string | undefined;
  readonly resultCode: string | undefined;

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.retryAfterMs = details.retryAfterMs;
    this.nextStep = details.nextStep;
    this.resultCode = details.resultCode;
  }

  get disposition(): Disposition {
    return dispositions[this.code];
  }
}
