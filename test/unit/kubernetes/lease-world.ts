import type { ApiAnswer, ApiRequest, Api } from '../../../src/kubernetes/api.ts';
import { createLeaseStore } from '../../../src/kubernetes/lease.ts';
import { createShards, type LeasedShards } from '../../../src/kubernetes/shards.ts';
import { type LeaseTimes, leaseTimes } from '../../../src/kubernetes/hold.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import type { HeldShard } from '../../../src/ports/cluster.ts';
import type { Clock } from '../../../src/ports/index.ts';
import { seededRandom } from '../../support/random.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

interface Stored {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>> & { readonly holderIdentity: string };
}

/** What becomes of one process's calls. `deaf`: they are done, and no answer comes. */
export type Line = 'up' | 'cut' | 'deaf';

export interface Process {
  readonly identity: string;
  readonly shards: LeasedShards;
  /** Won and not lost. */
  readonly held: Map<number, HeldShard>;
  line: Line;
  /** A frozen process notices nothing: not its sleeps' ends, not its answers. */
  freeze(): void;
  thaw(): void;
  /** Moves its clock on the wall. */
  wallBy(ms: number): void;
  /** Never does anything again. */
  kill(): void;
}

export interface LeaseWorld {
  readonly clock: VirtualClock;
  readonly leases: Map<string, Stored>;
  /** Requests that changed something, `method name holder`. */
  readonly writes: string[];
  start(identity: string, options?: ProcessOptions): Process;
  /** Time passes, and `look` looks at it every 50 ms. */
  pass(ms: number, look?: () => void): Promise<void>;
  steal(name: string): void;
  /** As somebody does by hand: it is gone, or nobody's. */
  remove(name: string): void;
  empty(name: string): void;
  unlabel(name: string): void;
}

export interface ProcessOptions {
  readonly total?: number;
  readonly scope?: string;
  readonly only?: readonly number[];
  readonly times?: LeaseTimes;
  /** Calls `drained` when a shard is given back. */
  readonly drains?: boolean;
}

/** One API server that knows Leases, on a clock that stands still until it is told to move, and processes that share it. */
export function createLeaseWorld(seed: number, latencyMs = 5): LeaseWorld {
  const clock = createVirtualClock();
  const leases = new Map<string, Stored>();
  const writes: string[] = [];
  const random = seededRandom(seed);
  const forever = new AbortController().signal;
  let version = 0;

  function store(name: string, body: Stored): Stored {
    version += 1;
    const stored = { ...body, metadata: { ...body.metadata, resourceVersion: String(version) } };
    leases.set(name, stored);
    writes.push(`${name} ${stored.spec.holderIdentity}`);
    return stored;
  }

  function selected(path: string): readonly Stored[] {
    const selector = new URL(path, 'http://api').searchParams.get('labelSelector') ?? '';
    const [label = '', value] = selector.split('=');
    return [...leases.values()].filter(
      ({ metadata }) => (metadata['labels'] as Record<string, string>)[label] === value,
    );
  }

  function answerTo({ method, path, body }: ApiRequest): ApiAnswer {
    const name = /\/leases\/([^/?]+)/.exec(path)?.[1];
    const sent = body === undefined ? undefined : (JSON.parse(body) as Stored);
    if (method === 'GET' && name === undefined) return ok({ items: selected(path) });
    if (method === 'POST' && sent !== undefined) {
      if (leases.has(sent.metadata.name)) return failed(409, sent.metadata.name);
      return { ...ok(store(sent.metadata.name, sent)), status: 201 };
    }
    const known = leases.get(name ?? '');
    if (name === undefined || known === undefined) return failed(404, name ?? '');
    if (method === 'GET') return ok(known);
    if (method === 'DELETE') {
      leases.delete(name);
      return ok({});
    }
    if (sent?.metadata['resourceVersion'] !== known.metadata['resourceVersion'])
      return failed(409, name);
    return ok(store(name, sent as Stored));
  }

  function start(identity: string, options: ProcessOptions = {}): Process {
    const life = new AbortController();
    let thawed: Promise<void> | undefined;
    let thaw: () => void = () => undefined;
    let wallMs = 0;
    const own: Clock = {
      wall: () => epochMs(clock.wall() + wallMs),
      mono: () => clock.mono(),
      async sleep(ms, signal) {
        await clock.sleep(ms, signal);
        await thawed;
      },
    };
    const api: Api = {
      async send(request, signal) {
        await own.sleep(latencyMs * random.next(), signal);
        if (process.line === 'cut') return await refuse();
        const answer = answerTo(request);
        await own.sleep(latencyMs * random.next(), signal);
        return process.line === 'deaf' ? await refuse() : answer;
      },
      stream: () => refuse(),
    };
    const times = options.times ?? leaseTimes;
    const total = options.total ?? 1;
    const limits = { namespace: 'system', timeoutMs: times.renewDeadlineMs / 2 };
    const shards = createShards(
      {
        ...{ name: 'fairlead', total, identity, times, scope: options.scope ?? 'cluster' },
        ...(options.only === undefined ? {} : { only: options.only }),
      },
      { store: createLeaseStore({ api, clock: own }, limits), clock: own, random },
    );
    const process: Process = {
      identity,
      shards,
      held: new Map(),
      line: 'up',
      freeze() {
        thawed ??= new Promise((resolve) => {
          thaw = resolve;
        });
      },
      thaw() {
        thawed = undefined;
        thaw();
      },
      wallBy: (ms) => (wallMs += ms),
      kill() {
        process.line = 'cut';
        life.abort(new Error('killed'));
        process.held.clear();
      },
    };
    void shards.run(life.signal);
    void collect(process, options.drains ?? true, forever);
    return process;
  }

  return {
    clock,
    leases,
    writes,
    start,
    async pass(ms, look = () => undefined) {
      for (let left = ms; left > 0; left -= 50) {
        await clock.advance(Math.min(50, left));
        await new Promise((resolve) => setImmediate(resolve));
        look();
      }
    },
    remove: (name) => void leases.delete(name),
    unlabel(name) {
      const known = leases.get(name)!;
      store(name, { ...known, metadata: { ...known.metadata, labels: {} } });
    },
    empty(name) {
      const known = leases.get(name)!;
      store(name, { ...known, spec: { ...known.spec, holderIdentity: '' } });
    },
    steal(name) {
      const known = leases.get(name)!;
      store(name, { ...known, spec: { ...known.spec, holderIdentity: 'thief' } });
    },
  };
}

async function collect(process: Process, drains: boolean, signal: AbortSignal): Promise<void> {
  for (;;) {
    const shard = await process.shards.won(signal);
    process.held.set(shard.index, shard);
    shard.signal.addEventListener('abort', () => {
      process.held.delete(shard.index);
      if (drains) shard.drained?.();
    });
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new ReconcileError('ClusterUnavailable', 'no answer'));
}

const ok = (body: unknown): ApiAnswer => ({ status: 200, headers: {}, body });

function failed(status: number, name: string): ApiAnswer {
  return { status, headers: {}, body: { details: { name } } };
}

/** The processes that may write to a shard at this moment. */
export function writers(
  processes: readonly Process[],
  index: number,
  now: number,
): readonly string[] {
  return processes
    .filter(({ held }) => (held.get(index)?.heldUntil() ?? Number.NEGATIVE_INFINITY) > now)
    .map(({ identity }) => identity);
}
