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

/** P1 and P2, read from the platform's call log of the built program in a process of its own. */
export const calls: Measure = () =>
  withTown(size, async (town) => {
    const counted = async (
      ...args: string[]
    ): Promise<{ readonly lists: number; readonly singles: number; readonly writes: number }> => {
      await town.forget();
      const { code, stdout } = await measured([cli, ...args], town.env);
      if (code !== 0)
        throw new Error(
          `fairlead ${args.join(' ')} ended with ${String(code)}: ${stdout.slice(-600)}`,
        );
      const log = await town.calls();
      const count = (test: (operation: string) => boolean) =>
        log.filter(({ operation }) => test(operation)).length;
      return {
        lists: count((operation) => operation.startsWith('list')),
        singles: count((operation) => operation === 'getRelease'),
        writes: count(
          (operation) => operation.startsWith('create') || operation.startsWith('patch'),
        ),
      };
    };
    const noop = await counted('apply', town.declarations, '--yes');
    await writeFiles(town.declarations, townDeclarations(size, changed));
    const some = await counted('apply', town.declarations, '--yes');
    const base = { unit: 'calls' };
    return [
      exactly(expectedLists(), {
        ...base,
        id: 'P1',
        what: `no-op pass over ${String(size.targets)} of ${String(size.targets + size.foreign)} records: lists`,
        value: noop.lists,
      }),
      exactly(0, {
        ...base,
        id: 'P1',
        what: 'no-op pass: calls per target and writes',
        value: noop.singles + noop.writes,
      }),
      exactly(expectedLists() + changed, {
        ...base,
        id: 'P2',
        what: `${String(changed)} targets changed: lists and writes`,
        value: some.lists + some.singles + some.writes,
      }),
    ];
  });
