import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { reveal, type SecretText } from '../core/words/secret-text.ts';

/** Who calls, and so how the call is signed. */
export type WebhookForm = 'github' | 'gitlab' | 'gitea' | 'generic';

/** What the headers of a call say. Not believed before the proof holds. */
export interface CallHeaders {
  /** Undefined where no header of this form proves anything, or it cannot be right. */
  readonly proof: Proof | undefined;
  /** Of the delivery, where the caller names one. */
  readonly delivery: string | undefined;
  /** Whether the event may have moved a ref. */
  readonly isPush: boolean;
  /** Whether it may have opened, moved or closed a pull request, and no ref of the repository. */
  readonly isPull: boolean;
}

/** signature: HMAC-SHA-256 of the body's bytes. token: the secret itself. */
export type Proof =
  | { readonly kind: 'signature'; readonly bytes: Buffer }
  | { readonly kind: 'token'; readonly token: string };

interface Form {
  readonly proof: (headers: IncomingHttpHeaders) => Proof | undefined;
  /** Names, the first that is there counts. */
  readonly delivery: readonly string[];
  readonly event: string | undefined;
  readonly pushes: ReadonlySet<string>;
  readonly pulls: ReadonlySet<string>;
}

/**
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 * @see https://docs.gitlab.com/user/project/integrations/webhooks/
 * @see https://docs.gitea.com/usage/webhooks
 */
const forms: Readonly<Record<WebhookForm, Form>> = {
  github: {
    proof: (headers) => prefixed(headers, 'x-hub-signature-256'),
    delivery: ['x-github-delivery'],
    event: 'x-github-event',
    pushes: new Set(['push', 'create', 'delete']),
    pulls: new Set(['pull_request']),
  },
  gitlab: {
    proof: (headers) => {
      const token = one(headers, 'x-gitlab-token');
      return token === undefined ? undefined : { kind: 'token', token };
    },
    // The event's own id is shared by all events that one webhook set off in turn: it comes last.
    delivery: ['idempotency-key', 'webhook-id', 'x-gitlab-event-uuid'],
    event: 'x-gitlab-event',
    pushes: new Set(['Push Hook', 'Tag Push Hook', 'System Hook']),
    pulls: new Set(['Merge Request Hook']),
  },
  gitea: {
    proof: (headers) =>
      signature(one(headers, 'x-gitea-signature')) ?? prefixed(headers, 'x-hub-signature-256'),
    delivery: ['x-gitea-delivery', 'x-github-delivery'],
    event: 'x-gitea-event',
    pushes: new Set(['push', 'create', 'delete']),
    pulls: new Set(['pull_request', 'pull_request_sync']),
  },
  generic: {
    proof: (headers) => prefixed(headers, 'x-signature-256'),
    delivery: ['x-delivery'],
    event: undefined,
    pushes: new Set(),
    pulls: new Set(),
  },
};

/** Reads what a form's headers say. Pure; a header that was sent twice counts as none. */
export function readCallHeaders(form: WebhookForm, headers: IncomingHttpHeaders): CallHeaders {
  const { proof, delivery, event, pushes, pulls } = forms[form];
  const told = event === undefined ? undefined : one(headers, event);
  return {
    proof: proof(headers),
    delivery: delivery
      .map((name) => one(headers, name))
      .find((id) => id !== undefined && id !== ''),
    isPush: told === undefined || pushes.has(told),
    isPull: told !== undefined && pulls.has(told),
  };
}

function one(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function prefixed(headers: IncomingHttpHeaders, name: string): Proof | undefined {
  const value = one(headers, name);
  return value?.startsWith('sha256=') ? signature(value.slice('sha256='.length)) : undefined;
}

const sha256Hex = /^[\da-f]{64}$/i;

function signature(hex: string | undefined): Proof | undefined {
  if (hex === undefined || !sha256Hex.test(hex)) return undefined;
  return { kind: 'signature', bytes: Buffer.from(hex, 'hex') };
}

/** Takes a body as it comes and keeps none of it. */
export interface Verification {
  readonly take: (bytes: Uint8Array) => void;
  /** Once, after the last byte. In constant time: what is compared are two digests of one length. */
  readonly holds: () => boolean;
}

/** @param secret  not empty: an empty one proves nothing, and is refused before */
export function verify(proof: Proof, secret: SecretText): Verification {
  if (proof.kind === 'token') {
    const holds = timingSafeEqual(digest(proof.token), digest(reveal(secret)));
    return { take: () => undefined, holds: () => holds };
  }
  const hmac = createHmac('sha256', reveal(secret));
  return {
    take: (bytes) => {
      hmac.update(bytes);
    },
    holds: () => timingSafeEqual(hmac.digest(), proof.bytes),
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
