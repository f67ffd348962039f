import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { root } from './files.ts';
import { addTallies, readReport, type Tally } from './tally.ts';

/** A command that counts as one test, or a Vitest project that counts as many as it has. */
export type Stage =
  | { readonly kind: 'command'; readonly name: string; readonly command: readonly string[] }
  | { readonly kind: 'tests'; readonly project: string };

interface Ran {
  readonly ok: boolean;
  readonly output: string;
}

/** A stage that takes longer hangs; those of real servers take a quarter of an hour on a busy machine. */
const deadlineMs = 50 * 60 * 1000;

/** Runs the stages in order, `width` at a time, telling of each when it ends. One failure stops no other stage. */
export async function runStages(stages: readonly Stage[], width: number): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-stages-'));
  try {
    const waiting = stages.values();
    const lanes = Array.from({ length: width }, () => drain(waiting, folder));
    return addTallies((await Promise.all(lanes)).flat());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Ends the process' story: the line scripts read, and the exit code that agrees with it. */
export function conclude({ passed, failed }: Tally): void {
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed`);
}

async function drain(waiting: Iterator<Stage>, folder: string): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (let next = waiting.next(); !next.done; next = waiting.next()) {
    tallies.push(await runStage(next.value, folder));
  }
  return tallies;
}

async function runStage(stage: Stage, folder: string): Promise<Tally> {
  const startedMs = performance.now();
  const { tally, output, name } =
    stage.kind === 'command' ? await runCommand(stage) : await runTests(stage.project, folder);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const verdict = tally.failed === 0 ? 'ok    ' : 'FAILED';
  if (output !== '') console.log(`\n--- ${name} ---\n${output.trimEnd()}`);
  console.log(`${verdict} ${name.padEnd(12)} ${seconds.padStart(6)} s  ${describe(tally)}`);
  return tally;
}

function describe({ passed, failed }: Tally): string {
  return failed === 0 ? `${passed} passed` : `${passed} passed, ${failed} failed`;
}

async function runCommand({ name, command }: Stage & { kind: 'command' }) {
  const { ok, output } = await run(command);
  return {
    name,
    output: ok ? '' : output,
    tally: ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 },
  };
}

/** What tests print belongs to their result (counts, shares, seeds), so it is shown either way. */
async function runTests(project: string, folder: string) {
  const report = join(folder, `${project}.json`);
  const { ok, output } = await run([
    ...['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json'],
    `--outputFile.json=${report}`,
  ]);
  const text = await readFile(report, 'utf8').catch(() => '');
  return { name: project, output, tally: readReport(text, ok) };
}

async function run([program = '', ...args]: readonly string[]): Promise<Ran> {
  const child = spawn(program, args, {
    cwd: root,
    env: {
      ...process.env,
      PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(deadlineMs),
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ok = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      chunks.push(Buffer.from(`${program}: ${error.message}\n`));
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  const output = Buffer.concat(chunks).toString('utf8');
  return { ok, output: process.stdout.isTTY ? output : stripVTControlCharacters(output) };
}
