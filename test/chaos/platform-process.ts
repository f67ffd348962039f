import { startEmulator } from '../../src/emulator/server.ts';
import { readWorld } from '../../src/emulator/lock.ts';
import type { RuleId } from '../../src/emulator/world/rules.ts';

/*
 * A platform as a process of its own, to be killed: DATA_DIR WORLD_FILE [RULE_TO_DO_WITHOUT...].
 * Says its address in one line of JSON when it is ready.
 */
const [dataDir = '', worldFile = '', ...without] = process.argv.slice(2);
const emulator = await startEmulator({
  dataDir,
  world: await readWorld(worldFile),
  without: without as RuleId[],
});
await emulator.clientKeyPair();
console.log(JSON.stringify({ url: emulator.url, platformPublicKey: emulator.platformPublicKey }));
