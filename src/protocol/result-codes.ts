import type { ErrorCode } from '../core/words/errors.ts';

interface CodeRule {
  readonly status: 'S' | 'F' | 'U' | 'A';
  /** What a caller makes of it; `null` is success. */
  readonly error: ErrorCode | null;
}

/**
 * Every result code the contract knows. The upper part is the family's, the lower part ours (neutral names; no vendor
 * publishes codes for these operations).
 */
export const resultCodes = {
  SUCCESS: { status: 'S', error: null },
  ACCEPTED: { status: 'A', error: 'OutcomeUnknown' },
  UNKNOWN_EXCEPTION: { status: 'U', error: 'OutcomeUnknown' },
  PROCESS_FAIL: { status: 'F', error: 'PlatformRefused' },
  PARAM_ILLEGAL: { status: 'F', error: 'RequestInvalid' },
  INVALID_API: { status: 'F', error: 'RequestInvalid' },
  METHOD_NOT_SUPPORTED: { status: 'F', error: 'RequestInvalid' },
  ACCESS_DENIED: { status: 'F', error: 'AccessDenied' },
  EXPIRED_ACCESS_TOKEN: { status: 'F', error: 'AccessDenied' },
  // F in the common table, U in per-API tables of the same family: slow down either way, nothing was done.
  REQUEST_TRAFFIC_EXCEED_LIMIT: { status: 'F', error: 'RateLimited' },
  INVALID_SIGNATURE: { status: 'F', error: 'SignatureRefused' },
  TIMESTAMP_INVALID: { status: 'F', error: 'SignatureRefused' },
  INVALID_CLIENT: { status: 'F', error: 'SignatureRefused' },
  KEY_NOT_FOUND: { status: 'F', error: 'SignatureRefused' },
  REPEAT_REQ_INCONSISTENT: { status: 'F', error: 'Stale' },

  RELEASE_TARGET_ALREADY_SELECTED: { status: 'F', error: 'AlreadySelected' },
  RELEASE_NOT_FOUND: { status: 'F', error: 'Stale' },
  RELEASE_NOT_EDITABLE: { status: 'F', error: 'NotEditable' },
  REVISION_MISMATCH: { status: 'F', error: 'Stale' },
  MARK_MISMATCH: { status: 'F', error: 'Stale' },
  PAGE_TOKEN_EXPIRED: { status: 'F', error: 'ListExpired' },
  CURSOR_EXPIRED: { status: 'F', error: 'ListExpired' },
  MINI_PROGRAM_NOT_FOUND: { status: 'F', error: 'PlatformRefused' },
  VERSION_NOT_FOUND: { status: 'F', error: 'PlatformRefused' },
  ENVIRONMENT_NOT_AVAILABLE: { status: 'F', error: 'PlatformRefused' },
  ENV_VARS_NOT_ENABLED: { status: 'F', error: 'PlatformRefused' },
  ENV_VARS_LIMIT_EXCEEDED: { status: 'F', error: 'PlatformRefused' },
  TESTERS_LIMIT_EXCEEDED: { status: 'F', error: 'PlatformRefused' },
  DOMAIN_EDIT_NOT_GRANTED: { status: 'F', error: 'PlatformRefused' },
  ROLE_NOT_ALLOWED: { status: 'F', error: 'AccessDenied' },
} as const satisfies Record<string, CodeRule>;

export type ResultCode = keyof typeof resultCodes;
