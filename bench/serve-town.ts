/**
 * A town of a given size on a socket, every declared record already adopted: `node bench/serve-town.ts TARGETS FOREIGN`.
 * Prints one JSON line `{endpoint, pid}` and writes a ready connection into the folder it is given.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseFile } from '../src/core/yaml/parse.ts';
import { startEmulator } from '../src/emulator/server.ts';
import { createWorld } from '../src/emulator/world/create.ts';
import { adopted, fingerprintKey } from './adopted.ts';
import { townDeclarations, townWorld } from './town.ts';

const [targets = '1000', foreign = '0', folder = '.'] = process.argv.slice(2);
const size = { targets: Number(targets), foreign: Number(foreign) };
const bare = createWorld({ file: townWorld(size) });
const documents = townDeclarations(size).flatMap(
  ({ name, text }) =>
    parseFile({ source: 'cli', file: name, bytes: new TextEncoder().encode(text) }, 'declarations')
      .documents,
);
const world = await adopted(bare, { source: 'cli', documents });
const emulator = await startEmulator({ world });
const client = await emulator.clientKeyPair();
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'client.pem'), client.privateKey, { mode: 0o600 });
await writeFile(join(folder, 'platform.pem'), emulator.platformPublicKey);
await writeFile(join(folder, 'fingerprint.txt'), fingerprintKey, { mode: 0o600 });
await writeFile(
  join(folder, 'connections.yaml'),
  [
    'apiVersion: fairlead.dev/v1alpha1',
    'kind: PlatformConnection',
    'metadata: { name: default }',
    'spec:',
    '  platformId: emulator',
    '  driver: http',
    `  endpoint: ${emulator.url}`,
    '  clientId: fairlead-ci',
    '  privateKey: { file: client.pem }',
    '  platformPublicKey: { file: platform.pem }',
    '  fingerprintKey: { file: fingerprint.txt }',
    '  requestsPerSecond: 1000',
    '  gates: { maxChanges: "off", maxPercent: "off" }',
    '',
  ].join('\n'),
);
process.stdout.write(`${JSON.stringify({ endpoint: emulator.url, pid: process.pid })}\n`);
