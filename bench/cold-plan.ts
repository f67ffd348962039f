import { join } from 'node:path';
import { atMost, type Measure } from './measure.ts';
import { cli, inFolder, measured, median } from './process.ts';
import { smallFiles } from './town.ts';
import { writeFiles } from './town-served.ts';

const rounds = 3;

/** P4: CPU of reading, checking and resolving files of 25 lines; the slope between two sizes, in turn. */
export const coldPlan: Measure = () =>
  inFolder(async (folder) => {
    const [small, large] = [join(folder, 'small'), join(folder, 'large')];
    await writeFiles(small, smallFiles(500));
    await writeFiles(large, smallFiles(2500));
    const cpu: { readonly small: number[]; readonly large: number[] } = { small: [], large: [] };
    for (let round = 0; round < rounds; round += 1) {
      cpu.small.push((await measured([cli, 'validate', small])).cpuMs);
      cpu.large.push((await measured([cli, 'validate', large])).cpuMs);
    }
    return [
      atMost(500, {
        id: 'P4',
        what: 'cold reading, CPU per 1,000 files of 25 lines (slope 500 to 2,500)',
        value: (median(cpu.large) - median(cpu.small)) / 2,
        unit: 'ms',
      }),
    ];
  });
