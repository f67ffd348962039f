import { setTimeout as sleep } from 'node:timers/promises';

import type { CallEntry } from '../src/emulator/calls.ts';
import { atMost, exactly, type Measure, reference } from './measure.ts';
import { median } from './process.ts';
import { untilInSync } from './cluster.ts';
import { change, objectNamed, type ScaleStage, withScale } from './scale-stage.ts';

/*
 * How long a neighbour's change takes, alone and while a tenant changes all of its ten thousand objects as fast as kubectl
 * does: in turn, from the API server's answer to the write as it arrives at the platform.
 */

const objects = 10_000;
const programs = 1_000;
/** How late the platform answers. */
const delayMs = 50;
const requestsPerSecond = 1000;
const samples = 12;
/** Changes at a time: kubectl applies one object after the other. */
const asKubectl = 1;
const patienceMs = 120_000;

interface Waited {
  readonly ms: readonly number[];
  /** Writes of the tenant between a change's answer and its write, the most of any. */
  readonly before: number;
  readonly lost: number;
}

/** Changes of the neighbour, one after the other. */
async function sample(stage: ScaleStage, name: string): Promise<Waited> {
  const [, { name: neighbour = '' } = {}] = stage.settings.namespaces;
  const ms: number[] = [];
  let before = 0;
  for (let index = 0; index < samples; index += 1) {
    const value = `M-${name}-${String(index)}`;
    await change(stage, { namespace: neighbour, value, count: 1 });
    const since = Date.now();
    const written = await writeOf(stage, neighbour, since);
    if (!written) continue;
    ms.push(written.write.at - since);
    before = Math.max(before, written.before);
    await sleep(200);
  }
  return { ms, before, lost: samples - ms.length };
}

async function writeOf(
  stage: ScaleStage,
  namespace: string,
  since: number,
): Promise<{ readonly write: CallEntry; readonly before: number } | undefined> {
  const { record } = objectNamed(stage.settings, namespace);
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    const writes = (await stage.writes()).filter(({ at }) => at >= since);
    const index = writes.findIndex(({ key }) => key.includes(record));
    const write = writes[index];
    if (write) return { write, before: index };
    await sleep(50);
  }
  return undefined;
}

/** The neighbour alone, and beside a tenant that changes everything. On a real API server; needs Go. */
export const neighbour: Measure = () =>
  withScale(
    {
      ...{ delayMs, requestsPerSecond, releases: objects / programs, targets: 1 },
      programs: [programs, 1],
    },
    async (stage) => {
      const [{ name: tenant = '' } = {}] = stage.settings.namespaces;
      const replica = await stage.start(['--shards', '1'], { intervals: { sweepSeconds: 3600 } });
      await untilInSync(replica, programs + 1);
      const alone: Waited[] = [];
      const beside: Waited[] = [];
      alone.push(await sample(stage, 'before'));
      const all = change(stage, { namespace: tenant, value: 'M-all' }, asKubectl);
      await untilBusy(stage);
      beside.push(await sample(stage, 'beside'));
      await all;
      process.stderr.write('all is changed\n');
      await untilInSync(replica, programs + 1);
      alone.push(await sample(stage, 'after'));
      return rowsOf(alone, beside);
    },
  );

/** The tenant's writes have begun. */
async function untilBusy(stage: ScaleStage): Promise<void> {
  await stage.forget();
  while ((await stage.writes()).length < 20) await sleep(100);
}

function rowsOf(alone: readonly Waited[], beside: readonly Waited[]) {
  const id = 'neighbour';
  const of = (all: readonly Waited[]): number => median(all.flatMap(({ ms }) => ms));
  const what = `a tenant changes ${String(objects)} objects, ${String(requestsPerSecond)} calls/s`;
  const text = (all: readonly Waited[]): string =>
    all.map(({ ms }) => ms.toSorted((a, b) => a - b).join(' ')).join(' | ');
  return [
    reference({
      id,
      what: `change to write, alone: ${text(alone)}; median`,
      value: of(alone),
      unit: 'ms',
    }),
    reference({ id, what: `${what}: ${text(beside)}; median`, value: of(beside), unit: 'ms' }),
    atMost(2, { id, what: `${what}: beside alone`, value: of(beside) / of(alone), unit: 'x' }),
    reference({
      ...{ id, what: `${what}: its writes before the neighbour's, at most`, unit: 'writes' },
      value: Math.max(...beside.map(({ before }) => before)),
    }),
    exactly(0, {
      ...{ id, what: 'changes of the neighbour that were not written', unit: '' },
      value: [...alone, ...beside].reduce((sum, { lost }) => sum + lost, 0),
    }),
  ];
}
