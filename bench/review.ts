import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GithubShape, startGithub } from '../test/support/forge-shapes/github-shape.ts';
import { createWatchStage } from '../test/support/watch-stage.ts';
import { atMost, exactly, type Measure, reference, type Row } from './measure.ts';
import { cli, measured, median } from './process.ts';
import { townDeclarations } from './town.ts';
import { type Served, withTown, writeFiles } from './town-served.ts';

const targets = 1000;
const changed = 10;
const rounds = 3;
const pushes = 50;

const exec = promisify(execFile);

/**
 * What a pull request costs that changes 10 of 1,000 targets: calls of the platform and of the forge, writes, and CPU of
 * the whole command, with the processes of git that it starts and without them; and what 50 pushes in a minute cost.
 */
export const review: Measure = async () => [...(await onePull()), ...(await manyPushes())];

const onePull: Measure = () =>
  withTown({ targets, foreign: 0 }, async (town) => {
    await commitBoth(town);
    const files = townDeclarations({ targets }).slice(0, changed);
    const sweep = await callsOf(town, ['plan', ...files.map(({ name }) => name)]);
    const ask = ['review', '--base', 'main', '--head', 'topic', '-o', 'json'];
    const reviewed = await callsOf(town, ask);
    const own: number[] = [];
    const all: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      own.push((await measured([cli, ...ask], town.env, town.declarations)).cpuMs);
      all.push(await cpuWithChildren([cli, ...ask], town.env, town.declarations));
    }
    return [
      exactly(changed, row('R1', 'targets told', reviewed.targets, 'targets')),
      atMost(
        sweep.calls,
        row('R1', 'calls, against a plan of these programs', reviewed.calls, 'calls'),
      ),
      atMost(1500, row('R2', 'CPU of the command, its git processes left out', median(own), 'ms')),
      atMost(1500, row('R2', 'CPU of the command and its git processes', median(all), 'ms')),
      ...(await atForge(town)),
    ];
  });

function row(id: string, of: string, value: number, unit: string) {
  const what = `review of ${String(targets)} targets of which ${String(changed)} change`;
  return { id, what: `${what}: ${of}`, value, unit };
}

/** The same, published at a small GitHub: once anew, and once where nothing changed. */
async function atForge(town: Served): Promise<readonly Row[]> {
  const github = await startGithub();
  try {
    const pull = github.state.openPull({});
    pull.head = await headOf(town);
    const env = { ...town.env, FAIRLEAD_FORGE_TOKEN: 'token-of-ours' };
    const where = ['--forge', 'github', '--forge-url', github.url, '--repo', 'acme/wallets'];
    const ask = ['review', ...where, '--pull', String(pull.number), '--base', 'main'];
    const first = await askedBy(github, [cli, ...ask], { env, cwd: town.declarations });
    const again = await askedBy(github, [cli, ...ask], { env, cwd: town.declarations });
    const used = await measured([cli, ...ask], env, town.declarations);
    const [comment] = github.state.comments;
    return [
      reference(row('R3', 'forge calls of the first review', first.calls, 'calls')),
      atMost(4, row('R3', 'forge calls where nothing changed', again.calls, 'calls')),
      exactly(0, row('R3', 'forge writes where nothing changed', again.writes, 'writes')),
      atMost(60_000, row('R3', 'length of the comment', comment?.body.length ?? 0, 'characters')),
      atMost(1500, row('R4', 'CPU with a forge, git left out', used.cpuMs, 'ms')),
    ];
  } finally {
    await github.close();
  }
}

async function headOf({ declarations }: Served): Promise<string> {
  return (await exec('git', ['rev-parse', 'topic'], { cwd: declarations })).stdout.trim();
}

async function askedBy(
  github: GithubShape,
  args: readonly string[],
  { env, cwd }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Promise<{ readonly calls: number; readonly writes: number }> {
  github.take();
  const { code } = await measured(args, env, cwd);
  if (code !== 0) throw new Error('review failed');
  const asked = github.take();
  const isRead = ({ method, path }: (typeof asked)[number]) =>
    method === 'GET' || path.endsWith('/graphql');
  return { calls: asked.length, writes: asked.filter((one) => !isRead(one)).length };
}

/** A shell waits for the command, and tells what that and everything it waited for used. */
async function cpuWithChildren(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<number> {
  const script = '"$@" >/dev/null || exit 1; times';
  const { stdout } = await exec('sh', ['-c', script, 'sh', process.execPath, ...args], {
    ...{ cwd, env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env } },
  });
  const children = stdout.trim().split('\n').at(-1) ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
}

/** On a virtual clock: a push every 1.2 seconds, each with a hook, and reviews of 700 milliseconds; then ten quiet minutes. */
const manyPushes: Measure = async () => {
  const stage = createWatchStage({ reviewMs: 700 });
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 100) await stage.clock.advance(100);
  };
  for (let push = 1; push <= pushes; push += 1) {
    stage.push(7, `h${String(push)}`);
    stage.hint();
    await pass(60_000 / pushes);
  }
  await pass(600_000);
  await stage.stop();
  const what = `${String(pushes)} pushes in a minute`;
  const last = stage.writes.at(-1)?.head === `h${String(pushes)}` ? 1 : 0;
  const writes = stage.writes.length;
  return [
    atMost(3, { id: 'R5', what: `${what}: writes of the comment`, value: writes, unit: 'writes' }),
    exactly(1, { id: 'R5', what: `${what}: the last one has the verdict`, value: last, unit: '' }),
    reference({ id: 'R5', what: `${what}: reviews`, value: stage.reviews.length, unit: 'reviews' }),
  ];
};

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
