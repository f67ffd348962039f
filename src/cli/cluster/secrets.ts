import { fingerprintIndex, type SecretVerdict } from '../../core/model/observed.ts';
import { namespaceOf } from '../../core/resolve/trust.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { SecretRef } from '../../core/words/fields.ts';
import { SecretText } from '../../core/words/secret-text.ts';
import type { SecretReader } from '../../ports/cluster.ts';
import type { SecretStore } from '../../ports/index.ts';
import { fingerprintsOf, type ConnectionKeys } from '../../secrets/map.ts';

/**
 * What a Secret is wanted for. Of the controller's own namespace nobody has to say that we may; everywhere else its
 * owner says by a label whether it may go to the platform or is for Git, and to which Git server it may be sent.
 * Otherwise whoever writes a GitSource could have any of a namespace's keys sent to a server of their own.
 */
export type SecretUse =
  | { readonly kind: 'own' }
  | { readonly kind: 'platform' }
  | { readonly kind: 'git'; readonly sentTo?: string };

/** A Secret of one namespace is never looked for in another one. */
export interface SecretPlace {
  readonly namespace: string;
  readonly ref: SecretRef;
  readonly use: SecretUse;
}

/**
 * The text under a key of a Secret.
 *
 * @throws ReconcileError `SecretUnavailable`, in words that never hold the value; `ClusterUnavailable`, `ClusterRefused`
 */
export async function readSecret(
  reader: SecretReader,
  { namespace, ref: { name, key }, use }: SecretPlace,
  signal: AbortSignal,
): Promise<SecretText> {
  const found = await reader.secret(namespace, name, signal);
  if (!found) throw refused(`there is no Secret ${name} in namespace ${namespace}`, 'create it');
  refuseUse(use, found, `Secret ${name} of namespace ${namespace}`);
  const bytes = Object.hasOwn(found.data, key) ? found.data[key] : undefined;
  if (bytes === undefined)
    throw refused(`Secret ${name} of namespace ${namespace} has no key ${key}`, 'add the key');
  return new SecretText(textOf(bytes, { name, key }));
}

function refuseUse(
  use: SecretUse,
  { use: label, gitHost }: { readonly use?: string; readonly gitHost?: string },
  secret: string,
): void {
  if (use.kind === 'platform' && label !== 'true')
    throw refused(
      `${secret} is not labelled for us`,
      'label it fairlead.dev/use: "true", if it may be sent to the platform',
    );
  if (use.kind !== 'git') return;
  if (label !== 'git')
    throw refused(
      `${secret} is not labelled for Git`,
      'label it fairlead.dev/use: git, if repositories may be read with it',
    );
  if (use.sentTo !== undefined && gitHost !== use.sentTo)
    throw refused(
      `${secret} may not be sent to ${use.sentTo}`,
      `annotate it fairlead.dev/git-host: ${use.sentTo}, if that is its server`,
    );
}

function textOf(bytes: Uint8Array, { name, key }: SecretRef): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Without a cause: it could show bytes.
    throw refused(`key ${key} of Secret ${name} is not UTF-8 text`, 'write it as text');
  }
  if (text === '') throw refused(`key ${key} of Secret ${name} is empty`, 'give it a value');
  return text;
}

function refused(message: string, nextStep: string): ReconcileError {
  return new ReconcileError('SecretUnavailable', message, { nextStep });
}

export interface ClusterSecretsOptions {
  readonly reader: SecretReader;
  /** By connection. */
  readonly keys: Readonly<Record<string, ConnectionKeys>>;
}

/** Secrets of declarations: of the namespace of their source, by name, when they are asked for. */
export function clusterSecrets({ reader, keys }: ClusterSecretsOptions): SecretStore {
  const open: SecretStore['open'] = (source, ref, signal) =>
    readSecret(reader, { namespace: namespaceOf(source), ref, use: { kind: 'platform' } }, signal);
  return {
    open,
    async fingerprints(connection, wanted, signal) {
      const own = keys[connection] ?? { previous: [] };
      const entries = await Promise.all(
        wanted.map(async ({ source, ref }) => {
          const verdict = await judge(() => open(source, ref, signal), own);
          return [fingerprintIndex(source, ref), verdict] as const;
        }),
      );
      return { ...own, secrets: Object.fromEntries(entries) };
    },
  };
}

/** What the store says no to is a verdict; an API server that does not answer says nothing of the secret. */
async function judge(
  open: () => Promise<SecretText>,
  keys: ConnectionKeys,
): Promise<SecretVerdict> {
  try {
    return { state: 'known', fingerprints: fingerprintsOf(await open(), keys) };
  } catch (error) {
    if (!(error instanceof ReconcileError) || error.code === 'ClusterUnavailable') throw error;
    const { message, nextStep } = error;
    return { state: 'unavailable', message: nextStep ? `${message} (${nextStep})` : message };
  }
}
