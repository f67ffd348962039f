import { keepHeapSmall } from '../../src/emulator/heap.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { bigWorld } from './big-world.ts';

/*
 * A platform with many records as a process of its own: RELEASES [DATA_DIR]. Says its address and a key in one line of
 * JSON; tells its peak memory, MiB, for every line on stdin.
 */
const [releases = '100000', dataDir] = process.argv.slice(2);
keepHeapSmall();
const emulator = await startEmulator({
  world: bigWorld({ releases: Number(releases) }),
  ...(dataDir !== undefined && { dataDir }),
});
const { privateKey } = await emulator.clientKeyPair();
console.log(JSON.stringify({ url: emulator.url, privateKey }));
process.stdin.on('data', () => {
  console.log(
    JSON.stringify({
      peakMiB: process.resourceUsage().maxRSS / 1024,
      rssMiB: process.memoryUsage().rss / 1048576,
    }),
  );
});
