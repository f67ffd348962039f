import { createHost, type Host } from '../../src/emulator/host.ts';
import { worldPlatform } from '../../src/emulator/in-process.ts';
import type { FaultPlan } from '../../src/emulator/faults.ts';
import type { ConsoleRequest } from '../../src/emulator/world/console.ts';
import { createWorld } from '../../src/emulator/world/create.ts';
import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import type { ControllerStatus, ProgramStatus } from '../../src/core/model/controller.ts';
import type { Order } from '../../src/core/model/orders.ts';
import type { ChangeId } from '../../src/core/model/plan.ts';
import type { GatesSpec } from '../../src/core/kinds/platform-connection.ts';
import { gatesOf } from '../../src/core/plan/gates.ts';
import { FingerprintKey } from '../../src/core/words/digests.ts';
import { ReconcileError } from '../../src/core/words/errors.ts';
import { epochMs } from '../../src/core/words/time.ts';
import { parseFile } from '../../src/core/yaml/parse.ts';
import type { FollowedSource, SourceCommit } from '../../src/ports/controller.ts';
import type { Ledger, LedgerEntry, Seen, TelemetryEvent } from '../../src/ports/index.ts';
import { runLoop, type LoopPorts, type LoopSettings } from '../../src/reconcile/loop.ts';
import { createSecretMap } from '../../src/secrets/map.ts';
import { seededRandom } from '../support/random.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';
import { client } from './faults-world.ts';

/*
 * A controller in virtual time: the real loop, driver and engine over a world of this process; only the repository is a
 * map of files. Nothing moves but by `advance`.
 */

/** A repository of which a test is the author. */
export interface Repository {
  readonly source: FollowedSource;
  /** Replaces the files, and makes a commit of it. */
  commit(files: Readonly<Record<string, string>>): void;
  /** Looks fail while it is set. */
  broken: ReconcileError | undefined;
  readonly completed: readonly string[];
  readonly looks: () => number;
}

function createRepository(name: string, clock: VirtualClock): Repository {
  const commits: SourceCommit[] = [];
  const completed: string[] = [];
  let given: string | undefined;
  let looks = 0;
  const repository = {
    broken: undefined as ReconcileError | undefined,
    completed,
    looks: () => looks,
    commit(files: Readonly<Record<string, string>>) {
      const id = (commits.length + 1).toString(16).padStart(40, '0');
      commits.push(commitOf({ name, id, files, at: clock.wall() }));
    },
    source: {
      name,
      url: `https://git.example/${name}`,
      ref: 'main',
      look() {
        looks += 1;
        if (repository.broken) return Promise.reject(repository.broken);
        const last = commits.at(-1);
        if (!last) {
          return Promise.reject(new ReconcileError('SourceUnavailable', 'the repository is empty'));
        }
        if (last.commit.id === given) return Promise.resolve({ kind: 'unchanged' as const });
        given = last.commit.id;
        return Promise.resolve({ kind: 'changed' as const, source: last });
      },
      restore: () => Promise.resolve(commits.find(({ commit }) => commit.id === completed.at(-1))),
      completed(commit: string) {
        completed.push(commit);
        return Promise.resolve();
      },
    },
  };
  return repository;
}

function commitOf({
  name,
  id,
  files,
  at,
}: {
  readonly name: string;
  readonly id: string;
  readonly files: Readonly<Record<string, string>>;
  readonly at: ReturnType<VirtualClock['wall']>;
}): SourceCommit {
  const parsed = Object.entries(files).map(([file, text]) =>
    parseFile(
      { source: name, file, bytes: new TextEncoder().encode(text), commit: id, since: at },
      'declarations',
    ),
  );
  return {
    commit: { id, author: 'Ada <ada@example.test>', subject: `commit ${id.slice(-2)}`, at },
    changedBy: {},
    encrypted: {},
    documents: {
      source: name,
      documents: parsed.flatMap(({ documents }) => documents),
      invalid: parsed.flatMap(({ invalid }) => invalid),
      problems: parsed.flatMap(({ problems }) => problems),
      complete: true,
      commit: id,
    },
  };
}

export interface SceneOptions {
  readonly world: WorldFile;
  readonly sources?: readonly string[];
  readonly seed?: number;
  readonly faults?: FaultPlan;
  readonly gates?: GatesSpec;
  readonly sweepMs?: number;
  readonly lookMs?: number;
  readonly installation?: string;
  /** The world of another scene, and its clock. */
  readonly beside?: LoopScene;
  readonly requestsPerSecond?: number;
  readonly pageSize?: number;
  /** Connections to the same platform, and why nothing may be written through one. */
  readonly connections?: Readonly<Record<string, { readonly suspended?: string }>>;
}

export interface LoopScene {
  /** Connection of each write that was tried, in order. */
  readonly written: readonly string[];
  readonly host: Host;
  readonly clock: VirtualClock;
  readonly repositories: Readonly<Record<string, Repository>>;
  readonly events: readonly TelemetryEvent[];
  readonly entries: readonly LedgerEntry[];
  readonly seen: readonly Seen[];
  /** What people said. */
  readonly orders: Order[];
  /** Starts a process; `end` is how it dies. */
  start(): void;
  stop(): Promise<void>;
  advance(ms: number): Promise<void>;
  hint(source: string): void;
  status(): ControllerStatus;
  program(name: string): ProgramStatus | undefined;
  console(action: ConsoleRequest): void;
  /** Calls of the platform since the last time it was asked. */
  calls(): readonly string[];
}

/** Every gate off: most scenes are not about gates. */
export const openGates: GatesSpec = {
  productionPayee: 'off',
  clearDomains: 'off',
  clearTesters: 'off',
  maxPercent: 'off',
  maxChanges: 'off',
  maxPrograms: 'off',
};

