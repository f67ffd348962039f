import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Brand } from './brand.ts';
import { reveal, type SecretText } from './secret-text.ts';

/** SHA-256 of a canonical value, base64url, 43 characters. */
export type Digest = Brand<string, 'Digest'>;
/** HMAC-SHA-256 of a secret, base64url, 43 characters. */
export type Fingerprint = Brand<string, 'Fingerprint'>;

/**
 * Canonical JSON.
 *
 * @throws TypeError on a value JSON cannot hold
 * @see RFC 8785
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/** SHA-256 of the value's canonical JSON. */
export function digestOf(value: unknown): Digest {
  return hash('sha256', canonicalJson(value), 'base64url') as Digest;
}

/** The first `count` hex characters of the value's SHA-256. */
export function hexDigest(value: unknown, count: number): string {
  return hash('sha256', canonicalJson(value), 'hex').slice(0, count);
}

const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * The key under which secrets are fingerprinted and request ids derived; one per workspace.
 *
 * Its id (4 characters) is derived from it and public; the key itself cannot be printed.
 */
export class FingerprintKey {
  readonly id: string;
  /** Made once: making it costs six times as much as using it. */
  readonly #key: KeyObject;

  /** @param key at least 16 bytes */
  constructor(key: Uint8Array) {
    if (key.byteLength < 16) throw new RangeError('a fingerprint key needs at least 16 bytes');
    this.#key = createSecretKey(key);
    this.id = createHmac('sha256', this.#key)
      .update('fairlead key id')
      .digest('base64url')
      .slice(0, 4);
  }

  /** The same value under the same key gives the same fingerprint, and nothing else can be told from it. */
  fingerprint(secret: SecretText): Fingerprint {
    return this.#hmac(canonicalJson(reveal(secret))) as Fingerprint;
  }

  /** HMAC of a message that may hold secrets; for request ids. 43 characters of base64url. */
  authenticate(message: string): string {
    return this.#hmac(message);
  }

  #hmac(message: string): string {
    return createHmac('sha256', this.#key).update(message).digest('base64url');
  }

  toJSON(): string {
    return `(key ${this.id})`;
  }

  [inspect](): string {
    return `(key ${this.id})`;
  }
}
