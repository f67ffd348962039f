import type { WireRequest, WireResponse } from '../../ports/index.ts';

/** One thing to ask of a forge. */
export interface ForgeCall {
  readonly method: WireRequest['method'];
  /** Whole address: below the API's. */
  readonly url: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Completes "could not ...": `read pull request 7`. */
  readonly what: string;
  /** The right it takes, as the forge calls it, for people whose token lacks it. */
  readonly needs: string;
  /**
   * `always`: doing it twice is doing it once. `unsent`: only if the forge surely did nothing; where that is not known
   * the call fails with `OutcomeUnknown`.
   */
  readonly repeat: 'always' | 'unsent';
  /** Refusals that the caller understands: they are answers, not errors. */
  readonly allow?: readonly number[];
  /** The body of a success is text, not JSON. */
  readonly reads?: 'text';
}

export interface ForgeAnswer {
  readonly status: number;
  readonly headers: WireResponse['headers'];
  /** Parsed JSON; undefined where there is no body, or a refusal's is none. */
  readonly body: unknown;
}

/**
 * Asks, waits and asks again until the deadline.
 *
 * @throws ReconcileError `ForgeUnavailable`, `ForgeRefused`, `ForgeNotFound`; of a call that is repeated only unsent
 *   also `OutcomeUnknown`; the signal's reason
 */
export type Ask = (call: ForgeCall, signal: AbortSignal) => Promise<ForgeAnswer>;

/** How forges differ on the wire. */
export interface Dialect {
  /** Headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that prove who we are. */
  authorize(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Calls with one name share a rate limit. */
  budgetOf(url: string): string;
  /** Whether a refusal is about how often we ask; 429 always is. */
  isLimit(answer: ForgeAnswer): boolean;
  /** Whether an answer is a failure of the forge that may pass, though its status does not say so. */
  readonly isPassing?: (answer: ForgeAnswer) => boolean;
  /** The forge no longer knows what `authorize` gave. */
  readonly disown?: () => void;
  /** Every right that a review takes, as the forge calls them: people give a token all of them, or ask once for each. */
  readonly rights: string;
  /** The right that a refusal names. */
  missingRight(answer: ForgeAnswer): string | undefined;
}
