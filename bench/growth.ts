import { atMost, reference, type Measure } from './measure.ts';
import { inFolder, serve } from './process.ts';

interface Sizes {
  readonly passes: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly handles: number;
}

const early = 2_000;
const late = 20_000;

/**
 * Whether many passes leave anything behind: the loop in a process of its own against an emulator in another, over a
 * socket; time is virtual, so that weeks of sweeps take minutes.
 */
export const controllerGrowth: Measure = () =>
  inFolder(async (folder) => {
    const platform = await serve<{ endpoint: string }>('serve-town.ts', ['60', '0', folder]);
    const loop = await serve<{ readonly ready: true }>(
      'serve-loop.ts',
      [platform.ready.endpoint, folder, String(early), String(late)],
      ['--expose-gc'],
    );
    try {
      const before = await loop.ask<Sizes>();
      const after = await loop.ask<Sizes>();
      const row = (what: string, a: number, b: number) =>
        atMost(5, {
          id: 'growth',
          what: `${what}: after ${String(after.passes)} passes beside ${String(before.passes)}`,
          value: (b / a - 1) * 100,
          unit: '%',
        });
      return [
        row('resident memory', before.rssMiB, after.rssMiB),
        row('handles', before.handles, after.handles),
        reference({
          id: 'growth',
          what: `heap after ${String(after.passes)} passes (was ${before.heapMiB.toFixed(1)})`,
          value: after.heapMiB,
          unit: 'MiB',
        }),
      ];
    } finally {
      await loop.stop();
      await platform.stop();
    }
  });
