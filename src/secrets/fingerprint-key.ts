import { createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto';
import { FingerprintKey } from '../core/words/digests.ts';
import { ReconcileError } from '../core/words/errors.ts';

/**
 * The fingerprint key of a connection that names none: HKDF-SHA-256 of the client's private key.
 *
 * Taken from the key itself (PKCS #8 DER), so that another PEM layout of one key gives one fingerprint key.
 */
export function derivedFingerprintKey(privateKey: KeyObject): FingerprintKey {
  const material = privateKey.export({ type: 'pkcs8', format: 'der' });
  return new FingerprintKey(
    new Uint8Array(hkdfSync('sha256', material, '', 'fairlead fingerprint key', 32)),
  );
}

/**
 * A fingerprint key as the administrator wrote it: a private key in PEM is used as one that is derived from it, any
 * other text is taken as it stands.
 *
 * @throws ReconcileError `SettingsInvalid` below 16 bytes, or for a PEM that holds no private key
 */
export function givenFingerprintKey(text: string): FingerprintKey {
  if (text.includes('-----BEGIN')) return derivedFingerprintKey(readPrivateKey(text));
  const bytes = new TextEncoder().encode(text.trim());
  if (bytes.byteLength < 16) {
    throw new ReconcileError('SettingsInvalid', 'a fingerprint key has at least 16 bytes', {
      nextStep: 'make one: openssl rand -base64 32',
    });
  }
  return new FingerprintKey(bytes);
}

function readPrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // Without a cause: it could quote the text.
    throw new ReconcileError('SettingsInvalid', 'the fingerprint key is no PEM private key', {
      nextStep: 'name a private key without passphrase, or any text of 16 bytes or more',
    });
  }
}
