import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CliError } from '../exit.ts';
import { isInside } from './review-trust.ts';

const make = 'make a pair with: openssl genpkey -algorithm ed25519 -out FILE';

const give =
  'give the file of the public key, or the key itself: the line between the two of `openssl pkey -in FILE -pubout`, FILE being what signs';

/** The key that signs snapshots. @throws CliError `KeyInvalid` */
export async function signingKey(file: string): Promise<KeyObject> {
  return keyOf(file, await readKey(file, make), createPrivateKey);
}

/** DER of an Ed25519 public key, in base64, as `openssl pkey -pubout` prints it between its two lines. */
const bareKey = /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/;

/**
 * The key that snapshots are verified with.
 *
 * @param given  a file, or the key itself: it is public
 * @param top  of the checkout, in which it may not lie: a pull request could bring its own
 * @throws CliError `KeyInvalid`, `SettingsInCheckout`
 */
export async function verifyingKey(given: string, top: string | undefined): Promise<KeyObject> {
  if (bareKey.test(given))
    return createPublicKey({ key: Buffer.from(given, 'base64'), format: 'der', type: 'spki' });
  if (top !== undefined && isInside(given, top))
    throw new CliError('SettingsInCheckout', 'the key of the snapshot lies in the checkout', {
      nextStep: 'take it from the settings of the CI: a pull request could bring its own key',
    });
  const bytes = await readKey(given, give);
  if (bytes.includes('PRIVATE KEY'))
    throw new CliError('KeyInvalid', `${given} holds a private key`, {
      nextStep:
        'give the public one (openssl pkey -in FILE -pubout); where others could read this one, make a new pair',
    });
  return keyOf(given, bytes, createPublicKey);
}

async function readKey(file: string, nextStep: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CliError('KeyInvalid', `the key ${file} cannot be read`, { cause, nextStep });
  }
}

function keyOf(file: string, bytes: Buffer, create: (pem: Buffer) => KeyObject): KeyObject {
  const key = parsed(bytes, create);
  if (key?.asymmetricKeyType === 'ed25519') return key;
  // The reason is not told: it could repeat a part of a private key.
  throw new CliError('KeyInvalid', `${file} holds no Ed25519 key in PEM`, { nextStep: make });
}

function parsed(bytes: Buffer, create: (pem: Buffer) => KeyObject): KeyObject | undefined {
  try {
    return create(bytes);
  } catch {
    return undefined;
  }
}
