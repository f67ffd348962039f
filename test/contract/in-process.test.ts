import { epochMs } from '../../src/core/words/time.ts';
import { createHost } from '../../src/emulator/host.ts';
import { worldPlatform } from '../../src/emulator/in-process.ts';
import { createWorld } from '../../src/emulator/world/create.ts';
import { type MakePlatform, variants } from './contract-world.ts';
import { platformContract } from './platform-suite.ts';

/** The rules of the emulator in this process, on a clock that stands. */
const inProcess: MakePlatform = async (file, client) => {
  const now = epochMs(1_767_323_045_000);
  const host = createHost(createWorld({ file: { ...file, clients: [{ id: client }] } }));
  return {
    platform: worldPlatform(host, {
      client,
      clock: { wall: () => now, mono: () => 0, sleep: async () => undefined },
    }),
    console: async (action) => {
      const { result } = host.console(action, now);
      if (result.resultStatus !== 'S') throw new Error(`${action.action}: ${result.resultCode}`);
    },
    close: async () => {
      host.close();
    },
  };
};

for (const { name, switches } of variants)
  platformContract(`in process, ${name}`, inProcess, switches);
