import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
// eslint-disable-next-line no-restricted-imports -- this is the door: what stands behind it asks through the port `Api`
import { request as httpsRequest } from 'node:https';
// eslint-disable-next-line no-restricted-imports -- types only
import type { IncomingMessage } from 'node:http';

import { ReconcileError } from '../core/words/errors.ts';
import type { Clock } from '../ports/index.ts';
import type { Access, Credentials } from './access.ts';
import type { Api, ApiAnswer, ApiRequest, ApiStream } from './api.ts';
import { withDeadline } from './deadline.ts';

export interface WirePorts {
  readonly access: Access;
  readonly clock: Clock;
  /** As the audit log shows it. */
  readonly userAgent: string;
}

/** Credentials are looked after this often: file reads and comparisons are not made for every call. */
const credentialsMs = 5_000;
/** Of an answer that failed: a Status object, not more. */
const longestFailure = 64 * 1024;

/** The API server over HTTP/1.1 with kept connections; no redirects. */
export function createWire({ access, clock, userAgent }: WirePorts): Api {
  let held: { readonly credentials: Promise<Credentials>; readonly until: number } | undefined;

  function credentials(): Promise<Credentials> {
    if (held === undefined || held.until <= clock.mono()) {
      const fresh = { credentials: access.credentials(), until: clock.mono() + credentialsMs };
      held = fresh;
      fresh.credentials.catch(() => {
        if (held === fresh) held = undefined;
      });
    }
    return held.credentials;
  }

  /** Reads credentials again, unless somebody else did since these were taken. */
  async function reload(used: Credentials | undefined): Promise<void> {
    const now = await held?.credentials.catch(() => undefined);
    if (now !== undefined && now !== used) return;
    held = undefined;
    access.reload();
  }

  async function begin(request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const used = await credentials();
    const first = await open(urlOf(access, request), { request, used, userAgent }, signal).catch(
      (error: unknown) => {
        if (isUntrusted(error)) return undefined;
        throw unavailable(error);
      },
    );
    if (first !== undefined && first.statusCode !== 401) return first;
    first?.resume();
    await reload(used);
    const again = await credentials();
    return open(urlOf(access, request), { request, used: again, userAgent }, signal).catch(
      (error: unknown) => {
        throw unavailable(error);
      },
    );
  }

  const limit = (request: ApiRequest) => ({
    clock,
    ms: request.timeoutMs,
    late: () => failed(`the API server did not answer within ${request.timeoutMs} ms`),
  });

  return {
    send: (request, signal) =>
      withDeadline(limit(request), signal, async (both) => {
        const response = await begin(request, both);
        return answerOf(response, await readAll(response, request.maxBytes));
      }),
    async stream(request, signal) {
      // The deadline is for the beginning; the stream itself lives as long as the caller's signal.
      const ended = new AbortController();
      const life = AbortSignal.any([signal, ended.signal]);
      try {
        return await withDeadline(limit(request), signal, async () => {
          const response = await begin(request, life);
          if (response.statusCode === 200) return streamOf(response, request.maxBytes);
          return answerOf(response, await readAll(response, longestFailure));
        });
      } catch (error) {
        ended.abort();
        throw error;
      }
    },
  };
}

function urlOf({ server }: Access, { path }: ApiRequest): URL {
  return new URL(`${server}${path}`);
}

interface Sending {
  readonly request: ApiRequest;
  readonly used: Credentials;
  readonly userAgent: string;
}

async function open(
  url: URL,
  { request, used, userAgent }: Sending,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const sent = httpsRequest(url, {
    method: request.method,
    agent: used.agent,
    signal,
    headers: {
      Accept: request.accept ?? 'application/json',
      'User-Agent': userAgent,
      ...used.headers,
      ...(request.body === undefined
        ? {}
        : {
            'Content-Type': request.contentType ?? 'application/json',
            'Content-Length': Buffer.byteLength(request.body),
          }),
    },
  });
  // What breaks after the answer has begun is told by the answer.
  sent.on('error', () => undefined);
  sent.end(request.body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

async function readAll(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > maxBytes) throw new BodyTooLarge(`the answer is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw unavailable(error);
  }
  if (!response.complete) throw failed('the answer of the API server broke off');
  return Buffer.concat(chunks).toString('utf8');
}

function answerOf(response: IncomingMessage, body: string): ApiAnswer {
  const status = response.statusCode ?? 0;
  const headers = Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
  return { status, headers, body: parsed(body, status) };
}

function parsed(body: string, status: number): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    if (status < 300) throw failed('the API server answered something that is not JSON');
    return undefined;
  }
}

function streamOf(response: IncomingMessage, maxBytes: number): ApiStream {
  return { status: 200, lines: linesOf(response, maxBytes) };
}

async function* linesOf(response: IncomingMessage, maxBytes: number): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (rest.length > maxBytes)
        throw failed(`a line of a watch is larger than ${maxBytes} bytes`);
    }
  } catch (error) {
    throw unavailable(error);
  } finally {
    response.destroy();
  }
  if (!response.complete || rest !== '') throw failed('a watch broke off');
}

export class BodyTooLarge extends ReconcileError {
  constructor(message: string) {
    super('ClusterUnavailable', message);
  }
}

/** Whether an answer was refused for its size alone: a smaller page may do. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof BodyTooLarge;
}

function failed(message: string): ReconcileError {
  return new ReconcileError('ClusterUnavailable', message);
}

/** Node's errors by their code alone; ours and the signal's as they are. */
function unavailable(error: unknown): Error {
  if (error instanceof ReconcileError) return error;
  if (error instanceof Error && error.name === 'AbortError')
    return error.cause instanceof Error ? error.cause : error;
  const code = codeOf(error) ?? 'no code';
  return new ReconcileError('ClusterUnavailable', `no answer from the API server (${code})`, {
    nextStep: isUntrusted(error)
      ? 'the certificate of the API server is not trusted: see the authority in the kubeconfig or the service account'
      : 'see whether the API server runs and can be reached from here',
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** The other side's certificate was not believed: nothing of the request has left. */
function isUntrusted(error: unknown): boolean {
  return /CERT|SIGNATURE|SELF_SIGNED|ISSUER|ALTNAME/.test(codeOf(error) ?? '');
}
