import { setTimeout as sleep } from 'node:timers/promises';

import { atLeast, exactly, type Measure, reference, type Row } from './measure.ts';
import { median } from './process.ts';
import type { Controller } from './cluster.ts';
import { change, type ScaleStage, withScale } from './scale-stage.ts';

/*
 * What shards move on a platform that answers after 50 ms and has no limit. API server, platform and controllers run on one
 * machine: with the usual workers one shard alone takes most of its CPU. So each shard has one worker, and what bounds it
 * is how late the platform answers; what the usual ones move on this machine stands beside it.
 */

const delayMs = 50;
const programs = 240;
const fewWorkers = 1;
const usualWorkers = 8;
const rounds = 2;
const patienceMs = 90_000;

interface Layout {
  readonly name: string;
  /** Arguments of each process. */
  readonly processes: readonly (readonly string[])[];
}

const one: Layout = { name: '1 shard, 1 process', processes: [['--shards', '1']] };
const layouts: readonly Layout[] = [
  one,
  { name: '3 shards, 1 process', processes: [['--shards', '3']] },
  {
    name: '3 shards, 3 processes',
    processes: [0, 1, 2].map((index) => ['--shard', `${String(index)}/3`]),
  },
];

interface Moved {
  readonly perSecond: number;
  /** Requests that came with an id that another one had. */
  readonly doubled: number;
  readonly writes: number;
}

/** Changes made while nobody acts, then as many as the layout says who act on them. */
async function move(
  stage: ScaleStage,
  { processes, name }: Layout,
  workers: number,
): Promise<Moved> {
  const [{ name: namespace = '' } = {}] = stage.settings.namespaces;
  await change(stage, { namespace, value: `M-${String(performance.now())}` });
  await stage.forget();
  const replicas: Controller[] = [];
  for (const args of processes) replicas.push(await stage.start(args, { workers }));
  const until = performance.now() + patienceMs;
  while ((await stage.writes()).length < programs && performance.now() < until) await sleep(200);
  const writes = await stage.writes();
  await Promise.all(replicas.map((replica) => replica.stop()));
  const ids = writes.map(({ requestId }) => requestId);
  process.stderr.write(`${name}, ${String(workers)} workers: ${String(writes.length)} writes\n`);
  return {
    perSecond: rateOf(writes.map(({ at }) => at)),
    doubled: ids.length - new Set(ids).size,
    writes: writes.length,
  };
}

/** Of the middle of them: processes start one after the other, and shards end one after the other. */
function rateOf(moments: readonly number[]): number {
  const sorted = moments.toSorted((a, b) => a - b);
  const [first, last] = [Math.floor(sorted.length * 0.15), Math.floor(sorted.length * 0.8)];
  return ((last - first) * 1000) / ((sorted[last] ?? 0) - (sorted[first] ?? 0));
}

/** Three shards beside one, in turn. On a real API server; needs Go. */
export const shards: Measure = () =>
  withScale(
    { delayMs, requestsPerSecond: 1000, releases: 1, targets: 1, programs: [programs] },
    async (stage) => {
      const all = new Map<string, Moved[]>(layouts.map(({ name }) => [name, []]));
      const usual = [];
      for (let round = 0; round < rounds; round += 1)
        for (const layout of layouts)
          all.get(layout.name)?.push(await move(stage, layout, fewWorkers));
      for (const layout of layouts)
        usual.push({ name: layout.name, ...(await move(stage, layout, usualWorkers)) });
      return [...rowsOf(all), ...usual.map(usualRow)];
    },
  );

function usualRow({ name, perSecond }: Moved & { readonly name: string }): Row {
  const what = `${name}, ${String(usualWorkers)} workers each, as much as this machine bears`;
  return reference({ id: 'shards', what, value: perSecond, unit: 'writes/s' });
}

function rowsOf(all: ReadonlyMap<string, readonly Moved[]>): readonly Row[] {
  const id = 'shards';
  const rate = (name: string): number =>
    median((all.get(name) ?? []).map(({ perSecond }) => perSecond));
  const every = [...all.values()].flat();
  return [
    ...layouts.map(({ name }) => {
      const seen = (all.get(name) ?? []).map(({ perSecond }) => perSecond.toFixed(0)).join(', ');
      const what = `${name}, ${String(fewWorkers)} worker each, ${String(delayMs)} ms: ${seen}; median`;
      return reference({ id, what, value: rate(name), unit: 'writes/s' });
    }),
    ...layouts
      .filter((layout) => layout !== one)
      .map(({ name }) =>
        atLeast(2.5, {
          ...{ id, what: `${name}, beside ${one.name}`, unit: 'x' },
          value: rate(name) / rate(one.name),
        }),
      ),
    exactly(0, {
      ...{ id, what: 'changes that were not written once, and request ids that came twice' },
      value: every.reduce(
        (sum, { writes, doubled }) => sum + Math.abs(writes - programs) + doubled,
        0,
      ),
      unit: '',
    }),
  ];
}
