/**
 * A world of many releases on a socket, started as `fairlead emulator` starts one: `node bench/serve-many.ts RECORDS`.
 * Prints one JSON line when it is ready, and its peak memory for every line on standard input; ends with that input.
 */
import { keepHeapSmall } from '../src/emulator/heap.ts';
import { startEmulator } from '../src/emulator/server.ts';
import { bigWorld } from '../test/support/big-world.ts';

const [records = '100000'] = process.argv.slice(2);
keepHeapSmall();
const emulator = await startEmulator({ world: bigWorld({ releases: Number(records) }) });
const { privateKey } = await emulator.clientKeyPair();
const { url, platformPublicKey } = emulator;
process.stdout.write(`${JSON.stringify({ url, privateKey, platformPublicKey })}\n`);
process.stdin.on('data', () => {
  const maxRssMiB = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`${JSON.stringify({ maxRssMiB })}\n`);
});
process.stdin.on('end', () => process.exit(0));
