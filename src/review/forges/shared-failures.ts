import { ReconcileError } from '../../core/words/errors.ts';
import { isoTime, epochMs } from '../../core/words/time.ts';
import type { Clock } from '../../ports/index.ts';
import type { Dialect, ForgeAnswer, ForgeCall } from './shared-wire.ts';
import { limitWaitOf, longestPauseMs, waitOf } from './shared-limits.ts';

/** Something that may pass: what to say if it does not, and whether the forge surely did nothing. */
export class PassingTrouble extends Error {
  readonly kept: ReconcileError;
  readonly isUnsent: boolean;
  /** The least wait the forge asks for, milliseconds. */
  readonly waitMs: number | undefined;

  constructor(
    kept: ReconcileError,
    { isUnsent, waitMs }: { readonly isUnsent: boolean; readonly waitMs?: number | undefined },
  ) {
    super(kept.message, { cause: kept });
    this.kept = kept;
    this.isUnsent = isUnsent;
    this.waitMs = waitMs;
  }
}

/**
 * What an answer other than the wished one means: the one place that decides it. Texts of the forge are not repeated:
 * it may echo what we sent.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api (limits come as 403 and 429;
 *   what may not be seen is not found)
 */
export function failureOf(
  call: ForgeCall,
  answer: ForgeAnswer,
  { dialect, clock }: { readonly dialect: Dialect; readonly clock: Clock },
): PassingTrouble | ReconcileError {
  const { status } = answer;
  if (status === 429 || dialect.isLimit(answer)) {
    const waitMs = limitWaitOf(answer, clock);
    return new PassingTrouble(limited(call, waitMs, clock), { isUnsent: true, waitMs });
  }
  if (status >= 500 || status === 408 || dialect.isPassing?.(answer))
    return new PassingTrouble(unavailable(call, `the forge answers ${status}`), {
      isUnsent: false,
      waitMs: waitOf(answer, clock),
    });
  return refusalOf(call, answer, dialect);
}

function refusalOf(call: ForgeCall, answer: ForgeAnswer, dialect: Dialect): ReconcileError {
  const { status } = answer;
  switch (status) {
    case 401:
      return refused(call, status, 'the token is wrong, expired or revoked: give a new one');
    case 403: {
      const right = dialect.missingRight(answer) ?? call.needs;
      return refused(call, status, `give the token the right ${right}; ${inAll(dialect)}`);
    }
    case 404:
    case 410:
      return notFound(call, status, dialect);
    default:
      if (status < 400) return moved(call, status);
      return refused(
        call,
        status,
        `see that the forge can take this, and that the token has the right ${call.needs}`,
      );
  }
}

/** What the transport says of an exchange that gave no answer. */
export function transportTrouble(call: ForgeCall, cause: ReconcileError): PassingTrouble {
  const isUnsent = cause.code === 'PlatformUnavailable';
  return new PassingTrouble(unavailable(call, cause.message, cause), { isUnsent });
}

/** An answer that cannot be read: not JSON, or of another shape than the forge publishes. */
export function unreadable(call: Pick<ForgeCall, 'what'>): ReconcileError {
  return unavailable(call, 'the forge answers something else than it publishes');
}

/** A limit that lasts longer than we may wait. */
export function limited(
  call: Pick<ForgeCall, 'what'>,
  waitMs: number,
  clock: Clock,
): ReconcileError {
  const until = isoTime(epochMs(clock.wall() + waitMs));
  const isBelievable = waitMs <= longestPauseMs;
  return new ReconcileError(
    'ForgeUnavailable',
    `could not ${call.what}: the forge limits us until ${until}${isBelievable ? '' : ', longer than any limit lasts'}`,
    {
      retryAfterMs: Math.min(waitMs, longestPauseMs),
      nextStep: isBelievable
        ? 'wait; a token of its own has a limit of its own'
        : 'see the clock of the forge, and what answers in its place; a controller asks it again within an hour',
    },
  );
}

function unavailable(
  call: Pick<ForgeCall, 'what'>,
  why: string,
  cause?: ReconcileError,
): ReconcileError {
  return new ReconcileError('ForgeUnavailable', `could not ${call.what}: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    nextStep: 'see that the forge is up and its address right; it is asked again later',
  });
}

function refused(call: ForgeCall, status: number, nextStep: string): ReconcileError {
  return new ReconcileError(
    'ForgeRefused',
    `could not ${call.what}: the forge refuses (${status})`,
    { nextStep, resultCode: String(status) },
  );
}

function inAll({ rights }: Dialect): string {
  return `a review takes in all: ${rights}`;
}

function notFound(call: ForgeCall, status: number, dialect: Dialect): ReconcileError {
  return new ReconcileError('ForgeNotFound', `could not ${call.what}: there is no such thing`, {
    nextStep: `see the repository's name; or the token may not see it, then give it the right ${call.needs}; ${inAll(dialect)}`,
    resultCode: String(status),
  });
}

/** A credential follows no redirect; a renamed repository is to be called by its name. */
function moved(call: ForgeCall, status: number): ReconcileError {
  return new ReconcileError(
    'ForgeNotFound',
    `could not ${call.what}: the forge says it has moved`,
    {
      nextStep: "give the forge's address and the repository's name as they are now",
      resultCode: String(status),
    },
  );
}
