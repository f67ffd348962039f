import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../tools/files.ts';
import { atMost, reference, type Measure } from './measure.ts';
import { inFolder, measured, median } from './process.ts';
import { withTown } from './town-served.ts';

interface Pass {
  readonly cpuMs: readonly number[];
  /** The same pages fetched, their signatures verified and their JSON parsed, and nothing else. */
  readonly bareMs: readonly number[];
  readonly passes: number;
}

interface Passes extends Pass {
  readonly callsPerPass: number;
  readonly maxRssMiB: number;
}

const sizes = { small: 2000, large: 10_000 };

/** P1, P3 and P6 of the engine in process, against a real socket, with signatures; CPU is the slope between two sizes. */
export const warmPass: Measure = () =>
  inFolder(async (folder) => {
    const script = await bundled(folder);
    const [small, large] = [
      await passesOf(script, sizes.small),
      await passesOf(script, sizes.large),
    ];
    const per = (sizes.large - sizes.small) / 1000;
    const slope = (of: (pass: Pass) => readonly number[]) =>
      (median(of(large)) - median(of(small))) / per;
    const row = (what: string, value: number) => ({ id: 'P3', what, value, unit: 'ms' });
    return [
      atMost(30, row('warm no-op pass, CPU per 1,000 targets (slope 2k to 10k)', slope(cpuOf))),
      reference(row('fetching, verifying and JSON.parse alone, same run', slope(bareOf))),
      atMost(10, {
        id: 'P1',
        what: 'engine in process, 10,000 targets: calls per warm pass',
        value: large.callsPerPass,
        unit: 'calls',
      }),
      atMost(150, {
        id: 'P6',
        what: 'engine in process, 10,000 targets, many passes: peak memory',
        value: large.maxRssMiB,
        unit: 'MiB',
      }),
    ];
  });

const cpuOf = ({ cpuMs }: Pass): readonly number[] => cpuMs;
const bareOf = ({ bareMs }: Pass): readonly number[] => bareMs;

/** Built like the program itself: types that are stripped while loading would count as memory of the engine. */
async function bundled(folder: string): Promise<string> {
  const outfile = join(folder, 'pass.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['bench/pass.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  return outfile;
}

function passesOf(script: string, targets: number): Promise<Passes> {
  return withTown({ targets, foreign: 0 }, async (town) => {
    await town.forget();
    const { stdout, code, maxRssMiB } = await measured([script, town.folder], town.env);
    if (code !== 0) throw new Error('the passes failed');
    const pass = JSON.parse(stdout) as Pass;
    const log = await town.calls();
    const releases = log.filter(({ operation }) => operation !== 'getPlatform').length;
    const bare = pass.passes * Math.ceil(targets / 1000);
    return { ...pass, maxRssMiB, callsPerPass: (releases - bare) / pass.passes };
  });
}
