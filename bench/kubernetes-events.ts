import { setTimeout as sleep } from 'node:timers/promises';

import type { CallEntry } from '../src/emulator/calls.ts';
import type { AuditEvent } from '../test/support/control-plane.ts';
import { type Controller, pathOf } from './cluster.ts';
import { type KubernetesStage, usedBy } from './kubernetes-stage.ts';
import { type TownTarget, townTargets } from './kubernetes-town.ts';

/** What changes at a given rate came to. Times in milliseconds. */
export interface Flow {
  readonly rate: number;
  readonly events: number;
  /** From the API server's answer to a change, to its write as it arrived at the platform. */
  readonly toWrite: readonly number[];
  /** From when the change arrived at the API server: its own work is included. */
  readonly fromRequest: readonly number[];
  /** From the API server's answer to the status that tells of it, as it arrived at the API server. */
  readonly toStatus: readonly number[];
  /** Changes whose write, or status, did not come. */
  readonly lost: number;
  readonly cpuMsPerEvent: {
    readonly controller: number;
    readonly apiServer: number;
    readonly etcd: number;
    readonly platform: number;
  };
}

export interface Load {
  readonly rate: number;
  readonly seconds: number;
}

interface Change extends TownTarget {
  readonly value: string;
}

/** What follows the last change may take this long. */
const patienceMs = 60_000;

/** Makes changes, one target each, evenly spaced whatever becomes of them. */
export function createFlows(stage: KubernetesStage, controller: Controller) {
  const targets = townTargets(stage.spread);
  let next = 0;

  function change(): Change {
    const target = targets[next % targets.length];
    next += 1;
    if (target === undefined) throw new Error('a town without targets');
    return { ...target, value: `2089${String(next)}` };
  }

  async function used() {
    const [apiServer = 0, etcd = 0] = stage.plane.pids;
    const all = await Promise.all([controller.pid, apiServer, etcd, stage.pid].map(usedBy));
    return all.map(({ cpuMs }) => cpuMs);
  }

  return async ({ rate, seconds }: Load): Promise<Flow> => {
    await stage.forgetCalls();
    const changes = Array.from({ length: rate * seconds }, change);
    const before = await used();
    const beganAt = Date.now();
    await send(stage, changes, rate);
    const seen = await untilTold(stage, changes, beganAt);
    const after = await used();
    const share = (index: number): number =>
      ((after[index] ?? 0) - (before[index] ?? 0)) / changes.length;
    const cpu = { controller: share(0), apiServer: share(1), etcd: share(2), platform: share(3) };
    return { rate, events: changes.length, cpuMsPerEvent: cpu, ...seen };
  };
}

async function send(
  { plane, namespace }: KubernetesStage,
  changes: readonly Change[],
  rate: number,
): Promise<void> {
  const began = performance.now();
  const answers: Promise<void>[] = [];
  for (const [index, { object, index: position, value }] of changes.entries()) {
    const due = began + (index * 1000) / rate;
    if (due > performance.now()) await sleep(due - performance.now());
    const path = `${pathOf(namespace, 'MiniProgramRelease')}/${object}`;
    const patch = {
      op: 'replace',
      path: `/spec/targets/${String(position)}/config/testers/0`,
      value,
    };
    const call = {
      method: 'PATCH',
      body: [patch],
      contentType: 'application/json-patch+json',
    } as const;
    answers.push(
      plane.call(path, call).then(({ status, body }) => {
        if (status !== 200) throw new Error(`${object}: ${JSON.stringify(body)}`);
      }),
    );
  }
  await Promise.all(answers);
}

function isWrite({ operation }: CallEntry): boolean {
  return operation === 'patchReleaseConfig';
}

/** Looks until every change has its write and its status, or patience ends. */
async function untilTold(
  { calls, plane }: KubernetesStage,
  changes: readonly Change[],
  beganAt: number,
): Promise<Judged> {
  const until = performance.now() + patienceMs;
  for (;;) {
    await sleep(2_000);
    const audit = (await plane.auditLog()).filter((event) => receivedAt(event) >= beganAt);
    const seen = judged(changes, await calls(), audit);
    if (seen.lost === 0 || performance.now() > until) return seen;
  }
}

function receivedAt({ requestReceivedTimestamp }: AuditEvent): number {
  return momentOf(requestReceivedTimestamp);
}

/** Milliseconds since 1970, of a time with microseconds. */
function momentOf(time: string): number {
  const [whole = '', broken = ''] = time.split('.');
  return Date.parse(`${whole}Z`) + Number(`0.${broken.replace('Z', '')}`) * 1000;
}

type Judged = Pick<Flow, 'toWrite' | 'fromRequest' | 'toStatus' | 'lost'>;

/** An object's changes, writes and statuses come in one order: each is the first one after what it follows. */
function judged(
  changes: readonly Change[],
  calls: readonly CallEntry[],
  audit: readonly AuditEvent[],
): Judged {
  const writes = Map.groupBy(calls.filter(isWrite), ({ key }) => key);
  const patches = audit.filter(
    ({ verb, objectRef }) => verb === 'patch' && objectRef?.resource === 'miniprogramreleases',
  );
  const named = Map.groupBy(patches, ({ objectRef }) => objectRef?.name ?? '');
  const seen = new Map<string, number>();
  const found: { write: number; request: number; status: number }[] = [];
  for (const { object, record } of changes) {
    const own = named.get(object) ?? [];
    const nth = seen.get(object) ?? 0;
    seen.set(object, nth + 1);
    const asked = own.filter(({ objectRef }) => objectRef?.subresource === undefined)[nth];
    if (asked === undefined) continue;
    const answeredAt = momentOf(asked.stageTimestamp);
    const write = (writes.get(record) ?? []).find(({ at }) => at >= Math.floor(receivedAt(asked)));
    const status = own.find(
      (event) => event.objectRef?.subresource === 'status' && receivedAt(event) >= (write?.at ?? 0),
    );
    if (write === undefined || status === undefined) continue;
    found.push({
      write: write.at - answeredAt,
      request: write.at - receivedAt(asked),
      status: receivedAt(status) - answeredAt,
    });
  }
  return {
    toWrite: found.map(({ write }) => write),
    fromRequest: found.map(({ request }) => request),
    toStatus: found.map(({ status }) => status),
    lost: changes.length - found.length,
  };
}

/** The value below which that share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
