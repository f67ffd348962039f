import { Buffer } from 'node:buffer';

import pRetry from 'p-retry';

import { ReconcileError } from '../../core/words/errors.ts';
import type { ForgePorts } from './shared-settings.ts';
import {
  failureOf,
  limited,
  PassingTrouble,
  transportTrouble,
  unreadable,
} from './shared-failures.ts';
import { createMemory, type Memory } from './shared-memory.ts';
import { pauseAfter } from './shared-limits.ts';
import type { Ask, Dialect, ForgeAnswer, ForgeCall } from './shared-wire.ts';

/** One exchange; a forge that trickles is given up. */
const exchangeMs = 30_000;
/** No wait is so long that less than this is left for the exchange after it. */
const leastExchangeMs = 5_000;
/** A full page of the longest comments a stranger can write. */
const maxBytes = 32 * 1024 * 1024;
const repetitions = 5;
const firstWaitMs = 500;

interface Asking extends ForgePorts {
  readonly dialect: Dialect;
  readonly deadlineMs: number;
}

interface State {
  readonly memory: Memory;
  /** By budget: when something is left of it again, on the monotonic clock. */
  readonly pauses: Map<string, number>;
}

/** Asks one forge: with its dialect, within its limits, and again where that is safe. */
export function createAsk(asking: Asking): Ask {
  const { clock, random, telemetry, deadlineMs } = asking;
  const state: State = { memory: createMemory(), pauses: new Map() };
  const waitFor = async (waitMs: number, why: string, signal: AbortSignal): Promise<void> => {
    telemetry.emit({ kind: 'waiting', ms: waitMs, why });
    await clock.sleep(waitMs, signal);
  };
  return async (call, signal) => {
    signal.throwIfAborted();
    const until = clock.mono() + deadlineMs;
    try {
      return await pRetry(() => attempt(asking, state, { call, until, signal, waitFor }), {
        retries: repetitions,
        // The waiting is done below, on the clock that is passed in.
        minTimeout: 0,
        signal,
        shouldRetry: ({ error }) => mayRepeat(call, error),
        onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
          if (!mayRepeat(call, error) || retriesLeft === 0) return;
          const waitMs = error.waitMs ?? backoffMs(attemptNumber, random.next());
          if (clock.mono() + waitMs + leastExchangeMs > until) throw error;
          await waitFor(waitMs, error.kept.message, signal);
        },
      });
    } catch (error) {
      throw finalOf(call, error);
    }
  };
}

function mayRepeat(call: ForgeCall, error: Error): error is PassingTrouble {
  return error instanceof PassingTrouble && (call.repeat === 'always' || error.isUnsent);
}

/** Doubling, with as much chance as certainty in it. */
function backoffMs(attempts: number, random: number): number {
  return Math.round(firstWaitMs * 2 ** (attempts - 1) * (0.5 + random));
}

function finalOf(call: ForgeCall, error: unknown): unknown {
  if (!(error instanceof PassingTrouble)) return error;
  if (call.repeat === 'always' || error.isUnsent) return error.kept;
  return new ReconcileError('OutcomeUnknown', error.kept.message, { cause: error.kept });
}

interface Attempt {
  readonly call: ForgeCall;
  readonly until: number;
  readonly signal: AbortSignal;
  waitFor(waitMs: number, why: string, signal: AbortSignal): Promise<void>;
}

async function attempt(
  asking: Asking,
  state: State,
  { call, ...now }: Attempt,
): Promise<ForgeAnswer> {
  const { clock, dialect, telemetry } = asking;
  const budget = dialect.budgetOf(call.url);
  const pauseMs = (state.pauses.get(budget) ?? 0) - clock.mono();
  if (pauseMs > 0) {
    if (clock.mono() + pauseMs + leastExchangeMs > now.until) throw limited(call, pauseMs, clock);
    await now.waitFor(pauseMs, 'nothing is left of the rate limit', now.signal);
  }
  const proof = await dialect.authorize(now.signal);
  const started = clock.mono();
  const given = await send(asking, state, { call, proof, ...now });
  telemetry.emit({
    kind: 'call',
    operation: call.what.replace(/\W\d.*$/, ''),
    code: String(given.status),
    ms: clock.mono() - started,
  });
  const pause = pauseAfter(given, clock);
  if (pause !== undefined) state.pauses.set(budget, clock.mono() + pause);
  if (isSuccess(dialect, given) || call.allow?.includes(given.status)) return given;
  if (given.status === 401) dialect.disown?.();
  throw failureOf(call, given, { dialect, clock });
}

function isSuccess(dialect: Dialect, answer: ForgeAnswer): boolean {
  const { status } = answer;
  return status >= 200 && status < 300 && !dialect.isLimit(answer) && !dialect.isPassing?.(answer);
}

interface Sending {
  readonly call: ForgeCall;
  readonly proof: Readonly<Record<string, string>>;
  readonly until: number;
  readonly signal: AbortSignal;
}

async function send(
  { transport, dialect, clock }: Asking,
  { memory }: State,
  { call, proof, until, signal }: Sending,
): Promise<ForgeAnswer> {
  const known = call.method === 'GET' ? memory.get(call.url) : undefined;
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const response = await transport
    .send(
      {
        method: call.method,
        url: call.url,
        headers: {
          ...dialect.headers,
          ...proof,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(known === undefined ? {} : { 'if-none-match': known.etag }),
        },
        ...(body === undefined ? {} : { body }),
        timeoutMs: Math.max(1, Math.min(exchangeMs, until - clock.mono())),
        maxBytes,
      },
      signal,
    )
    .catch((error: unknown) => {
      throw isTransportTrouble(error) ? transportTrouble(call, error) : error;
    });
  if (response.status === 304 && known) return known.answer;
  const answer = {
    status: response.status,
    headers: response.headers,
    body: parsed(call, response),
  };
  if (call.method === 'GET' && response.status === 200)
    memory.keep(call.url, answer, response.body.byteLength);
  return answer;
}

function isTransportTrouble(error: unknown): error is ReconcileError {
  return (
    error instanceof ReconcileError &&
    (error.code === 'PlatformUnavailable' || error.code === 'OutcomeUnknown')
  );
}

function parsed(
  call: ForgeCall,
  { status, body }: { readonly status: number; readonly body: Uint8Array },
): unknown {
  if (body.byteLength === 0) return undefined;
  const text = Buffer.from(body).toString('utf8');
  if (call.reads === 'text' && status >= 200 && status < 300) return text;
  try {
    return JSON.parse(text);
  } catch {
    // A page of a proxy: with a refusal it says no more than the status; a success was none.
    if (status < 200 || status >= 300) return undefined;
    throw new PassingTrouble(unreadable(call), { isUnsent: false });
  }
}
