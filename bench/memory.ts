import { atMost, type Measure } from './measure.ts';
import { cli, measured } from './process.ts';
import { withTown } from './town-served.ts';

async function peakAt(targets: number): Promise<number> {
  return withTown({ targets, foreign: 0 }, async (town) => {
    const { code, maxRssMiB } = await measured([cli, 'plan', town.declarations], town.env);
    if (code !== 0) throw new Error(`fairlead plan ended with ${String(code)}`);
    return maxRssMiB;
  });
}

/** P6: peak resident memory of a whole `fairlead plan` of the built program. */
export const memory: Measure = async () => [
  atMost(150, {
    id: 'P6',
    what: 'plan of 10,000 targets, peak memory',
    value: await peakAt(10_000),
    unit: 'MiB',
  }),
  atMost(512, {
    id: 'P6',
    what: 'plan of 100,000 targets, peak memory',
    value: await peakAt(100_000),
    unit: 'MiB',
  }),
];
