import { isUtf8 } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import { ReconcileError } from '../core/words/errors.ts';
import { SecretText } from '../core/words/secret-text.ts';
import { sealed, unseal } from './sops/cipher.ts';
import { dataKey } from './sops/data-key.ts';
import { readJson } from './sops/json.ts';
import { metadataOf, type Metadata } from './sops/metadata.ts';
import { plainBytes } from './sops/plaintext.ts';
import {
  entriesOf,
  isComment,
  limits,
  Unreadable,
  without,
  type Entry,
  type Tree,
} from './sops/tree.ts';
import { readYaml } from './sops/yaml.ts';

/** A value of a document whose sum was right. */
export interface OpenedValue {
  /** Names and list positions from 0, joined with dots. */
  readonly key: string;
  readonly text: SecretText;
  /**
   * `str`, `int`, `float`, `bool`, `bytes` or `time` as sops typed what it encrypted, `binary` where that is no UTF-8
   * text; `clear` for what stands unencrypted in the file, `none` for what is empty or absent.
   */
  readonly type: string;
  /** Where in a list it stands is not protected: an empty item before it would move it. */
  readonly inList: boolean;
}

/**
 * Every value of a document that sops encrypted for age: YAML and JSON by the end of the name, anything else as the
 * binary store writes it (JSON with one value, `data`).
 *
 * Which values are encrypted is seen from the values and not from the rules noted beside them (suffixes and patterns):
 * those are not protected, a pattern may be made to run for ever, and a value that lies about itself breaks the sum.
 * Nothing is believed before the sum over all values is right. As with sops, the sum covers neither names nor absent
 * values: an encrypted value is bound to its names by itself.
 *
 * @throws ReconcileError `SecretUnavailable`, naming the file and never a value
 */
export async function openEncrypted(
  file: string,
  bytes: Uint8Array,
  identities: readonly SecretText[],
): Promise<readonly OpenedValue[]> {
  try {
    const documents = read(file, textOf(bytes));
    const metadata = metadataOf(documents[0]);
    const key = await dataKey(metadata.keys, identities);
    const entries = documents.flatMap((document) => entriesOf(without(document, 'sops')));
    const walked = entries.map((entry) => walk(entry, key));
    verify(walked, metadata, key);
    return walked.flatMap(({ opened }) => opened ?? []);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    // Without a cause: nothing that has seen the text leaves here.
    throw new ReconcileError('SecretUnavailable', `encrypted document ${file}: ${error.message}`, {
      nextStep:
        'see that `sops decrypt` opens it with the age key of the settings, and commit it anew',
    });
  }
}

function textOf(bytes: Uint8Array): string {
  if (bytes.byteLength > limits.bytes) throw new Unreadable('it is larger than 1 MiB');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Unreadable('it is not UTF-8 text');
  }
}

function read(file: string, text: string): readonly Tree[] {
  if (/\.ya?ml$/i.test(file)) return readYaml(text);
  if (/\.(?:env|ini)$/i.test(file))
    throw new Unreadable('env and ini files are not read; keep it as YAML or JSON');
  return [readJson(text)];
}

interface Walked {
  /** What it adds to the sum. */
  readonly summed: Buffer;
  readonly isEncrypted: boolean;
  /** Absent for comments. */
  readonly opened?: OpenedValue;
}

function walk({ place, names, scalar }: Entry, key: Uint8Array): Walked {
  const at = { key: place.join('.'), inList: place.length > names.length };
  const found = scalar.kind === 'text' ? sealed(scalar.text) : undefined;
  if (!found) {
    const text = plainBytes(scalar);
    const type = text === '' ? 'none' : 'clear';
    const opened = { ...at, text: new SecretText(text), type };
    return { summed: Buffer.from(text, 'utf8'), isEncrypted: false, opened };
  }
  const plain = unseal(found, key, `${names.join(':')}:`);
  if (!plain)
    throw new Unreadable(`the value at ${shown(at.key)} was not encrypted for this place`);
  if (isComment(scalar)) return { summed: Buffer.alloc(0), isEncrypted: true };
  const type = isUtf8(plain) ? found.type : 'binary';
  const opened = { ...at, text: new SecretText(plain.toString('utf8')), type };
  return { summed: plain, isEncrypted: true, opened };
}

/** Names of a stranger's document may be made to look like anything else in a log. */
function shown(key: string): string {
  return /^[\p{L}\p{N}_. -]{1,200}$/u.test(key) ? key : '(a name that is not shown)';
}

/** SHA-256 of "sops": what a sum over encrypted values alone begins with. */
const onlyEncryptedStart = Buffer.from(
  '8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69',
  'hex',
);

function verify(walked: readonly Walked[], metadata: Metadata, key: Uint8Array): void {
  const { lastModified, mac, onlyEncrypted } = metadata;
  const hash = createHash('sha512');
  if (onlyEncrypted) hash.update(onlyEncryptedStart);
  for (const { summed, isEncrypted } of walked)
    if (isEncrypted || !onlyEncrypted) hash.update(summed);
  const noted = sealed(mac);
  const expected = noted && unseal(noted, key, lastModified);
  const sum = Buffer.from(hash.digest('hex').toUpperCase(), 'latin1');
  if (expected?.byteLength !== sum.byteLength || !timingSafeEqual(expected, sum))
    throw new Unreadable('its sum is wrong: it was changed without sops');
}
