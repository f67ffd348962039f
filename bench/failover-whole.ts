import { setTimeout as sleep } from 'node:timers/promises';

import { atMost, exactly, type Measure } from './measure.ts';
import type { Controller } from './cluster.ts';
import { change, type ScaleStage, withScale } from './scale-stage.ts';

/*
 * The whole controller, twice: one acts, one waits, and something changes up to ten times a second. The one that acts is
 * killed or told to stop; what counts is the first write of the other that the platform confirms.
 */

const runs = 5;
const leases = { durationSeconds: 15, renewSeconds: 10, retrySeconds: 2 };
const programs = 20;
/** Time to start, to read everything, and to see the other one renew. */
const watchMs = 5_000;

interface Flow {
  readonly stop: () => Promise<void>;
}

/** One change after the other, ten a second. */
function startFlow(stage: ScaleStage, namespace: string): Flow {
  const over = new AbortController();
  const flow = async (): Promise<void> => {
    for (let index = 0; !over.signal.aborted; index += 1) {
      const value = `M-${String(performance.now())}`;
      await change(stage, { namespace, value, from: index % programs, count: 1 });
      await sleep(100);
    }
  };
  const flowing = flow();
  return {
    async stop() {
      over.abort();
      await flowing;
    },
  };
}

interface Pair {
  readonly leader: Controller;
  readonly next: Controller;
}

/** @returns milliseconds from the signal until the next one tells of its first write, asked every 20 ms */
async function handOver({ leader, next }: Pair, signal: NodeJS.Signals): Promise<number> {
  const at = performance.now();
  const gone = leader.stop(signal);
  while (!(await hasWritten(next))) await sleep(20);
  const ms = Math.round(performance.now() - at);
  await gone;
  return ms;
}

async function hasWritten({ page }: Controller): Promise<boolean> {
  const [, text] = await page('/metrics');
  return /^fairlead_writes_total\{[^}]*\} [1-9]/m.test(text);
}

async function untilReady({ page }: Controller): Promise<void> {
  while ((await page('/readyz'))[0] !== 200) await sleep(50);
}

/** P11 of `fairlead run --kubernetes`. On a real API server; needs Go. */
export const failoverWhole: Measure = () =>
  withScale(
    { delayMs: 0, requestsPerSecond: 100, releases: 1, targets: 1, programs: [programs] },
    async (stage) => {
      const [{ name: namespace = '' } = {}] = stage.settings.namespaces;
      const begin = async (): Promise<Controller> => {
        const replica = await stage.start(['--shards', '1'], { leases });
        await untilReady(replica);
        return replica;
      };
      const killed: number[] = [];
      const stopped: number[] = [];
      const flow = startFlow(stage, namespace);
      let leader = await begin();
      while ((await stage.writes()).length === 0) await sleep(50);
      for (let run = 0; run < runs; run += 1)
        for (const [signal, times] of [
          ['SIGKILL', killed],
          ['SIGTERM', stopped],
        ] as const) {
          const next = await begin();
          // Any moment of the renewals.
          await sleep(watchMs + run * 400);
          times.push(await handOver({ leader, next }, signal));
          process.stderr.write(`${signal}: ${String(times.at(-1))} ms\n`);
          leader = next;
        }
      await flow.stop();
      const doubled = await doubledIn(stage);
      await leader.stop();
      return rowsOf(killed, stopped, doubled);
    },
  );

/** Writes that were carried out with a request id that another one had. */
async function doubledIn(stage: ScaleStage): Promise<number> {
  const done = (await stage.writes()).filter(({ http }) => http.performed > 0);
  const ids = done.map(({ requestId }) => requestId);
  return ids.length - new Set(ids).size;
}

function rowsOf(killed: readonly number[], stopped: readonly number[], doubled: number) {
  const what = `fairlead run --kubernetes, first accepted write, longest of ${String(runs)}`;
  const row = { id: 'P11', unit: 'ms' };
  return [
    atMost(17_000, {
      ...{ ...row, what: `${what}, after SIGKILL: ${killed.join(', ')}` },
      value: Math.max(...killed),
    }),
    atMost(3_000, {
      ...{ ...row, what: `${what}, after SIGTERM: ${stopped.join(', ')}` },
      value: Math.max(...stopped),
    }),
    exactly(0, {
      ...{ id: 'P11', what: 'fairlead run --kubernetes: request ids carried out twice', unit: '' },
      value: doubled,
    }),
  ];
}
