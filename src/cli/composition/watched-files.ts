import type { GitSource } from '../../core/kinds/git-source.ts';
import type { KeyFrom } from '../../core/kinds/platform-connection.ts';
import type { Administration, NamedConnection } from '../settings.ts';

/** A file whose content the controller uses, and who names it. */
export interface WatchedFile {
  readonly path: string;
  /** `privateKey of connection default`. */
  readonly what: string;
}

interface Named {
  readonly what: string;
  readonly file: string | undefined;
}

/**
 * Every file beside the settings that they name: keys, certificate authorities, credentials, signers, age identities,
 * webhook secrets. Not the values of `secrets`, which have an interval of their own.
 */
export function watchedFiles({
  connections,
  sources,
  settings,
  path,
}: Administration): readonly WatchedFile[] {
  const named = [
    ...connections.flatMap(ofConnection),
    ...sources.flatMap(({ name, spec }) => ofSource(`source ${name}`, spec)),
    ...(settings.ageIdentities ?? []).map((key) => keyFile('ageIdentities', key)),
    ...(settings.server?.webhooks ?? []).map(({ name, secret }) =>
      keyFile(`secret of webhook ${name}`, secret),
    ),
  ];
  const files = named.flatMap(({ what, file }) =>
    file === undefined ? [] : [{ what, path: path(file) }],
  );
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function ofConnection({ name, spec }: NamedConnection): readonly Named[] {
  const at = (field: string): string => `${field} of connection ${name}`;
  return [
    keyFile(at('privateKey'), spec.privateKey),
    keyFile(at('platformPublicKey'), spec.platformPublicKey),
    keyFile(at('fingerprintKey'), spec.fingerprintKey),
    ...(spec.previousFingerprintKeys ?? []).map((key) =>
      keyFile(at('previousFingerprintKeys'), key),
    ),
    { what: at('caFile'), file: spec.caFile },
  ];
}

function ofSource(source: string, spec: GitSource['spec']): readonly Named[] {
  const at = (field: string): string => `${field} of ${source}`;
  const { token, password, sshKey, knownHosts } = spec.credentials ?? {};
  return [
    keyFile(at('token'), token),
    keyFile(at('password'), password),
    keyFile(at('sshKey'), sshKey),
    keyFile(at('knownHosts'), knownHosts),
    keyFile(at('gpgKeys'), spec.signatures?.gpgKeys),
    keyFile(at('allowedSigners'), spec.signatures?.allowedSigners),
    { what: at('caFile'), file: spec.caFile },
  ];
}

function keyFile(what: string, key: KeyFrom | undefined): Named {
  return { what, file: key?.file };
}
