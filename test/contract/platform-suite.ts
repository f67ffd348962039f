import { afterEach, describe } from 'vitest';

import {
  admin,
  type ContractPlatform,
  contractWorld,
  type MakePlatform,
  type Variant,
} from './contract-world.ts';
import { readingContract } from './suite-reading.ts';
import { statesContract } from './suite-states.ts';
import type { Harness } from './suite-words.ts';
import { writingContract } from './suite-writing.ts';

/**
 * What every platform does, whichever way it is reached and whatever it cannot do: the meaning of the ports, shown by
 * effects alone. `switches` are the platform's; the suite looks at capabilities only where an effect depends on one.
 */
export function platformContract(name: string, make: MakePlatform, switches: Variant = {}): void {
  const open: ContractPlatform[] = [];
  const harness: Harness = {
    switches,
    marks: switches.marks ?? true,
    conditional: switches.conditionalWrites ?? true,
    remembers: switches.requestIds ?? true,
    readable: switches.variables !== 'hidden',
    counted: switches.revisions !== 'contentHash',
    start: async (client = admin) => {
      const made = await make(contractWorld(switches), client);
      open.push(made);
      return made;
    },
  };

  describe(name, () => {
    afterEach(async () => {
      for (const made of open.splice(0)) await made.close();
    });

    readingContract(harness);
    writingContract(harness);
    statesContract(harness);
  });
}
