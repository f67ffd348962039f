import { basename, dirname, extname, join } from 'node:path';

import { stringify } from 'yaml';

import { writePrivate } from './data-directory.ts';
import type { Emulator } from './server.ts';

export interface ConnectionOut {
  /** Where the connection goes; key files go beside it. */
  readonly path: string;
  /** `kubernetes`: manifests, with the keys in a Secret of the controller's namespace. */
  readonly kind: 'file' | 'kubernetes';
  /** Default: the world's first client. */
  readonly client?: string;
}

const name = 'default';
const controllerNamespace = 'fairlead-system';
const secretName = 'default-connection';

/**
 * Writes a ready PlatformConnection named `default` for a running emulator, and the keys it needs; readable by its
 * owner alone.
 *
 * @returns the paths written
 */
export async function writeConnection(emulator: Emulator, out: ConnectionOut): Promise<string[]> {
  const clientId = out.client ?? emulator.client;
  const { privateKey } = await emulator.clientKeyPair(clientId);
  const spec = {
    platformId: emulator.host.world().platformId,
    driver: 'http',
    endpoint: emulator.url,
    clientId,
  };
  const keys = { privateKey, platformPublicKey: emulator.platformPublicKey };
  if (out.kind === 'kubernetes') {
    await writePrivate(out.path, manifests(spec, keys));
    return [out.path];
  }
  return writeFiles(out.path, spec, keys);
}

interface Keys {
  readonly privateKey: string;
  readonly platformPublicKey: string;
}

async function writeFiles(path: string, spec: object, keys: Keys): Promise<string[]> {
  const stem = basename(path, extname(path));
  const files = { privateKey: `${stem}.key.pem`, platformPublicKey: `${stem}.platform.pem` };
  const beside = (file: string) => join(dirname(path), file);
  const connection = connectionDocument({
    ...spec,
    privateKey: { file: files.privateKey },
    platformPublicKey: { file: files.platformPublicKey },
  });
  await writePrivate(beside(files.privateKey), keys.privateKey);
  await writePrivate(beside(files.platformPublicKey), keys.platformPublicKey);
  await writePrivate(path, stringify(connection, { lineWidth: 0 }));
  return [path, beside(files.privateKey), beside(files.platformPublicKey)];
}

function manifests(spec: object, keys: Keys): string {
  const from = (key: string) => ({ secretKeyRef: { name: secretName, key } });
  const connection = connectionDocument({
    ...spec,
    privateKey: from('privateKey'),
    platformPublicKey: from('platformPublicKey'),
    grants: [{ namespaces: ['*'] }],
  });
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName, namespace: controllerNamespace },
    type: 'Opaque',
    stringData: keys,
  };
  return [connection, secret].map((each) => stringify(each, { lineWidth: 0 })).join('---\n');
}

function connectionDocument(spec: object) {
  return {
    apiVersion: 'fairlead.dev/v1alpha1',
    kind: 'PlatformConnection',
    metadata: { name },
    spec,
  };
}
