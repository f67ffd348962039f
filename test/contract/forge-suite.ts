import { afterEach, describe } from 'vitest';

import type { TelemetryEvent } from '../../src/ports/index.ts';
import { openForge } from '../../src/review/forges/index.ts';
import { forgeReads } from './forge-suite-reading.ts';
import { forgeFailures } from './forge-suite-failures.ts';
import { forgeWrites } from './forge-suite-writing.ts';
import { type ForgeStage, type Opened, portsFor } from './forge-stage.ts';

export type OpenStage = () => Promise<Opened>;

/**
 * What every forge does, whichever it is: the meaning of the port, shown on the forge itself.
 *
 * @param start  a forge with one repository and nothing in it
 */
export function forgeContract(name: string, start: () => Promise<ForgeStage>): void {
  const open: (() => Promise<void>)[] = [];
  const opened: OpenStage = async () => {
    const stage = await start();
    const told: TelemetryEvent[] = [];
    const ports = portsFor(told);
    open.push(async () => {
      ports.transport.close();
      await stage.close();
    });
    const forge = openForge(stage.settings, ports);
    return { stage, forge, clock: ports.clock, told, signal: new AbortController().signal };
  };

  describe(name, () => {
    afterEach(async () => {
      for (const close of open.splice(0)) await close();
    });

    forgeReads(opened);
    forgeWrites(opened);
    forgeFailures(opened);
  });
}
