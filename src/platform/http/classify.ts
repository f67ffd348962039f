import { type ErrorCode, ReconcileError } from '../../core/words/errors.ts';
import { type ResultCode, resultCodes } from '../../protocol/result-codes.ts';
import type { Result } from '../../protocol/wire.ts';
import { nextSteps, statusNextSteps } from './next-steps.ts';

/** A read may be repeated freely; a write whose answer is not certain may have happened. */
export type CallKind = 'read' | 'write';

/** What is known of an answer's origin: its signature verified, was missing, or did not verify. */
export type Trust = 'signed' | 'unsigned' | 'forged';

/** An answer of the platform, or of something in front of it. */
export interface Answer {
  readonly status: number;
  readonly trust: Trust;
  /** The result object; absent where the body is not JSON, or holds none. */
  readonly result?: Result;
  readonly retryAfterMs?: number;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly why: string;
  readonly nextStep?: string | undefined;
  readonly resultCode?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/**
 * What an answer means: undefined for success (`S`, signed, HTTP 2xx), else the failure.
 *
 * The one place that decides it. Nothing unsigned is believed, with two exceptions that cost only time: a refusal of
 * our own signature, which the platform cannot sign, and to a read a plea to slow down or to come back.
 *
 *     answer                        read                  write
 *     forged                        ResponseUntrusted     OutcomeUnknown
 *     unsigned, F, one of our       SignatureRefused      SignatureRefused
 *       signature's codes
 *     unsigned 429                  RateLimited           OutcomeUnknown
 *     unsigned 5xx, 408             PlatformUnavailable   OutcomeUnknown
 *     unsigned, anything else       ResponseUntrusted     OutcomeUnknown
 *     signed 429, traffic code      RateLimited           RateLimited
 *     signed 5xx, 408, U, A         PlatformUnavailable   OutcomeUnknown
 *     signed 3xx, 2xx without       ResponseUntrusted     OutcomeUnknown
 *       a result
 *     signed F                      by its code, else PlatformRefused
 *     signed 4xx without F          by its status, else RequestInvalid
 */
export function classify(answer: Answer, kind: CallKind): Failure | undefined {
  const failure = answer.trust === 'signed' ? ofSigned(answer) : ofUntrusted(answer);
  if (failure === undefined) return undefined;
  const code = certain(failure.code, answer.trust, kind);
  return { ...failure, code, retryAfterMs: answer.retryAfterMs };
}

/** An error that says it, for the operation. Holds no part of the body but the result code. */
export function failureError(operation: string, failure: Failure): ReconcileError {
  const { code, why, nextStep, resultCode, retryAfterMs } = failure;
  return new ReconcileError(code, `${operation}: ${why}`, {
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(resultCode === undefined ? {} : { resultCode }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** A failed exchange: of a read nothing can have happened, so it is simply unavailable. */
export function classifyTransport(error: ReconcileError, kind: CallKind): ReconcileError {
  if (kind === 'write' || error.code !== 'OutcomeUnknown') return error;
  return new ReconcileError('PlatformUnavailable', error.message, { cause: error.cause });
}

/** An answer that verified and says `S`, and whose body is not what the contract says. */
export function malformed(what: string, kind: CallKind): Failure {
  return {
    code: kind === 'write' ? 'OutcomeUnknown' : 'ResponseUntrusted',
    why: `the answer is not what the contract says (${what})`,
    nextStep: 'compare the platform or the adapter with docs/platform-api.md',
  };
}

/** Codes that say nothing of whether a write was done, or say it on behalf of nobody we know. */
const uncertain = new Set<ErrorCode>([
  'PlatformUnavailable',
  'ResponseUntrusted',
  'OutcomeUnknown',
]);

function certain(code: ErrorCode, trust: Trust, kind: CallKind): ErrorCode {
  if (kind === 'read') return code === 'OutcomeUnknown' ? 'PlatformUnavailable' : code;
  const believed = trust === 'signed' || code === 'SignatureRefused';
  return uncertain.has(code) || !believed ? 'OutcomeUnknown' : code;
}

function ofUntrusted({ status, trust, result }: Answer): Failure {
  if (trust === 'forged') {
    return {
      code: 'ResponseUntrusted',
      why: "the answer's signature does not verify",
      nextStep: nextSteps.ResponseUntrusted,
    };
  }
  const rule = ruleOf(result);
  if (result?.resultStatus === 'F' && rule?.error === 'SignatureRefused') return ofRefusal(result);
  return {
    code: statusCodes.find((row) => row.covers(status))?.unsigned ?? 'ResponseUntrusted',
    why: `HTTP ${String(status)} without a signature`,
    nextStep: statusNextSteps(status) ?? nextSteps.ResponseUntrusted,
  };
}

interface StatusRow {
  readonly covers: (status: number) => boolean;
  readonly signed: ErrorCode;
  readonly unsigned: ErrorCode;
}

/** Statuses that outweigh whatever the body says; the first that covers counts. */
const statusCodes: readonly StatusRow[] = [
  { covers: (status) => status === 429, signed: 'RateLimited', unsigned: 'RateLimited' },
  {
    covers: (status) => status >= 500 || status === 408,
    signed: 'PlatformUnavailable',
    unsigned: 'PlatformUnavailable',
  },
  {
    covers: (status) => status < 200 || (status >= 300 && status < 400),
    signed: 'ResponseUntrusted',
    unsigned: 'ResponseUntrusted',
  },
];

/** Of signed refusals whose body names no reason. */
const refusals: Readonly<Record<number, ErrorCode>> = {
  401: 'AccessDenied',
  403: 'AccessDenied',
  409: 'Stale',
  412: 'Stale',
};

function ofSigned({ status, result }: Answer): Failure | undefined {
  const row = statusCodes.find(({ covers }) => covers(status));
  if (row) return ofStatus(status, row.signed);
  if (result?.resultStatus === 'F') return ofRefusal(result);
  if (status >= 400) return ofStatus(status, refusals[status] ?? 'RequestInvalid');
  return result === undefined ? malformed('no result', 'read') : ofResult(result);
}

function ofStatus(status: number, code: ErrorCode): Failure {
  return {
    code,
    why: `HTTP ${String(status)}`,
    nextStep: statusNextSteps(status) ?? nextSteps[code],
  };
}

function ofResult(result: Result): Failure | undefined {
  if (result.resultStatus === 'S') return undefined;
  const limited = ruleOf(result)?.error === 'RateLimited';
  const code = limited ? 'RateLimited' : 'OutcomeUnknown';
  return {
    code,
    why: `${result.resultStatus} ${shownCode(result)}`,
    nextStep: nextSteps[code],
    resultCode: shownCode(result),
  };
}

function ofRefusal(result: Result): Failure {
  // SUCCESS with F contradicts itself: final, and not done.
  const code = ruleOf(result)?.error ?? 'PlatformRefused';
  const resultCode = shownCode(result);
  return {
    code,
    why: resultCode,
    nextStep: isKnown(resultCode) ? (nextSteps[resultCode] ?? nextSteps[code]) : nextSteps[code],
    resultCode,
  };
}

function ruleOf(result: Result | undefined): { readonly error: ErrorCode | null } | undefined {
  return result !== undefined && isKnown(result.resultCode)
    ? resultCodes[result.resultCode]
    : undefined;
}

function isKnown(code: string): code is ResultCode {
  return Object.hasOwn(resultCodes, code);
}

/** A code may be shown, a text that poses as one may not: it could repeat a value we sent. */
function shownCode({ resultCode }: Result): string {
  return /^[A-Z0-9_]{1,64}$/.test(resultCode) ? resultCode : '(unreadable code)';
}
