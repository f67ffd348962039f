import { setTimeout as sleep } from 'node:timers/promises';

import type { AuditEvent } from '../test/support/control-plane.ts';
import { type Controller, pathOf, untilInSync, untilReady } from './cluster.ts';
import { createFlows, type Flow, quantile } from './kubernetes-events.ts';
import { type KubernetesStage, usedBy, withKubernetes } from './kubernetes-stage.ts';
import { sizeOf, type Spread } from './kubernetes-town.ts';
import { atMost, exactly, type Measure, reference, type Row } from './measure.ts';

/*
 * The built controller as its own process, between a real API server and the emulator, everything on this machine:
 * milliseconds from a changed object to the write and the status, memory, the start, and what standing still writes.
 * `--programs=N --releases=N --targets=N` spread the targets otherwise; `--only=flows` measures one part, `--rates=50,200` at
 * these rates.
 */

const usual: Spread = { programs: 2_500, releases: 1, targets: 4 };
const large: Spread = { programs: 25_000, releases: 1, targets: 4 };

const gates: Readonly<Record<number, number>> = { 50: 50 };
const usualRates = '50,100,150,200,300,400,500';
const p99Ms = 50;
/** A rate beyond this is not worth a faster one. */
const hopelessMs = 1_000;

/** P7, and P6 with 10,000 targets. */
export const kubernetes: Measure = () => {
  const spread = spreadOf(usual);
  return withKubernetes(spread, async (stage) => [
    ...(isWanted('starts') ? await sizes(stage) : []),
    ...(isWanted('starts') ? await starts(stage, { atRest: 150 }) : []),
    ...(isWanted('standing') ? await standing(stage) : []),
    ...(isWanted('flows') ? await flows(stage) : []),
  ]);
};

/** P6 with 100,000 targets: list, list again, and what a start takes. */
export const kubernetesLarge: Measure = () => {
  const spread = spreadOf(large);
  return withKubernetes(spread, async (stage) => [
    ...(await sizes(stage)),
    ...(await starts(stage, { peak: 512 })),
  ]);
};

function spreadOf(otherwise: Spread): Spread {
  const given = (name: keyof Spread): number => Number(option(name) ?? otherwise[name]);
  return { programs: given('programs'), releases: given('releases'), targets: given('targets') };
}

function option(name: string): string | undefined {
  const found = process.argv.find((arg) => arg.startsWith(`--${name}=`));
  return found?.slice(name.length + 3);
}

function isWanted(part: string): boolean {
  return (option('only') ?? part) === part;
}

function textOf({ programs, releases, targets }: Spread): string {
  return `${String(programs)} programs x ${String(releases)} release(s) x ${String(targets)} target(s)`;
}

/** Bytes of all lists as the controller asks for them. */
async function sizes({ plane, namespace, spread }: KubernetesStage): Promise<readonly Row[]> {
  let bytes = 0;
  for (const kind of ['MiniProgram', 'MiniProgramRelease']) {
    let next = '';
    do {
      const query = new URLSearchParams({
        limit: '500',
        ...(next === '' ? {} : { continue: next }),
      });
      const { body } = await plane.call(`${pathOf(namespace, kind)}?${query.toString()}`);
      bytes += Buffer.byteLength(JSON.stringify(body));
      next = (body as { metadata: { continue?: string } }).metadata.continue ?? '';
    } while (next !== '');
  }
  return [
    reference({
      ...{ id: 'P6', unit: 'MB', value: bytes / 1e6 },
      what: `${textOf(spread)}: bytes of all lists before there are statuses`,
    }),
  ];
}

/** What a start leaves behind is given back in the first seconds in which nothing goes on. */
const restsMs = 30_000;

interface MemoryGates {
  readonly atRest?: number;
  readonly peak?: number;
}

