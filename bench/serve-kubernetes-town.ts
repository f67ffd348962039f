/**
 * The platform of a town in a cluster, every declared record already adopted:
 * `node bench/serve-kubernetes-town.ts PROGRAMS RELEASES TARGETS NAMESPACE`. Prints one JSON line `{endpoint, pid, manifests}`.
 */
import type { AnyDocument } from '../src/core/model/documents.ts';
import { epochMs } from '../src/core/words/time.ts';
import { readObject } from '../src/cli/cluster/objects.ts';
import { startEmulator } from '../src/emulator/server.ts';
import { createWorld } from '../src/emulator/world/create.ts';
import { adopted, fingerprintKey } from './adopted.ts';
import { townObjects, townPlatform, type TownObject } from './kubernetes-town.ts';

const [programs = '1000', releases = '1', targets = '10', namespace = ''] = process.argv.slice(2);
const spread = {
  ...{ programs: Number(programs), releases: Number(releases), targets: Number(targets) },
};

function documentOf({ kind, metadata, spec }: TownObject): AnyDocument {
  const head = { uid: metadata.name, generation: 1, resourceVersion: '1', createdAt: epochMs(0) };
  const more = { labels: {}, annotations: {}, status: undefined };
  const { change } = readObject({ kind, ...metadata, ...head, ...more, spec }, epochMs(0));
  if (change.kind !== 'valid') throw new Error(`${metadata.name} is ${change.kind}`);
  return change.document;
}

const documents = [...townObjects(spread, namespace)].map(documentOf);
const bare = createWorld({ file: townPlatform(spread) });
const world = await adopted(bare, { source: namespace, documents });
const emulator = await startEmulator({ world });
const { privateKey } = await emulator.clientKeyPair();

const secret = 'default-connection';
const from = (key: string) => ({ secretKeyRef: { name: secret, key } });
const manifests = [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secret, namespace: 'fairlead-system' },
    type: 'Opaque',
    stringData: { privateKey, platformPublicKey: emulator.platformPublicKey, fingerprintKey },
  },
  {
    apiVersion: 'fairlead.dev/v1alpha1',
    kind: 'PlatformConnection',
    metadata: { name: 'default' },
    spec: {
      platformId: 'emulator',
      driver: 'http',
      endpoint: emulator.url,
      clientId: 'fairlead-ci',
      privateKey: from('privateKey'),
      platformPublicKey: from('platformPublicKey'),
      fingerprintKey: from('fingerprintKey'),
      requestsPerSecond: 1000,
      gates: { maxChanges: 'off', maxPercent: 'off' },
      grants: [{ namespaces: ['*'] }],
    },
  },
];
process.stdout.write(
  `${JSON.stringify({ endpoint: emulator.url, pid: process.pid, manifests })}\n`,
);
