import { Buffer } from 'node:buffer';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import { ReconcileError } from '../../core/words/errors.ts';
import type { WireRequest, WireResponse } from '../../ports/index.ts';

/**
 * Sends a request that is not yet ended and reads its whole answer.
 *
 * @throws ReconcileError `PlatformUnavailable` while certainly no byte of the request was sent, `OutcomeUnknown` after;
 *   the signal's reason when it is aborted
 */
export function exchangeOnce(
  sent: ClientRequest,
  { body, timeoutMs, maxBytes }: WireRequest,
  signal: AbortSignal,
): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    const mayHaveLeft = watchConnection(sent);
    const stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    const fail = (error: Error) => {
      stop();
      reject(error);
      sent.destroy();
    };
    const abort = () => {
      fail(asError(signal.reason));
    };
    const timer = setTimeout(() => {
      fail(failed(`no answer within ${String(timeoutMs)} ms`, mayHaveLeft()));
    }, timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    sent.on('error', (error) => {
      fail(ofNode(error, mayHaveLeft()));
    });
    sent.on('response', (response) => {
      readBody(response, maxBytes).then((bytes) => {
        stop();
        resolve({
          status: response.statusCode ?? 0,
          headers: joinedHeaders(response),
          body: bytes,
        });
      }, fail);
    });
    sent.end(body);
  });
}

/** Whether a byte of the request may have reached the other side: a new connection must be established first. */
function watchConnection(sent: ClientRequest): () => boolean {
  let established = false;
  sent.on('socket', (socket: Socket) => {
    const isTls = socket instanceof TLSSocket;
    // Through a proxy the socket comes when all of that is done, and says it no more.
    established =
      sent.reusedSocket || (socket.readyState === 'open' && (!isTls || isShaken(socket)));
    if (established) return;
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      established = true;
    });
  });
  return () => established;
}

function isShaken(socket: TLSSocket): boolean {
  const protocol = socket.getProtocol();
  return protocol !== null && protocol !== 'unknown';
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof ReconcileError ? error : failed('the answer broke off', true);
  }
  if (!response.complete) throw failed('the answer broke off', true);
  return Buffer.concat(chunks);
}

function joinedHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function tooLarge(maxBytes: number): ReconcileError {
  return failed(`the answer is larger than ${String(maxBytes)} bytes`, true);
}

function failed(why: string, mayHaveLeft: boolean, nextStep?: string): ReconcileError {
  const code = mayHaveLeft ? 'OutcomeUnknown' : 'PlatformUnavailable';
  return new ReconcileError(code, why, nextStep === undefined ? {} : { nextStep });
}

/** Only the code is kept: a parser's error carries the bytes it stumbled over. */
function ofNode(error: Error, mayHaveLeft: boolean): ReconcileError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'no code';
  const why = mayHaveLeft ? `the connection failed (${code})` : `no connection (${code})`;
  return failed(why, mayHaveLeft, connectionNextStep(code));
}

function connectionNextStep(code: string): string | undefined {
  if (code === 'ADDRESS_REFUSED')
    return 'the name in endpoint leads to an address that is never asked: link-local, metadata, or over http another machine';
  if (/CERT|SIGNATURE|SELF_SIGNED|ISSUER|ALTNAME/.test(code))
    return 'the certificate is not trusted here: see caFile and the host name in endpoint';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'see the host name in endpoint';
  if (code === 'ECONNREFUSED') return 'nothing listens there: see endpoint of the connection';
  return undefined;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
