import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** The smallest RSA modulus that is accepted. */
const smallestKeyBits = 2048;

/**
 * Our private key, from PEM or from the bare base64 of PKCS#8 that consoles of this family hand out.
 *
 * @throws RangeError saying what is wrong with it, and nothing of it
 */
export function readPrivateKey(text: string): KeyObject {
  return readKey('private key', () => createPrivateKey(asPem(text, 'PRIVATE KEY')));
}

/**
 * The platform's public key, from PEM or from the bare base64 of SubjectPublicKeyInfo.
 *
 * @throws RangeError saying what is wrong with it, and nothing of it
 */
export function readPublicKey(text: string): KeyObject {
  if (text.includes('PRIVATE KEY')) throw new RangeError('this is a private key, not a public one');
  return readKey('public key', () => createPublicKey(asPem(text, 'PUBLIC KEY')));
}

function asPem(text: string, label: string): string {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN ')) return trimmed;
  return `-----BEGIN ${label}-----\n${trimmed}\n-----END ${label}-----\n`;
}

function readKey(what: string, read: () => KeyObject): KeyObject {
  const key = readOrUndefined(read);
  if (key === undefined) throw new RangeError(`the ${what} is neither PEM nor base64 of one`);
  if (key.asymmetricKeyType !== 'rsa') throw new RangeError(`the ${what} is not RSA`);
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < smallestKeyBits)
    throw new RangeError(`the ${what} has fewer than ${String(smallestKeyBits)} bits`);
  return key;
}

/** The library's own message may quote what it read, so none of it is kept. */
function readOrUndefined(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
