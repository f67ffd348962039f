import { readPublicKey } from '../protocol/keys.ts';
import * as validators from '../protocol/generated/requests.js';
import { clockWindowMs, parseMessageTime } from '../protocol/message-time.ts';
import { defaultRoutes, operations, type Operation } from '../protocol/operations.ts';
import { parseSignature, verify } from '../protocol/signature.ts';
import { refused, type Refused } from './world/answers.ts';
import type { Client, World } from './world/state.ts';
import type { CallRequest } from './world.ts';

/** A message as it came from the socket. */
export interface Received {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Route and sender conventions of a tenant. */
export interface Convention {
  readonly pathPrefix: string;
  readonly signedPath: 'full' | 'withoutPrefix';
}

/** A call to perform, or an answer in its place. Only a trusted sender gets a signed answer. */
export type Judged =
  | { readonly kind: 'call'; readonly request: CallRequest }
  | {
      readonly kind: 'refused';
      readonly answer: Refused;
      readonly client: string;
      readonly operation: Operation | 'unknown';
      readonly signed: boolean;
    };

/** The operation a path names. */
function operationAt(path: string, { pathPrefix }: Convention): Operation | undefined {
  return operations.find((operation) => path === `${pathPrefix}${defaultRoutes[operation]}`);
}

/** The path that is signed, by the tenant's convention. */
export function signedPathOf(path: string, { pathPrefix, signedPath }: Convention): string {
  return signedPath === 'full' ? path : `/${path.slice(pathPrefix.length)}`;
}

/** Why a message's sender is not believed; undefined when it is. */
export type Distrust = (
  world: World,
  received: Received,
  convention: Convention,
) => Refused | undefined;

interface Judge {
  readonly host: { world(): World };
  readonly convention: Convention;
  readonly distrust: Distrust;
  readonly now: () => number;
}

/** Checks a message from outside in: method, route, sender, signature, clock, body. */
export function judge({ host, convention, distrust, now }: Judge, received: Received): Judged {
  const operation = operationAt(received.path, convention);
  const client = headerOf(received, 'client-id');
  const refuse = (answer: Refused, signed: boolean): Judged => ({
    ...{ kind: 'refused', answer, signed },
    ...{ client, operation: operation ?? 'unknown' },
  });
  if (received.method !== 'POST')
    return refuse(refused('METHOD_NOT_SUPPORTED', 'POST only'), false);
  const reason = distrust(host.world(), received, convention);
  if (reason) return refuse(reason, false);
  if (!isTimely(received, now()))
    return refuse(refused('TIMESTAMP_INVALID', 'Request-Time is over five minutes off'), true);
  if (!operation) return refuse(refused('INVALID_API', 'there is no such operation'), true);
  const request = readRequest(client, operation, received.body);
  return 'result' in request ? refuse(request, true) : { kind: 'call', request };
}

/** Believes who signs with a key of the client it names. */
export const distrustUnsigned: Distrust = (world, received, convention) => {
  const clientId = headerOf(received, 'client-id');
  const client = world.clients.get(clientId);
  if (!client) return refused('INVALID_CLIENT', 'Client-Id is unknown');
  const signature = parseSignature(headerOf(received, 'signature'));
  if (!signature) return refused('INVALID_SIGNATURE', 'Signature is missing or malformed');
  const key = keyOf(client, signature.keyVersion);
  if (key === undefined) return refused('KEY_NOT_FOUND', 'the client has no such key');
  const message = {
    path: signedPathOf(received.path, convention),
    clientId,
    time: headerOf(received, 'request-time'),
    body: received.body,
  };
  return verify(message, signature.signature, readPublicKey(key))
    ? undefined
    : refused('INVALID_SIGNATURE', 'Signature does not fit');
};

function keyOf({ keys }: Client, version: number | undefined): string | undefined {
  const found = version === undefined ? keys.at(-1) : keys.find((key) => key.version === version);
  return found?.publicKey;
}

function isTimely(received: Received, now: number): boolean {
  const time = parseMessageTime(headerOf(received, 'request-time'));
  return time !== undefined && Math.abs(now - time) <= clockWindowMs;
}

/** The body as a request of this operation, or PARAM_ILLEGAL. */
function readRequest(
  client: string,
  operation: Operation,
  bytes: Uint8Array,
): CallRequest | Refused {
  const body = parseJson(bytes);
  const isValid = validators[operation];
  if (isValid(body)) return { kind: 'call', client, operation, body } as CallRequest;
  const { instancePath = '', message = 'is not JSON' } = isValid.errors?.[0] ?? {};
  return refused('PARAM_ILLEGAL', `${instancePath || 'the body'} ${message}`.slice(0, 256));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

function headerOf({ headers }: Received, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
