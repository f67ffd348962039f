import { Buffer } from 'node:buffer';
import { type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto';

/** How a signature is written in its header; senders choose one, readers understand all three. */
export const signatureEncodings = ['urlEncodedBase64', 'base64', 'base64url'] as const;

export type SignatureEncoding = (typeof signatureEncodings)[number];

/** What a signature stands for: a request, or the response to it. */
export interface Signable {
  /** Path and query of the request, without scheme and host; the same for its response. */
  readonly path: string;
  /** `Client-Id`. */
  readonly clientId: string;
  /** `Request-Time` of a request, `Response-Time` of a response, exactly as sent. */
  readonly time: string;
  /** Byte for byte as sent. */
  readonly body: string | Uint8Array;
}

/** A `Signature` header, taken apart. */
export interface SignatureHeader {
  readonly algorithm: 'RSA256';
  /** Absent: the newest key of the client. */
  readonly keyVersion?: number;
  /** In any of the three encodings. */
  readonly signature: string;
}

/** Makes the `Signature` header of a message. Injected, so that a simulation can do without RSA. */
export interface Signer {
  sign(message: Signable): string;
}

/** Judges the `Signature` header of a message. */
export interface Verifier {
  verify(message: Signable, header: string): boolean;
}

/**
 * The bytes that are signed: one space after the method, one LF, two dots, the body untouched.
 *
 * @see docs/platform-api.md (S41, S47)
 */
export function stringToSign({ path, clientId, time, body }: Signable): Uint8Array {
  const head = Buffer.from(`POST ${path}\n${clientId}.${time}.`, 'utf8');
  return Buffer.concat([head, typeof body === 'string' ? Buffer.from(body, 'utf8') : body]);
}

/**
 * RSASSA-PKCS1-v1_5 with SHA-256 over `stringToSign`.
 *
 * @throws TypeError for a key that is not RSA
 */
export function sign(
  message: Signable,
  privateKey: KeyObject,
  encoding: SignatureEncoding = 'urlEncodedBase64',
): string {
  requireRsa(privateKey);
  return encodeSignature(signBytes('sha256', stringToSign(message), privateKey), encoding);
}

/**
 * Whether `signature`, in any encoding, is the message's under this key. False for anything malformed.
 *
 * @throws TypeError for a key that is not RSA
 */
export function verify(message: Signable, signature: string, publicKey: KeyObject): boolean {
  requireRsa(publicKey);
  const bytes = decodeSignature(signature);
  return bytes !== undefined && verifyBytes('sha256', stringToSign(message), publicKey, bytes);
}

/** `algorithm=RSA256, keyVersion=N, signature=...` */
export function formatSignature({ algorithm, keyVersion, signature }: SignatureHeader): string {
  const version = keyVersion === undefined ? '' : `, keyVersion=${String(keyVersion)}`;
  return `algorithm=${algorithm}${version}, signature=${signature}`;
}

/**
 * Reads comma-separated pairs in any order; names and the algorithm in any case, other pairs ignored.
 *
 * @returns undefined for another algorithm, a missing signature, or a name given twice
 */
export function parseSignature(header: string): SignatureHeader | undefined {
  const pairs = readPairs(header);
  const signature = pairs?.get('signature') ?? '';
  const algorithm = pairs?.get('algorithm') ?? 'RSA256';
  const keyVersion = pairs?.get('keyversion');
  if (signature === '' || algorithm.toUpperCase() !== 'RSA256') return undefined;
  if (keyVersion === undefined) return { algorithm: 'RSA256', signature };
  if (!/^[1-9]\d{0,8}$/.test(keyVersion)) return undefined;
  return { algorithm: 'RSA256', keyVersion: Number(keyVersion), signature };
}

/** A signer with a key of ours. */
export function createSigner(options: {
  readonly privateKey: KeyObject;
  readonly keyVersion: number;
  readonly encoding: SignatureEncoding;
}): Signer {
  const { privateKey, keyVersion, encoding } = options;
  requireRsa(privateKey);
  return {
    sign: (message) =>
      formatSignature({
        algorithm: 'RSA256',
        keyVersion,
        signature: sign(message, privateKey, encoding),
      }),
  };
}

/** A verifier with the other side's public key, whatever key version it names. */
export function createVerifier(publicKey: KeyObject): Verifier {
  requireRsa(publicKey);
  return {
    verify: (message, header) => {
      const parsed = parseSignature(header);
      return parsed !== undefined && verify(message, parsed.signature, publicKey);
    },
  };
}

const encoders = {
  urlEncodedBase64: (bytes) => encodeURIComponent(bytes.toString('base64')),
  base64: (bytes) => bytes.toString('base64'),
  base64url: (bytes) => bytes.toString('base64url'),
} as const satisfies Record<SignatureEncoding, (bytes: Buffer) => string>;

function encodeSignature(bytes: Buffer, encoding: SignatureEncoding): string {
  return encoders[encoding](bytes);
}

// RSA of 16,384 bits gives 2,732 characters, a third more when each is percent-encoded at worst.
const longestSignature = 8192;
const base64Text = /^[A-Za-z0-9+/_-]+={0,2}$/;

function decodeSignature(text: string): Buffer | undefined {
  if (text.length > longestSignature) return undefined;
  const plain = text.includes('%') ? percentDecoded(text) : text;
  return base64Text.test(plain) ? Buffer.from(plain, 'base64') : undefined;
}

/** Empty for a malformed escape. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Lower-case names to values; undefined if a name occurs twice. The first `=` ends the name: base64 has more. */
function readPairs(header: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>();
  for (const part of header.split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim().toLowerCase();
    if (name === '') continue;
    if (pairs.has(name)) return undefined;
    pairs.set(name, part.slice(at + 1).trim());
  }
  return pairs;
}

function requireRsa(key: KeyObject): void {
  if (key.asymmetricKeyType !== 'rsa') throw new TypeError('RSA256 needs an RSA key');
}
