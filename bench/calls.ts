import { join } from 'node:path';
import { exactly, type Measure } from './measure.ts';
import { cli, measured } from './process.ts';
import { targetsPerProgram, townDeclarations } from './town.ts';
import { withTown, writeFiles } from './town-served.ts';

const pageSize = 1000;
const size = { targets: 2000, foreign: 3000 };
const changed = 7;

/** Lists a no-op pass needs: whole or filtered, whichever is fewer; the programs of this town declare no global. */
function expectedLists(): number {
  const programs = size.targets / targetsPerProgram;
  const whole = Math.ceil((size.targets + size.foreign) / pageSize);
  const group = 100;
  const filtered = Array.from({ length: Math.ceil(programs / group) }, (_, index) =>
    Math.min(group, programs - index * group),
  )
    .map((members) => Math.ceil((members * targetsPerProgram) / pageSize))
    .reduce((sum, pages) => sum + pages, 0);
  return Math.min(whole, filtered);
}

interface Counted {
  readonly lists: number;
  /** Every call but `getPlatform`, which is made once per connection and process. */
  readonly all: number;
}

/** P1 and P2, read from the platform's call log of the built program in a process of its own. */
export const calls: Measure = () =>
  withTown(size, async (town) => {
    const counted = async (...args: string[]): Promise<Counted> => {
      await town.forget();
      await succeed(args, town.env);
      const log = (await town.calls()).filter(({ operation }) => operation !== 'getPlatform');
      const lists = log.filter(({ operation }) => operation.startsWith('list'));
      return { lists: lists.length, all: log.length };
    };
    const noop = await counted('apply', town.declarations, '--yes');
    await writeFiles(town.declarations, townDeclarations(size, changed));
    const some = await counted('apply', town.declarations, '--yes');
    await writeFiles(town.declarations, townDeclarations(size, changed + 1));
    const planFile = join(town.folder, 'plan.json');
    await succeed(['plan', town.declarations, '--out', planFile], town.env);
    const hot = await counted('apply', '--plan', planFile, '--yes');
    const again = await counted('apply', town.declarations, '--yes');
    const row = (id: string, what: string, value: number) => ({ id, what, value, unit: 'calls' });
    const records = `${String(size.targets)} of ${String(size.targets + size.foreign)} records`;
    return [
      exactly(expectedLists(), row('P1', `no-op pass over ${records}: lists`, noop.lists)),
      exactly(0, row('P1', 'no-op pass: calls per target and writes', noop.all - noop.lists)),
      exactly(
        expectedLists() + changed,
        row('P2', `${String(changed)} targets changed: all calls`, some.all),
      ),
      exactly(2, row('P2', '1 target changed, apply --plan: all calls', hot.all)),
      exactly(expectedLists(), row('P1', 'no-op pass after the changes: all calls', again.all)),
    ];
  });

async function succeed(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { code, stdout } = await measured([cli, ...args], env);
  if (code !== 0) {
    const told = stdout.slice(-600);
    throw new Error(`fairlead ${args.join(' ')} ended with ${String(code)}: ${told}`);
  }
}
