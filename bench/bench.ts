/**
 * `npm run bench [-- NAME...]`: the numbers of docs/performance.md, as a table and as JSON (`--json`: JSON alone).
 *
 * Counts are exact; CPU is a slope or a ratio taken in one run, since machines are shared and noisy; nothing judges
 * wall-clock time.
 */
import { join } from 'node:path';
import { root } from '../tools/files.ts';
import { budget } from './budget.ts';
import { calls } from './calls.ts';
import { coldPlan } from './cold-plan.ts';
import { controllerCalls, controllerSteady } from './controller.ts';
import { emulator } from './emulator.ts';
import { failover } from './failover.ts';
import { failoverWhole } from './failover-whole.ts';
import { controllerGrowth } from './growth.ts';
import { kubernetes, kubernetesLarge } from './kubernetes.ts';
import { gitLarge, gitPoll } from './git-poll.ts';
import { loop } from './loop.ts';
import { memory } from './memory.ts';
import type { Measure, Row } from './measure.ts';
import { neighbour } from './neighbour.ts';
import { measured } from './process.ts';
import { review } from './review.ts';
import { shards } from './shards.ts';
import { startUp } from './start-up.ts';
import { warmPass } from './warm-pass.ts';

const measures: Readonly<Record<string, Measure>> = {
  calls,
  warmPass,
  coldPlan,
  memory,
  startUp,
  emulator,
  gitPoll,
  gitLarge,
  budget,
  loop,
  controllerCalls,
  controllerGrowth,
  controllerSteady,
  review,
  failover,
  kubernetes,
  kubernetesLarge,
  shards,
  neighbour,
  failoverWhole,
};

/** Need more than Node, npm and Git: measured when they are named. */
const onRequest: readonly string[] = [
  'failover',
  'kubernetes',
  'kubernetesLarge',
  'shards',
  'neighbour',
  'failoverWhole',
];

const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith('-'));
const built = await measured([join(root, 'tools', 'build.ts')]);
if (built.code !== 0) throw new Error('the program does not build');

const rows: Row[] = [];
for (const [name, measure] of Object.entries(measures)) {
  const isWanted = wanted.length > 0 ? wanted.includes(name) : !onRequest.includes(name);
  if (!isWanted) continue;
  process.stderr.write(`measuring ${name} ...\n`);
  rows.push(...(await measure()));
}
if (!args.includes('--json')) process.stdout.write(`${table(rows)}\n\n`);
process.stdout.write(`${JSON.stringify({ node: process.versions.node, rows }, null, 2)}\n`);
process.exitCode = rows.every(({ holds }) => holds) ? 0 : 1;

function table(all: readonly Row[]): string {
  const lines = all.map(({ id, what, value, unit, gate, holds }) => [
    id,
    what,
    `${format(value)} ${unit}`.trim(),
    gate,
    holds ? 'yes' : 'NO',
  ]);
  const cells = [['id', 'what', 'measured', 'gate', 'holds'], ...lines];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}
