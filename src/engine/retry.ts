import { ReconcileError, type ErrorCode } from '../core/words/errors.ts';
import type { Clock, Random, Telemetry } from '../ports/index.ts';

export interface Waiting {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}

/** How often something is tried in all, and how long one wait and all waits together may be, in milliseconds. */
export interface Patience {
  readonly attempts: number;
  readonly firstMs: number;
  readonly longestMs: number;
  readonly deadlineMs: number;
}

/** A person waits for an answer of the command line; the controllers' own back-off takes over after it. */
const patience: Patience = {
  attempts: 4,
  firstMs: 500,
  longestMs: 10_000,
  deadlineMs: 60_000,
};

/**
 * Errors of a read after which the same read may work within seconds. A refused signature or right would be refused
 * again: the back-off of the whole pass is the place for those.
 */
const worthRepeating: readonly ErrorCode[] = [
  'PlatformUnavailable',
  'RateLimited',
  'OutcomeUnknown',
  'ResponseUntrusted',
  'ListExpired',
];

/**
 * Waits before the next attempt: exponential with full jitter, never less than the platform asked for.
 *
 * @param attempt  attempts made so far, from 1
 * @returns whether it is worth going on; false when the attempts or the time are used up, without having waited
 * @throws the signal's reason when it is aborted
 */
export async function backOff(
  error: ReconcileError,
  { attempt, startedMs }: { readonly attempt: number; readonly startedMs: number },
  ports: Waiting,
  signal: AbortSignal,
): Promise<boolean> {
  if (attempt >= patience.attempts) return false;
  const ms = waitMs(error, attempt, ports.random);
  if (ports.clock.mono() + ms - startedMs > patience.deadlineMs) return false;
  ports.telemetry.emit({ kind: 'waiting', ms, why: error.code });
  await ports.clock.sleep(ms, signal);
  return true;
}

function waitMs(error: ReconcileError, attempt: number, random: Random): number {
  const ceiling = Math.min(patience.longestMs, patience.firstMs * 2 ** (attempt - 1));
  const jittered = Math.round(ceiling * (0.5 + random.next() / 2));
  return Math.max(jittered, error.retryAfterMs ?? 0);
}

/**
 * The result of a read, repeated from its start while that helps.
 *
 * The one place where reads are repeated: neither transport nor driver does.
 *
 * @throws ReconcileError the last one; the signal's reason when it is aborted
 */
export async function repeatRead<T>(
  read: () => Promise<T>,
  ports: Waiting,
  signal: AbortSignal,
): Promise<T> {
  const startedMs = ports.clock.mono();
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await read();
    } catch (error) {
      const again =
        error instanceof ReconcileError &&
        worthRepeating.includes(error.code) &&
        (await backOff(error, { attempt, startedMs }, ports, signal));
      if (!again) throw error;
    }
  }
}
