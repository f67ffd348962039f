import { ReconcileError } from '../core/words/errors.ts';
import { reveal } from '../core/words/secret-text.ts';
import { readIdentities, type AgeIdentity } from './identities.ts';
import { openEncrypted, type OpenedValue } from './sops.ts';
import { maxBytes, type ValueSources } from './value.ts';

/** The encrypted documents that sources declare now. */
export interface EncryptedSources extends ValueSources {
  readonly identities?: readonly AgeIdentity[] | undefined;
  /** The document at a path of a source's own; undefined where it has none. Absent: nobody has any. */
  readonly encrypted?: ((source: string, file: string) => Uint8Array | undefined) | undefined;
}

/** Where a value stands in a document. */
export interface EncryptedAt {
  readonly file: string;
  readonly key: string;
}

/** Reads a value of a source's document. @throws ReconcileError `SecretUnavailable` */
export type ReadEncrypted = (source: string, at: EncryptedAt) => Promise<string>;

/** Opens each document at most once, for the life of this function: what it opened stays in memory as long. */
export function encryptedReader(sources: EncryptedSources): ReadEncrypted {
  const opened = new Map<string, Promise<readonly OpenedValue[]>>();
  return async (source, at) => {
    const index = JSON.stringify([source, at.file]);
    const values = opened.get(index) ?? openDocument(source, at.file, sources);
    opened.set(index, values);
    return pick(await values, at);
  };
}

async function openDocument(
  source: string,
  file: string,
  sources: EncryptedSources,
): Promise<readonly OpenedValue[]> {
  const bytes = sources.encrypted?.(source, file);
  if (!bytes) throw unavailable(`source ${source} has no encrypted document ${file}`, notThere);
  const identities = await readIdentities(sources.identities ?? [], source, sources);
  return openEncrypted(file, bytes, identities);
}

const notThere =
  'commit the document at this path, counted from the root of the repository, or correct the path in the settings';

function pick(values: readonly OpenedValue[], { file, key }: EncryptedAt): string {
  const [found, second] = values.filter((value) => value.key === key);
  const at = `encrypted document ${file}`;
  if (!found) throw unavailable(`${at} has no value at ${key}`, 'correct the key in the settings');
  if (second) throw unavailable(`${at} has two values at ${key}`, 'rename one of them with sops');
  const text = withoutFileEnd(reveal(found.text), file);
  const wrong = found.inList ? listed : refusals[text === '' ? 'none' : found.type];
  if (wrong) throw unavailable(`${at}: the value at ${key} ${wrong.is}`, wrong.nextStep);
  if (Buffer.byteLength(text) > maxBytes)
    throw unavailable(`${at}: the value at ${key} is larger than 64 KiB`, 'keep a smaller value');
  return text;
}

const listed = {
  is: 'stands in a list, and nothing protects its place there',
  nextStep: 'give the value a name of its own with `sops edit`',
};
const quoteIt = 'write it in quotes with `sops edit`: YAML and JSON may change how it is spelt';
const refusals: Readonly<Record<string, { readonly is: string; readonly nextStep: string }>> = {
  none: { is: 'is empty', nextStep: 'set it with `sops edit`' },
  clear: {
    is: 'stands there unencrypted, for everybody to read and to change',
    nextStep: 'give it a name that sops encrypts, encrypt the document anew, and change the secret',
  },
  binary: { is: 'is not UTF-8 text', nextStep: 'keep it as text, base64 for instance' },
  int: { is: 'is a number', nextStep: quoteIt },
  float: { is: 'is a number', nextStep: quoteIt },
  bool: { is: 'is true or false', nextStep: quoteIt },
  time: { is: 'is a date', nextStep: quoteIt },
};

/** A whole file that was encrypted as it is: as with files of the settings, a line end at its end is no part of the value. */
function withoutFileEnd(text: string, file: string): string {
  return /\.(?:ya?ml|json)$/i.test(file) ? text : text.replace(/\r?\n$/, '');
}

function unavailable(message: string, nextStep: string): ReconcileError {
  return new ReconcileError('SecretUnavailable', message, { nextStep });
}