/** The first start, which writes every status; one more, which finds them; and lists that have to be read again. */
async function starts(stage: KubernetesStage, memory: MemoryGates): Promise<readonly Row[]> {
  const what = `${String(sizeOf(stage.spread))} targets`;
  const seconds = (value: number, text: string): Row =>
    reference({ id: 'P6', what: `${what}: ${text}`, value: value / 1000, unit: 's' });
  const first = await stage.withController({ sweepSeconds: 300 }, async (controller) => {
    const started = await start(stage, controller);
    await untilStatuses(stage);
    return { ...started, statusMs: performance.now() - controller.startedAt };
  });
  const again = await stage.withController({ sweepSeconds: 300 }, async (controller) => {
    const started = await start(stage, controller);
    await sleep(restsMs);
    const atRest = await usedBy(controller.pid);
    await relist(stage);
    await sleep(2 * restsMs);
    return { ...started, ...atRest, after: await usedBy(controller.pid) };
  });
  const mebibytes = (value: number, text: string, gate?: number): Row => {
    const row = { id: 'P6', what: `${what}: ${text}`, value, unit: 'MiB' };
    return gate === undefined ? reference(row) : atMost(gate, row);
  };
  return [
    seconds(first.readyMs, 'first start to ready'),
    seconds(first.inSyncMs, 'first start until all is in sync'),
    seconds(first.statusMs, 'first start until every object says so'),
    seconds(again.readyMs, 'another start to ready'),
    seconds(again.inSyncMs, 'another start until all is in sync'),
    mebibytes(again.rssMiB, 'resident at rest', memory.atRest),
    mebibytes(again.after.rssMiB, 'resident after everything was listed again', memory.atRest),
    mebibytes(again.after.peakMiB, 'peak, lists read again included', memory.peak),
  ];
}

async function start({ spread }: KubernetesStage, controller: Controller) {
  await untilReady(controller);
  const readyMs = performance.now() - controller.startedAt;
  await untilInSync(controller, spread.programs);
  return { readyMs, inSyncMs: performance.now() - controller.startedAt };
}

async function untilStatuses({ plane, namespace, spread }: KubernetesStage): Promise<void> {
  const wanted = spread.programs * (1 + spread.releases);
  let before = -1;
  for (;;) {
    const began = performance.now();
    const found = new Set(
      (await plane.auditLog())
        .filter((event) => isStatus(event) && event.objectRef?.namespace === namespace)
        .map(({ objectRef }) => `${objectRef?.resource ?? ''}/${objectRef?.name ?? ''}`),
    ).size;
    if (found === wanted && found === before) return;
    before = found;
    // The log of a hundred thousand writes is long: most of the time is the controller's.
    await sleep(Math.max(1_000, 10 * (performance.now() - began)));
  }
}

function isStatus({ objectRef, responseStatus }: AuditEvent): boolean {
  return objectRef?.subresource === 'status' && responseStatus?.code === 200;
}

/** The history of the storage is gone, and the watches with the API server: all has to be listed again. */
async function relist({ plane }: KubernetesStage): Promise<void> {
  await plane.compact();
  await plane.restart();
}

/** What a sweep writes that finds nothing. */
async function standing(stage: KubernetesStage): Promise<readonly Row[]> {
  const what = `${String(sizeOf(stage.spread))} targets, sweeps that find nothing`;
  const sweepSeconds = 20;
  return stage.withController({ sweepSeconds }, async (controller) => {
    await start(stage, controller);
    await sleep(10_000);
    await stage.forgetCalls();
    const before = await usedBy(controller.pid);
    const beganAt = new Date().toISOString();
    await sleep(2.5 * sweepSeconds * 1000);
    const after = await usedBy(controller.pid);
    const calls = await stage.calls();
    const lists = calls.filter(({ operation }) => operation.startsWith('list'));
    const audit = (await stage.plane.auditLog()).filter(
      ({ requestReceivedTimestamp, objectRef, verb, user }) =>
        requestReceivedTimestamp > beganAt &&
        user.username.endsWith(':fairlead') &&
        objectRef?.resource !== 'leases' &&
        !['get', 'list', 'watch'].includes(verb),
    );
    return [
      reference({ id: 'P1', what: `${what}: lists asked`, value: lists.length, unit: 'calls' }),
      exactly(0, {
        ...{ id: 'P1', unit: 'calls', value: calls.length - lists.length },
        what: `${what}: calls to the platform that are no list`,
      }),
      exactly(0, {
        ...{ id: 'P1', unit: 'calls', value: audit.length },
        what: `${what}: writes to the API server besides the Lease, by its audit log`,
      }),
      reference({
        ...{ id: 'P1', unit: '%' },
        what: `${what}, every ${String(sweepSeconds)} s: of a core`,
        value: ((after.cpuMs - before.cpuMs) / (2.5 * sweepSeconds * 1000)) * 100,
      }),
    ];
  });
}

