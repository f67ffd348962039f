import { join } from 'node:path';
import { root } from '../tools/files.ts';
import { atMost, type Measure } from './measure.ts';
import { measured, median } from './process.ts';
import { withTown } from './town-served.ts';

interface Pass {
  readonly cpuMs: readonly number[];
}

async function passAt(targets: number): Promise<number> {
  return withTown({ targets, foreign: 0 }, async (town) => {
    const { stdout } = await measured([join(root, 'bench', 'pass.ts'), town.folder], town.env);
    const { cpuMs } = JSON.parse(stdout) as Pass;
    return median(cpuMs);
  });
}

/** P3: CPU of a warm no-op pass of the engine over a real socket, with signatures; the slope between two sizes. */
export const warmPass: Measure = async () => {
  const [small, large] = [await passAt(2000), await passAt(10_000)];
  return [
    atMost(30, {
      id: 'P3',
      what: 'warm no-op pass, CPU per 1,000 targets (slope 2k to 10k)',
      value: (large - small) / 8,
      unit: 'ms',
    }),
  ];
};
