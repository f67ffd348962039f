import type { Api, ApiAnswer, ApiRequest, ApiStream } from '../../../src/kubernetes/api.ts';
import { createCache, follow } from '../../../src/kubernetes/cache.ts';
import { reflectorDefaults, type ReflectorSettings } from '../../../src/kubernetes/reflector.ts';
import { resources } from '../../../src/kubernetes/resources.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import type { ObjectCache } from '../../../src/ports/cluster.ts';
import { seededRandom } from '../../support/random.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

interface Raw {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: unknown;
}

interface Line {
  readonly send: (line: string) => void;
}

export interface ObjectWorld {
  readonly clock: VirtualClock;
  readonly cache: ObjectCache;
  /** What was asked, in order: `list`, `list+` (a further page), `watch FROM`. */
  readonly asked: string[];
  /** When each of them was asked. */
  readonly askedAt: number[];
  /** Answers instead of the server, to the next call of that kind; undefined: the server does. */
  onList: (path: string) => ApiAnswer | undefined;
  onWatch: (path: string) => ApiAnswer | undefined;
  /** No event reaches a watch while this is false. */
  delivers: boolean;
  put(name: string, spec: unknown): string;
  remove(name: string): void;
  /** Somebody deletes it, and a finalizer of somebody else keeps it. */
  leave(name: string): void;
  /** Sends to every watch that is open; `end` ends it, `break` resets it. */
  tell(line: string): void;
  bookmark(): void;
  /** The list of the moment, to be answered later. */
  snapshot(): ApiAnswer;
  /** Of the storage; the function puts everything back. */
  backup(): () => void;
  /** Following begins with the first of them. */
  pass(ms: number): Promise<void>;
  /** Names and specs as the cache shows them. */
  shown(): Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** An API server of one kind in one namespace, on a clock that stands still until it is told to move. */
export function createObjectWorld(settings: Partial<ReflectorSettings> = {}): ObjectWorld {
  const clock = createVirtualClock();
  const objects = new Map<string, Raw>();
  const log: { readonly version: number; readonly line: string }[] = [];
  const lines = new Set<Line>();
  const stopping = new AbortController();
  let version = 100;
  let running: Promise<void> | undefined;

  function happen(type: string, raw: Raw): void {
    const line = JSON.stringify({ type, object: raw });
    log.push({ version, line });
    if (world.delivers) world.tell(line);
  }

  function rawOf(name: string, spec: unknown): Raw {
    version += 1;
    const uid = objects.get(name)?.metadata.uid ?? `uid-${name}-${version}`;
    return { metadata: { namespace: 'a', name, uid, resourceVersion: String(version) }, spec };
  }

  function list(path: string): ApiAnswer {
    const query = new URL(path, 'https://x').searchParams;
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit'));
    const all = [...objects.values()];
    const next = from + limit < all.length ? String(from + limit) : '';
    const metadata = { resourceVersion: String(version), continue: next };
    return ok({ metadata, items: all.slice(from, from + limit) });
  }

  function watch(path: string, signal: AbortSignal): ApiStream {
    const from = Number(new URL(path, 'https://x').searchParams.get('resourceVersion'));
    const queue = log.filter((each) => each.version > from).map((each) => each.line);
    let wake: () => void = () => undefined;
    const line: Line = {
      send(text) {
        queue.push(text);
        wake();
      },
    };
    lines.add(line);
    signal.addEventListener('abort', () => {
      wake();
    });
    return { status: 200, lines: linesOf() };
    async function* linesOf(): AsyncGenerator<string> {
      try {
        for (;;) {
          signal.throwIfAborted();
          const next = queue.shift();
          if (next === 'end') return;
          if (next === 'break') throw new ReconcileError('ClusterUnavailable', 'reset');
          if (next !== undefined) yield next;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        lines.delete(line);
      }
    }
  }

  function note(what: string): void {
    world.asked.push(what);
    world.askedAt.push(clock.mono());
  }

  const api: Api = {
    async send({ path }: ApiRequest) {
      note(path.includes('continue=') ? 'list+' : 'list');
      return world.onList(path) ?? list(path);
    },
    async stream({ path }: ApiRequest, signal) {
      note(`watch ${new URL(path, 'https://x').searchParams.get('resourceVersion')}`);
      return world.onWatch(path) ?? watch(path, signal);
    },
  };
  const following = follow(
    { resource: resources.MiniProgram },
    ['a'],
    { api, clock, random: seededRandom(1) },
    { ...reflectorDefaults, doubtMs: 10_000, ...settings },
  );
  const cache = createCache('MiniProgram', following);
  const world: ObjectWorld = {
    clock,
    cache,
    asked: [],
    askedAt: [],
    onList: () => undefined,
    onWatch: () => undefined,
    delivers: true,
    put(name, spec) {
      const raw = rawOf(name, spec);
      const type = objects.has(name) ? 'MODIFIED' : 'ADDED';
      objects.set(name, raw);
      happen(type, raw);
      return raw.metadata.resourceVersion;
    },
    remove(name) {
      const raw = rawOf(name, undefined);
      objects.delete(name);
      happen('DELETED', raw);
    },
    leave(name) {
      const raw = rawOf(name, objects.get(name)?.spec);
      const metadata = { ...raw.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
      objects.set(name, { ...raw, metadata });
      happen('MODIFIED', { ...raw, metadata });
    },
    tell(line) {
      for (const each of lines) each.send(line);
    },
    bookmark() {
      world.tell(
        JSON.stringify({
          type: 'BOOKMARK',
          object: { metadata: { resourceVersion: String(version) } },
        }),
      );
    },
    snapshot: () => structuredClone(list('?limit=500')),
    backup() {
      const [was, kept] = [version, [...objects]];
      return () => {
        version = was;
        objects.clear();
        for (const [name, raw] of kept) objects.set(name, raw);
        log.splice(log.findIndex((each) => each.version > was));
      };
    },
    async pass(ms) {
      running ??= following.run(stopping.signal);
      for (let left = ms; left > 0; left -= 250) {
        await new Promise((resolve) => setImmediate(resolve));
        await clock.advance(Math.min(250, left));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    shown: () => Object.fromEntries([...cache.all()].map(({ name, spec }) => [name, spec])),
    async stop() {
      stopping.abort(new Error('over'));
      await running;
    },
  };
  return world;
}

export const ok = (body: unknown): ApiAnswer => ({ status: 200, headers: {}, body });

export function failed(status: number, headers: Record<string, string> = {}): ApiAnswer {
  return { status, headers, body: undefined };
}
