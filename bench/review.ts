import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atMost, exactly, type Measure } from './measure.ts';
import { cli, measured, median } from './process.ts';
import { townDeclarations } from './town.ts';
import { type Served, withTown, writeFiles } from './town-served.ts';

const targets = 1000;
const changed = 10;
const rounds = 3;

const exec = promisify(execFile);

/** What a pull request costs that changes 10 of 1,000 targets: calls of the platform, and CPU of the whole command. */
export const review: Measure = () =>
  withTown({ targets, foreign: 0 }, async (town) => {
    await commitBoth(town);
    const files = townDeclarations({ targets }).slice(0, changed);
    const sweep = await callsOf(town, ['plan', ...files.map(({ name }) => name)]);
    const ask = ['review', '--base', 'main', '--head', 'topic', '-o', 'json'];
    const reviewed = await callsOf(town, ask);
    const cpu: number[] = [];
    for (let round = 0; round < rounds; round += 1)
      cpu.push((await measured([cli, ...ask], town.env, town.declarations)).cpuMs);
    const what = `review of ${String(targets)} targets of which ${String(changed)} change`;
    const row = (id: string, of: string, value: number, unit: string) => {
      return { id, what: `${what}: ${of}`, value, unit };
    };
    return [
      exactly(changed, row('R1', 'targets told', reviewed.targets, 'targets')),
      atMost(
        sweep.calls,
        row('R1', 'calls, against a plan of these programs', reviewed.calls, 'calls'),
      ),
      atMost(1500, row('R2', 'CPU of the command', median(cpu), 'ms')),
    ];
  });

async function commitBoth({ declarations }: Served): Promise<void> {
  const git = async (...args: readonly string[]): Promise<void> => {
    const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com'];
    await exec('git', [...who, ...args], { cwd: declarations });
  };
  await git('init', '-q', '-b', 'main', '.');
  await git('add', '.');
  await git('commit', '-q', '-m', 'base');
  await git('checkout', '-q', '-b', 'topic');
  await writeFiles(join(declarations), townDeclarations({ targets }, changed));
  await git('commit', '-q', '-a', '-m', 'change');
}

interface Asked {
  readonly calls: number;
  readonly targets: number;
}

async function callsOf(town: Served, args: readonly string[]): Promise<Asked> {
  await town.forget();
  const { code, stdout } = await measured([cli, ...args], town.env, town.declarations);
  if (code !== 0) throw new Error(`${args[0] ?? ''} failed`);
  const calls = (await town.calls()).filter(({ operation }) => operation !== 'getPlatform').length;
  const found = args[0] === 'review' ? (JSON.parse(stdout) as { targets: unknown[] }).targets : [];
  return { calls, targets: found.length };
}
