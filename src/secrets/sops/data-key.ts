import { armor, Decrypter } from 'age-encryption';
import { reveal, type SecretText } from '../../core/words/secret-text.ts';
import { Unreadable } from './tree.ts';

/**
 * The key of a document, by the first of its recipients that one of the identities is.
 *
 * @param keys        armored, one for each recipient
 * @param identities  `AGE-SECRET-KEY-1...`, valid ones
 * @throws Unreadable
 */
export async function dataKey(
  keys: readonly string[],
  identities: readonly SecretText[],
): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(reveal(identity));
  for (const key of keys) {
    const opened = await opens(decrypter, key);
    if (opened?.byteLength === 32) return opened;
  }
  throw new Unreadable('none of its recipients is one of the ageIdentities of the settings');
}

async function opens(decrypter: Decrypter, armored: string): Promise<Uint8Array | undefined> {
  try {
    return await decrypter.decrypt(armor.decode(armored));
  } catch {
    // Another recipient's, or damaged: the next one may do. What the library says could hold bytes of it.
    return undefined;
  }
}
