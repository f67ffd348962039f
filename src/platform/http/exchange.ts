import { ReconcileError } from '../../core/words/errors.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { Clock, Telemetry, Transport, WireResponse } from '../../ports/index.ts';
import * as responses from '../../protocol/generated/responses.js';
import {
  clockWindowMs,
  formatMessageTime,
  parseMessageTime,
  type RequestTimeForm,
} from '../../protocol/message-time.ts';
import {
  defaultPathPrefix,
  defaultRoutes,
  type Operation,
  writeOperations,
} from '../../protocol/operations.ts';
import type { Signer, Verifier } from '../../protocol/signature.ts';
import type { RequestOf } from '../../protocol/wire.ts';
import {
  type CallKind,
  classify,
  classifyTransport,
  failureError,
  malformed,
  type Trust,
} from './classify.ts';
import { parseRetryAfter } from './retry-after.ts';

/** How a platform is reached: the fields of a PlatformConnection that concern messages. */
export interface HttpConnection {
  /** Scheme, host and port. */
  readonly endpoint: string;
  readonly clientId: string;
  /** Default `/api/`. */
  readonly pathPrefix?: string;
  readonly routes?: Readonly<Partial<Record<Operation, string>>>;
  /** Which path is signed. Default `full`. */
  readonly signedPath?: 'full' | 'withoutPrefix';
  readonly requestTime?: RequestTimeForm;
  /** Deadline of one call. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface ExchangePorts {
  readonly transport: Transport;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /**
   * Waited for before a call is composed, and no part of it: what is signed names the moment at which it is sent, and the
   * deadline counts from then. Absent: calls are sent at once.
   */
  readonly turn?: (signal: AbortSignal) => Promise<void>;
}

/** A verified answer that says `S`; its body is still to be validated. */
export interface Confirmed {
  readonly body: unknown;
  /** `Response-Time`. */
  readonly time: EpochMs;
}

/**
 * One signed call, judged. Sends once and never again.
 *
 * @throws ReconcileError as `classify`, the turn and the transport say; the signal's reason when it is aborted
 */
export type Exchange = <O extends Operation>(
  operation: O,
  body: RequestOf<O>,
  signal: AbortSignal,
  mayGo?: () => Promise<void>,
) => Promise<Confirmed>;

const defaultTimeoutMs = 30_000;
/** A page of 1,000 records of 100 testers each is about 4 MB. */
const maxListBytes = 32 * 1024 * 1024;
const maxBytes = 4 * 1024 * 1024;

export function createExchange(connection: HttpConnection, ports: ExchangePorts): Exchange {
  return async (operation, body, signal, mayGo) => {
    await ports.turn?.(signal);
    await mayGo?.();
    const started = ports.clock.mono();
    const emit = (code: string) => {
      ports.telemetry.emit({ kind: 'call', operation, code, ms: ports.clock.mono() - started });
    };
    try {
      const confirmed = await call(connection, ports, { operation, body }, signal);
      emit('S');
      return confirmed;
    } catch (error) {
      emit(error instanceof ReconcileError ? error.code : 'aborted');
      throw error;
    }
  };
}

export function kindOf(operation: Operation): CallKind {
  return (writeOperations as readonly Operation[]).includes(operation) ? 'write' : 'read';
}

interface Call {
  readonly operation: Operation;
  readonly body: unknown;
}

async function call(
  connection: HttpConnection,
  ports: ExchangePorts,
  { operation, body }: Call,
  signal: AbortSignal,
): Promise<Confirmed> {
  const kind = kindOf(operation);
  const { url, signed } = pathsOf(connection, operation);
  const response = await send(connection, ports, { url, signed, body, operation }, signal);
  const now = ports.clock.wall();
  const trust = trustOf(response, { connection, verifier: ports.verifier, signed });
  const json = parseBody(response);
  const retryAfterMs = parseRetryAfter(
    response.headers['retry-after'],
    response.headers['date'],
    now,
  );
  const failure = classify(
    {
      status: response.status,
      trust,
      ...(responses.envelope(json) ? { result: json.result } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
    kind,
  );
  if (failure) throw failureError(operation, failure);
  return { body: json, time: freshTime(response, { operation, kind, now }) };
}

interface Outgoing extends Call {
  readonly url: string;
  readonly signed: string;
}

async function send(
  { clientId, requestTime = 'iso8601', timeoutMs = defaultTimeoutMs }: HttpConnection,
  { transport, signer, clock }: ExchangePorts,
  { url, signed, body, operation }: Outgoing,
  signal: AbortSignal,
): Promise<WireResponse> {
  const text = JSON.stringify(body);
  const time = formatMessageTime(clock.wall(), requestTime);
  const headers = {
    'Content-Type': 'application/json; charset=UTF-8',
    'Client-Id': clientId,
    'Request-Time': time,
    Signature: signer.sign({ path: signed, clientId, time, body: text }),
  };
  const limit = operation.startsWith('list') ? maxListBytes : maxBytes;
  try {
    return await transport.send(
      { method: 'POST', url, headers, body: text, timeoutMs, maxBytes: limit },
      signal,
    );
  } catch (error) {
    if (error instanceof ReconcileError) throw classifyTransport(error, kindOf(operation));
    throw error;
  }
}

/** The request's URL and the path that both signatures stand for. */
function pathsOf(
  { endpoint, pathPrefix = defaultPathPrefix, routes = {}, signedPath = 'full' }: HttpConnection,
  operation: Operation,
): { readonly url: string; readonly signed: string } {
  const route = (routes[operation] ?? defaultRoutes[operation]).replace(/^\/+/, '');
  const url = URL.parse(`${pathPrefix}${route}`, endpoint);
  if (url === null)
    throw new ReconcileError('SettingsInvalid', 'the endpoint is not a URL', {
      nextStep: 'see endpoint of the connection: scheme, host and port',
    });
  return { url: url.href, signed: signedPath === 'full' ? url.pathname : `/${route}` };
}

interface Expected {
  readonly connection: HttpConnection;
  readonly verifier: Verifier;
  readonly signed: string;
}

function trustOf({ headers, body }: WireResponse, expected: Expected): Trust {
  const header = headers['signature'];
  if (header === undefined) return 'unsigned';
  const { clientId } = expected.connection;
  const time = headers['response-time'];
  // An answer made for somebody else is no answer to us, whoever signed it.
  if (time === undefined || (headers['client-id'] ?? clientId) !== clientId) return 'forged';
  const message = { path: expected.signed, clientId, time, body };
  return expected.verifier.verify(message, header) ? 'signed' : 'forged';
}

/** The body as JSON; undefined where it is none, or says that it is something else. */
function parseBody({ headers, body }: WireResponse): unknown {
  const type = headers['content-type'] ?? 'application/json';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** A verified answer from another time is a recording, or one of the two clocks is wrong. */
function freshTime(
  response: WireResponse,
  { operation, kind, now }: { operation: Operation; kind: CallKind; now: EpochMs },
): EpochMs {
  const time = parseMessageTime(response.headers['response-time'] ?? '');
  if (time !== undefined && Math.abs(time - now) <= clockWindowMs) return time;
  if (time === undefined) throw failureError(operation, malformed('Response-Time', kind));
  throw failureError(operation, {
    code: kind === 'write' ? 'OutcomeUnknown' : 'ResponseUntrusted',
    why: `the answer's time is ${String(Math.round((time - now) / 1000))} s from this machine's`,
    nextStep: 'set the clock of this machine, or of the platform',
  });
}
