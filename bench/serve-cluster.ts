/**
 * A platform with records of several namespaces, all of them adopted, that may answer late: `node bench/serve-cluster.ts JSON`
 * with `{delayMs, requestsPerSecond, namespaces: [{name, programs, releases, targets}]}`. Prints one JSON line
 * `{endpoint, pid, manifests}`.
 */
import { readObject } from '../src/cli/cluster/objects.ts';
import type { AnyDocument } from '../src/core/model/documents.ts';
import { epochMs } from '../src/core/words/time.ts';
import { startEmulator } from '../src/emulator/server.ts';
import { createWorld } from '../src/emulator/world/create.ts';
import { adopted, fingerprintKey } from './adopted.ts';
import { type TownObject, townPlatform } from './kubernetes-town.ts';
import { objectsOf, type ScaleSettings, spreadOf } from './scale-town.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as ScaleSettings;

function documentOf({ kind, metadata, spec }: TownObject): AnyDocument {
  const head = { uid: metadata.name, generation: 1, resourceVersion: '1', createdAt: epochMs(0) };
  const more = { labels: {}, annotations: {}, status: undefined };
  const { change } = readObject({ kind, ...metadata, ...head, ...more, spec }, epochMs(0));
  if (change.kind !== 'valid') throw new Error(`${metadata.name} is ${change.kind}`);
  return change.document;
}

let world = createWorld({ file: townPlatform(spreadOf(settings)) });
for (const { name } of settings.namespaces) {
  const documents = objectsOf(settings, name).map(documentOf);
  world = await adopted(world, { source: name, documents });
}
const emulator = await startEmulator({
  world,
  ...(settings.delayMs > 0
    ? { faults: { rules: [{ effect: 'delay', delayMs: settings.delayMs }] } }
    : {}),
});
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
      requestsPerSecond: settings.requestsPerSecond,
      gates: { maxChanges: 'off', maxPercent: 'off', productionPayee: 'off' },
      grants: [{ namespaces: ['*'] }],
    },
  },
];
process.stdout.write(
  `${JSON.stringify({ endpoint: emulator.url, pid: process.pid, manifests })}\n`,
);