export function createLoopScene(options: SceneOptions): LoopScene {
  const { world, sources = ['team'], seed = 1, beside } = options;
  const clock = beside?.clock ?? createVirtualClock();
  const host = beside?.host ?? createHost(createWorld({ file: world }));
  const repositories = Object.fromEntries(
    sources.map((name) => [name, createRepository(name, clock)]),
  );
  const events: TelemetryEvent[] = [];
  const entries: LedgerEntry[] = [];
  const seen: Seen[] = [];
  const written: string[] = [];
  const { connections = { default: {} } } = options;
  const orders: Order[] = [];
  const waiting = new Map<string, () => void>();
  let status: (() => ControllerStatus) | undefined;
  let completed: Readonly<Record<string, string>> | undefined;
  let running: { readonly stop: AbortController; readonly end: Promise<void> } | undefined;
  let seq = host.calls().at(-1)?.seq ?? 0;

  function portsOf(): LoopPorts {
    const platform = worldPlatform(host, {
      ...{ client, clock },
      ...(options.faults ? { faults: options.faults } : {}),
      ...(options.pageSize === undefined ? {} : { pageSize: options.pageSize }),
    });
    const secrets = createSecretMap({
      mappings: [{ name: 'keys', keys: { api: { env: 'API_KEY' } } }],
      needsFor: false,
      env: { API_KEY: 'canary-0a1b2c3d' },
      directory: '/nonexistent',
      connections: Object.fromEntries(
        Object.keys(connections).map((name) => [
          name,
          { key: new FingerprintKey(new Uint8Array(32).fill(7)), previous: [] },
        ]),
      ),
    });
    const ledger: Ledger = {
      bases: () => Promise.resolve({}),
      keep: () => Promise.resolve(),
      append: (entry) => Promise.resolve(void entries.push(entry)),
      seen: (one) => Promise.resolve(void seen.push(one)),
    };
    return {
      ...{ clock, ledger, secrets, random: seededRandom(seed) },
      telemetry: { emit: (event) => void events.push(event) },
      fence: { heldUntil: () => Infinity },
      rotated: () => Promise.resolve([]),
      sources: Object.values(repositories).map(({ source }) => source),
      connections: Object.entries(connections).map(([name, { suspended }]) => {
        const counted = {
          ...platform,
          write: (...call: Parameters<typeof platform.write>) => {
            written.push(name);
            return platform.write(...call);
          },
        };
        return {
          ...{ name, ...(suspended === undefined ? {} : { suspended }) },
          platform: world.platformId ?? 'megapay',
          lanes: { hot: counted, sweep: counted },
          gates: gatesOf(options.gates ?? openGates),
          maxWriters: 4,
          timeoutMs: 1000,
          requestsPerSecond: options.requestsPerSecond ?? 1000,
          rateNow: () => options.requestsPerSecond ?? 1000,
        };
      }),
      orders: {
        compact: () => Promise.resolve(),
        read: () => Promise.resolve([...orders]),
        used: (ids) => {
          const id = `used-${String(orders.length)}`;
          orders.push({ kind: 'used', id, at: clock.wall(), by: 'fairlead', ids });
          return Promise.resolve();
        },
      },
      hints: {
        next: (source, signal) =>
          new Promise((resolve) => {
            waiting.set(source, resolve);
            signal.addEventListener('abort', () => resolve(), { once: true });
          }),
      },
      board: { changed: (make) => void (status = make) },
      completed: {
        read: () => Promise.resolve(completed),
        write: (digests) => Promise.resolve(void (completed = digests)),
      },
    };
  }

  function settingsOf(): LoopSettings {
    const every = (ms: number) => ({
      next: (after: number, last: number | undefined) =>
        epochMs(last === undefined ? after : Math.max(after, last + ms)),
    });
    const { sweepMs = 300_000, lookMs = 10_000, installation = 'default' } = options;
    return {
      trust: {
        connections: Object.fromEntries(
          Object.keys(connections).map((name) => [
            name,
            { platformId: world.platformId ?? 'megapay' },
          ]),
        ),
        order: sources,
      },
      installation,
      takeOver: [],
      sweep: every(sweepMs),
      looks: Object.fromEntries(sources.map((name) => [name, every(lookMs)])),
      secretMs: 60_000,
      workers: 4,
      about: () => ({
        version: '0.0.0',
        startedAt: clock.wall(),
        config: { file: 'settings.yaml', loadedAt: clock.wall() },
      }),
      sourceCredentials: {},
    };
  }

  return {
    ...{ host, clock, repositories, events, entries, seen, orders, written },
    start() {
      const stop = new AbortController();
      running = { stop, end: runLoop(portsOf(), settingsOf(), stop.signal) };
      running.end.catch(() => undefined);
    },
    async stop() {
      running?.stop.abort('SIGTERM');
      await running?.end;
      running = undefined;
    },
    async advance(ms) {
      await settled();
      await clock.advance(ms);
      await settled();
    },
    hint(source) {
      waiting.get(source)?.();
    },
    status() {
      if (!status) throw new Error('nothing was shown yet');
      return status();
    },
    program: (name) => status?.().programs.find(({ names }) => names.includes(name)),
    console(action) {
      const { result } = host.console(action, clock.wall());
      if (result.resultStatus !== 'S') throw new Error(`${action.action}: ${result.resultCode}`);
    },
    calls() {
      const fresh = host.calls(seq);
      seq = host.calls().at(-1)?.seq ?? seq;
      return fresh.map(({ operation }) => operation);
    },
  };
}

/** Lets everything run that waits for no moment. */
async function settled(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Ids of what is held, for an approval. */
export function heldIds(program: ProgramStatus | undefined): readonly ChangeId[] {
  return (program?.held ?? []).map(({ changeId }) => changeId);
}
