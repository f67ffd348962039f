/**
 * Loads a world of many releases, lists it once over a real socket in pages, and prints how many pages and how much
 * memory that took: `node bench/serve-many.ts RECORDS PAGE`.
 */
import { createHttpDriver } from '../src/platform/http/driver.ts';
import { createNodeTransport } from '../src/platform/http/transport.ts';
import { systemClock } from '../src/cli/system.ts';
import { startEmulator } from '../src/emulator/server.ts';
import { createWorld } from '../src/emulator/world/create.ts';
import { readPrivateKey, readPublicKey } from '../src/protocol/keys.ts';
import { createSigner, createVerifier } from '../src/protocol/signature.ts';
import { townWorld, workspace } from './town.ts';

const [records = '100000', pageSize = '1000'] = process.argv.slice(2);
const emulator = await startEmulator({
  world: createWorld({ file: townWorld({ targets: Number(records), foreign: 0 }) }),
});
const { privateKey } = await emulator.clientKeyPair();
const platform = createHttpDriver({
  connection: { endpoint: emulator.url, clientId: 'fairlead-ci', platformId: 'emulator' },
  pageSize: Number(pageSize),
  transport: createNodeTransport(),
  signer: createSigner({
    privateKey: readPrivateKey(privateKey),
    keyVersion: 1,
    encoding: 'urlEncodedBase64',
  }),
  verifier: createVerifier(readPublicKey(emulator.platformPublicKey)),
  clock: systemClock,
  telemetry: { emit: () => undefined },
});
let pages = 0;
let listed = 0;
for await (const { items } of platform.releases({ workspace }, new AbortController().signal)) {
  pages += 1;
  listed += items.length;
}
const maxRssMiB = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ records: listed, pages, maxRssMiB })}\n`);
