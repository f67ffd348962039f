import { atMost, type Measure } from './measure.ts';
import { cli, inFolder, measured, median } from './process.ts';
import { smallFiles } from './town.ts';
import { writeFiles } from './town-served.ts';

const rounds = 15;

/** CPU of short commands as a multiple of `node -e 0`, in turn in one run. */
export const startUp: Measure = () =>
  inFolder(async (folder) => {
    await writeFiles(folder, smallFiles(10));
    const ratios: { readonly version: number[]; readonly validate: number[] } = {
      version: [],
      validate: [],
    };
    for (let round = 0; round < rounds; round += 1) {
      const nothing = (await measured(['-e', '0'])).cpuMs;
      ratios.version.push((await measured([cli, 'version'])).cpuMs / nothing);
      ratios.validate.push((await measured([cli, 'validate', folder])).cpuMs / nothing);
    }
    const base = { id: 'CLI', unit: 'x node -e 0' };
    return [
      atMost(2, { ...base, what: 'CPU of fairlead version', value: median(ratios.version) }),
      atMost(5, {
        ...base,
        what: 'CPU of fairlead validate, ten files',
        value: median(ratios.validate),
      }),
    ];
  });
