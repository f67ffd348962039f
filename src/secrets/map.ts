import type { Settings } from '../core/kinds/index.ts';
import { fingerprintIndex, type SecretVerdict } from '../core/model/observed.ts';
import type { Fingerprint, FingerprintKey } from '../core/words/digests.ts';
import { ReconcileError } from '../core/words/errors.ts';
import type { SecretRef } from '../core/words/fields.ts';
import { SecretText } from '../core/words/secret-text.ts';
import type { SecretStore, WantedSecret } from '../ports/index.ts';
import type { EncryptedSources, ReadEncrypted } from './encrypted.ts';
import { readValue } from './value.ts';

type Mapping = NonNullable<Settings['spec']['secrets']>[number];
type ValueAt = Mapping['keys'][string];

/** Keys under which a connection's secrets are fingerprinted. */
export interface ConnectionKeys {
  /** Absent offline. */
  readonly key?: FingerprintKey;
  /** Keys of before a rotation, newest first. */
  readonly previous: readonly FingerprintKey[];
}

/** A secret's fingerprints by key id, under every key of a connection. */
export function fingerprintsOf(
  secret: SecretText,
  { key, previous }: ConnectionKeys,
): Readonly<Record<string, Fingerprint>> {
  const all = [...(key ? [key] : []), ...previous];
  return Object.fromEntries(all.map((each) => [each.id, each.fingerprint(secret)]));
}

export interface SecretMapOptions extends EncryptedSources {
  /** `secrets` of the Settings; absent: no store is configured, and every secret stays `unverified`. */
  readonly mappings: readonly Mapping[] | undefined;
  /** The settings hold a GitSource: then a mapping without `for` is nobody's. */
  readonly needsFor: boolean;
  readonly connections: Readonly<Record<string, ConnectionKeys>>;
}

/**
 * Secrets as the administrator's settings map them.
 *
 * A source sees exactly the names that are mapped `for` it; a name it may not use is refused in the same words whether it
 * exists or not, and finds encrypted documents among its own alone. Values are read when they are asked for and never
 * kept; a document is opened once for all that is asked together.
 */
export function createSecretMap(options: SecretMapOptions): SecretStore {
  return {
    async fingerprints(connection, wanted, signal) {
      const keys = options.connections[connection] ?? { previous: [] };
      const read = readerOf(options);
      const entries = await Promise.all(
        wanted.map(async (each) => {
          signal.throwIfAborted();
          return [
            fingerprintIndex(each.source, each.ref),
            await judge(each, keys, { options, read }),
          ] as const;
        }),
      );
      return { ...keys, secrets: Object.fromEntries(entries) };
    },
    async open(source, ref, signal) {
      signal.throwIfAborted();
      return openMapped(source, ref, { options, read: readerOf(options) });
    },
  };
}

interface Reading {
  readonly options: SecretMapOptions;
  readonly read: (source: string, at: ValueAt) => Promise<string>;
}

/** What opens encrypted documents is loaded where there are any. */
function readerOf(options: SecretMapOptions): Reading['read'] {
  let opener: Promise<ReadEncrypted> | undefined;
  return async (source, { encrypted, ...plain }) => {
    if (!encrypted) return readValue(plain, options);
    opener ??= import('./encrypted.ts').then((module) => module.encryptedReader(options));
    return (await opener)(source, encrypted);
  };
}

async function judge(
  { source, ref }: WantedSecret,
  keys: ConnectionKeys,
  reading: Reading,
): Promise<SecretVerdict> {
  if (!reading.options.mappings) return { state: 'unverified' };
  try {
    const secret = await openMapped(source, ref, reading);
    return { state: 'known', fingerprints: fingerprintsOf(secret, keys) };
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return { state: 'unavailable', message: error.message };
  }
}

async function openMapped(
  source: string,
  ref: SecretRef,
  { options, read }: Reading,
): Promise<SecretText> {
  return new SecretText(await read(source, find(source, ref, options)));
}

function find(source: string, ref: SecretRef, { mappings, needsFor }: SecretMapOptions): ValueAt {
  const granted = (mappings ?? []).filter(
    (mapping) => mapping.name === ref.name && isFor(mapping, source, needsFor),
  );
  if (granted.length === 0)
    throw refused(`no secret ${ref.name} is mapped for ${source}`, source, ref);
  // `Object.hasOwn`: a key called like a member of every object is still no key.
  const holder = granted.find(({ keys }) => Object.hasOwn(keys, ref.key));
  const value = holder?.keys[ref.key];
  if (!value) throw refused(`secret ${ref.name} has no key ${ref.key}`, source, ref);
  return value;
}

function isFor(mapping: Mapping, source: string, needsFor: boolean): boolean {
  return mapping.for === undefined ? !needsFor : mapping.for.includes(source);
}

function refused(message: string, source: string, ref: SecretRef): ReconcileError {
  return new ReconcileError('SecretUnavailable', message, {
    nextStep: `have the administrator map ${ref.name}/${ref.key} for ${source} in the Settings`,
  });
}
