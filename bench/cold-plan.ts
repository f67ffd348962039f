import { join } from 'node:path';
import { root } from '../tools/files.ts';
import { atMost, reference, type Measure } from './measure.ts';
import { cli, inFolder, measured, median } from './process.ts';
import { smallFiles } from './town.ts';
import { writeFiles } from './town-served.ts';

const sizes = { small: 500, large: 2500 };
const rounds = 5;

/**
 * P4: CPU of reading, checking, linting and resolving files of 25 lines; the slope between two sizes. The YAML library
 * alone reads the same files in turn, so that a slow or busy machine shows.
 */
export const coldPlan: Measure = () =>
  inFolder(async (folder) => {
    const [small, large] = [join(folder, 'small'), join(folder, 'large')];
    await writeFiles(small, smallFiles(sizes.small));
    await writeFiles(large, smallFiles(sizes.large));
    const validate = [cli, 'validate'];
    const parse = [join(root, 'bench', 'parse-only.ts')];
    const cpu: Readonly<Record<'validate' | 'parse', Slopes>> = { validate: [], parse: [] };
    for (let round = 0; round < rounds; round += 1) {
      cpu.parse.push(await slope(parse, small, large));
      cpu.validate.push(await slope(validate, small, large));
    }
    const row = (what: string, value: number) => ({ id: 'P4', what, value, unit: 'ms' });
    return [
      atMost(
        500,
        row('cold reading, CPU per 1,000 files (slope 500 to 2,500)', median(cpu.validate)),
      ),
      reference(row('the YAML library alone, same files, same run', median(cpu.parse))),
    ];
  });

type Slopes = number[];

/** Milliseconds per 1,000 files. */
async function slope(command: readonly string[], small: string, large: string): Promise<number> {
  const less = await measured([...command, small]);
  const more = await measured([...command, large]);
  if (less.code !== 0 || more.code !== 0) throw new Error(`${command.join(' ')} failed`);
  return ((more.cpuMs - less.cpuMs) * 1000) / (sizes.large - sizes.small);
}