/** Rates one after the other until one is hopeless. */
async function flows(stage: KubernetesStage): Promise<readonly Row[]> {
  return stage.withController({ sweepSeconds: 300 }, async (controller) => {
    await start(stage, controller);
    await untilStatuses(stage);
    // The start is over, and what it left behind given back.
    await sleep(25_000);
    const flow = createFlows(stage, controller);
    // Hot code is compiled, connections are open: a controller lives for weeks.
    await flow({ rate: 50, seconds: 10 });
    const seen: Flow[] = [];
    for (const rate of (option('rates') ?? usualRates).split(',').map(Number)) {
      const one = await flow({ rate, seconds: rate === 50 ? 30 : 10 });
      process.stderr.write(`${summary(one)}\n`);
      seen.push(one);
      if (one.lost > 0 || quantile(one.toWrite, 0.99) > hopelessMs) break;
    }
    const good = seen.filter((one) => one.lost === 0 && quantile(one.toWrite, 0.99) < p99Ms);
    return [
      ...seen.flatMap(flowRows),
      reference({
        ...{ id: 'P7', unit: 'events/s', value: Math.max(0, ...good.map(({ rate }) => rate)) },
        what: `highest rate tried with a p99 below ${String(p99Ms)} ms`,
      }),
      reference({
        ...{ id: 'P7', unit: 'MiB', value: (await usedBy(controller.pid)).peakMiB },
        what: 'peak of the controller, all rates',
      }),
    ];
  });
}

function shown(values: readonly number[]): string {
  const [p50, p90, p99, most] = [0.5, 0.9, 0.99, 1].map((share) =>
    quantile(values, share).toFixed(1),
  );
  return `p50 ${p50 ?? ''}, p90 ${p90 ?? ''}, p99 ${p99 ?? ''}, max ${most ?? ''}`;
}

function summary({ rate, events, toWrite, fromRequest, toStatus, lost, ...flow }: Flow): string {
  const { controller, apiServer, etcd, platform } = flow.cpuMsPerEvent;
  const cpu = [controller, apiServer, etcd, platform].map((ms) => ms.toFixed(1)).join(' + ');
  return [
    `${String(rate)}/s, ${String(events)} events, ${String(lost)} lost`,
    `to write: ${shown(toWrite)}`,
    `request to write: ${shown(fromRequest)}`,
    `to status: ${shown(toStatus)}`,
    `CPU ms per event, controller + API server + etcd + platform: ${cpu}`,
  ].join('; ');
}

function flowRows(flow: Flow): readonly Row[] {
  const { rate, toWrite, toStatus, lost, cpuMsPerEvent } = flow;
  const what = `${String(rate)} events/s: `;
  const p99 = {
    ...{ id: 'P7', unit: 'ms', value: quantile(toWrite, 0.99) },
    what: `${what}to the write, p99 (${shown(toWrite)})`,
  };
  const gate = gates[rate];
  return [
    gate === undefined ? reference(p99) : atMost(gate, p99),
    reference({
      ...{ id: 'P7', unit: 'ms', value: quantile(toStatus, 0.99) },
      what: `${what}to the status, p99 (${shown(toStatus)})`,
    }),
    gate === undefined
      ? reference({ id: 'P7', what: `${what}changes without a write`, value: lost, unit: '' })
      : exactly(0, { id: 'P7', what: `${what}changes without a write`, value: lost, unit: '' }),
    reference({
      ...{ id: 'P7', unit: 'ms', value: cpuMsPerEvent.controller },
      what: `${what}CPU of the controller per event`,
    }),
  ];
}
