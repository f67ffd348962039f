import { epochMs } from '../core/words/time.ts';
import { formatMessageTime } from '../protocol/message-time.ts';
import type { Signer } from '../protocol/signature.ts';
import type { Result } from '../protocol/wire.ts';
import { signedPathOf, type Convention } from './receive.ts';

/** An answer ready for the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How an answer is maltreated on its way; all but `whole` are faults. */
export type Delivery =
  | { readonly kind: 'whole' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'trickle' }
  | { readonly kind: 'padded'; readonly megabytes: number };

export interface Delivered {
  readonly reply: Reply;
  readonly delivery: Delivery;
}

/** Any answer of the contract. */
export interface Answered {
  readonly result: Readonly<Result>;
}

/** Whom a signed answer is for. */
export interface Addressee {
  /** Path of the request. */
  readonly path: string;
  readonly client: string;
}

/** Speaks as the platform: signs what it says. */
export interface Voice {
  now(): number;
  sign(to: Addressee, said: { readonly status: number; readonly answer: object }): Reply;
}

export const jsonType = 'application/json; charset=UTF-8';

export function createVoice(options: {
  readonly signer: Signer;
  readonly convention: Convention;
  readonly now: () => number;
}): Voice {
  const { signer, convention, now } = options;
  return {
    now,
    sign: ({ path, client: clientId }, { status, answer }) => {
      const { headers, body } = plainReply(status, answer);
      const time = formatMessageTime(epochMs(now()), 'iso8601');
      const signable = { path: signedPathOf(path, convention), clientId, time, body };
      const signature = signer.sign(signable);
      const signed = { 'client-id': clientId, 'response-time': time, signature };
      return { status, headers: { ...headers, ...signed }, body };
    },
  };
}

/** Unsigned. */
export function plainReply(status: number, answer: object): Reply {
  const body = Buffer.from(JSON.stringify(answer));
  return { status, headers: { 'content-type': jsonType }, body };
}
