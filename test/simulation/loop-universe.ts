import type { Shares } from '../../src/cli/cluster/shares.ts';
import type { ControllerStatus } from '../../src/core/model/controller.ts';
import type { GatesSpec } from '../../src/core/kinds/platform-connection.ts';
import { gatesOf } from '../../src/core/plan/gates.ts';
import { FingerprintKey } from '../../src/core/words/digests.ts';
import { epochMs } from '../../src/core/words/time.ts';
import { createHost, type Host } from '../../src/emulator/host.ts';
import type { ConsoleRequest } from '../../src/emulator/world/console.ts';
import { createWorld } from '../../src/emulator/world/create.ts';
import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import { createHttpDriver, type Learnt } from '../../src/platform/http/driver.ts';
import { parseRetryAfter } from '../../src/platform/http/retry-after.ts';
import type { FollowedSource } from '../../src/ports/controller.ts';
import type { Lane, TelemetryEvent, WireRequest } from '../../src/ports/index.ts';
import { runLoop, type LoopPorts, type LoopSettings } from '../../src/reconcile/loop.ts';
import { paced } from '../../src/reconcile/paced.ts';
import { createRateBudget } from '../../src/reconcile/rate-budget.ts';
import { createSecretMap } from '../../src/secrets/map.ts';
import { seededRandom } from '../support/random.ts';
import { createSimTime, type ProcessClock, type SimTime } from './loop-clock.ts';
import { client } from './faults-world.ts';
import { openGates } from './loop-scene.ts';
import {
  followed,
  ledgerOf,
  type Disk,
  type Learned,
  type Outside,
  type Strike,
} from './loop-outside.ts';
import { createParts, type Parts } from './loop-parts.ts';
import { createRepo, type Repo } from './loop-repo.ts';
import { flat } from './loop-town.ts';
import {
  createWire,
  endpoint,
  keyIn,
  operationOf,
  seal,
  timeoutMs,
  type Wire,
} from './loop-wire.ts';

/*
 * Whole controllers in one virtual time: the real loop, engine, rate budget and driver of each, over one platform and
 * repositories whose commits a test makes. Whatever a process does outside of itself is an effect with a number; before
 * and after each of them it may die, and what it wrote to its disk until then is what the next one finds.
 */

export interface EffectAt {
  /** From 1, over all processes. */
  readonly n: number;
  readonly process: string;
  /** `call:getRelease`, `look`, `orders.used`, ... */
  readonly name: string;
}

export interface Machine {
  readonly name: string;
  readonly disk: Disk;
  readonly events: readonly TelemetryEvent[];
  isAlive(): boolean;
  start(): void;
  /** As SIGTERM does. */
  stop(): Promise<void>;
  die(): void;
  jump(ms: number): void;
  status(): ControllerStatus | undefined;
}

export interface Universe {
  readonly time: SimTime;
  readonly host: Host;
  readonly wire: Wire;
  readonly repos: Readonly<Record<string, Repo>>;
  readonly machines: readonly Machine[];
  /** Throws where nothing is divided. */
  parts(): Parts;
  readonly learned: readonly Learned[];
  /** Everything that happened, one line each. */
  readonly trace: readonly string[];
  effects(): number;
  /** When somebody was struck. */
  readonly struck: readonly number[];
  /** Every value the secret ever had, the newest last. */
  readonly secrets: readonly string[];
  rotate(value: string): void;
  strikes: (at: EffectAt) => Strike | undefined;
  /** What people do at the console. @returns whether the platform let them */
  console(action: ConsoleRequest): boolean;
  /** Edits of configurations that were let through. */
  readonly edits: readonly Edit[];
  /** Errors that ended a loop. */
  readonly bugs: readonly string[];
}

/** A value that a person gave a field by hand. */
export interface Edit {
  readonly key: string;
  readonly config: ReturnType<typeof flat>;
}

export interface UniverseOptions {
  readonly world: WorldFile;
  readonly sources?: readonly string[];
  readonly machines?: readonly MachineOptions[];
  /** The programs are divided among the machines: by shard, the name of one. */
  readonly parts?: readonly string[];
  readonly seed?: number;
  readonly gates?: GatesSpec;
  readonly sweepMs?: number;
  readonly lookMs?: number;
  readonly requestsPerSecond?: number;
  /** Of the platform; absent: none. */
  readonly platformRate?: number;
  readonly pageSize?: number;
  readonly workers?: number;
  readonly travelMs?: number;
}

export interface MachineOptions {
  readonly name: string;
  readonly installation?: string;
  readonly sources?: readonly string[];
  /** So many shares of the programs, all of them held for ever; absent: it does not divide them. */
  readonly shares?: number;
}

const never = (): Promise<never> => new Promise(() => undefined);
const downMs = 1_500;

export function createUniverse(options: UniverseOptions): Universe {
  const { world, sources = ['team'], seed = 1, travelMs = 20 } = options;
  const time = createSimTime();
  const host = createHost(createWorld({ file: world }));
  const wire = createWire(host, time, { requestsPerSecond: options.platformRate ?? 0 });
  const repos = Object.fromEntries(sources.map((name) => [name, createRepo(name, time)]));
  const trace: string[] = [];
  const learned: Learned[] = [];
  const secrets = ['canary-0'];
  const env = { API_KEY: 'canary-0' };
  const bugs: string[] = [];
  const edits: Edit[] = [];
  const struck: number[] = [];
  const parts = options.parts && createParts(time, options.parts);
  const travels = seededRandom(seed + 77);
  let effects = 0;

  const universe: Universe = {
    ...{ time, host, wire, repos, trace, learned, secrets, bugs, edits, struck },
    machines: (options.machines ?? [{ name: 'one' }]).map(createMachine),
    parts() {
      if (!parts) throw new Error('nothing is divided');
      return parts;
    },
    effects: () => effects,
    strikes: () => undefined,
    rotate(value) {
      env.API_KEY = value;
      secrets.push(value);
    },
    console(action) {
      const { result } = host.console(action, time.wall());
      note('person', `${action.action} ${result.resultCode}`);
      const isDone = result.resultStatus === 'S';
      if (isDone && 'patch' in action)
        edits.push({ key: keyIn(action), config: flat(action.patch) });
      return isDone;
    },
  };
  return universe;

  function note(process: string, what: string): void {
    trace.push(`${String(Math.round(time.mono()))} ${process} ${what}`);
  }

  function createMachine(own: MachineOptions): Machine {
    const { name } = own;
    const disk: Disk = {
      ...{ orders: [], digests: undefined },
      ...{ completed: new Map(), bases: new Map() },
    };
    const events: TelemetryEvent[] = [];
    let life: Life | undefined;
    let lives = 0;
    const machine: Machine = {
      ...{ name, disk, events },
      isAlive: () => life !== undefined,
      start() {
        lives += 1;
        life = createLife(own, { disk, events, lives, die: () => die(mine) });
        const mine = life;
        note(name, 'starts');
        life.run();
      },
      async stop() {
        const stopping = life;
        await stopping?.stop();
      },
      die: () => die(life),
      jump: (ms) => life?.clock.jump(ms),
      status: () => life?.status(),
    };
    function die(dying: Life | undefined): void {
      if (!dying || dying !== life) return;
      note(name, 'dies');
      life = undefined;
      dying.kill();
      time.at(time.mono() + downMs, () => {
        if (!life) machine.start();
      });
    }
    return machine;
  }

  interface Life {
    readonly clock: ProcessClock;
    run(): void;
    stop(): Promise<void>;
    kill(): void;
    status(): ControllerStatus | undefined;
  }

  interface Surroundings {
    readonly disk: Disk;
    readonly events: TelemetryEvent[];
    readonly lives: number;
    readonly die: () => void;
  }

  function createLife(own: MachineOptions, { disk, events, lives, die }: Surroundings): Life {
    const process = `${own.name}.${String(lives)}`;
    const clock = time.clock();
    const stop = new AbortController();
    const ownSources = own.sources ?? sources;
    let isAlive = true;
    let status: (() => ControllerStatus) | undefined;
    let end: Promise<void> | undefined;

    /** Something outside of the process, under whatever strikes it. */
    async function effect<T>(
      name: string,
      perform: (strike: Strike | undefined) => Promise<T>,
    ): Promise<T> {
      if (!isAlive) return never();
      effects += 1;
      note(process, name);
      const strike = universe.strikes({ n: effects, process, name });
      if (strike) {
        note(process, `struck by ${strike.kind}`);
        struck.push(time.mono());
      }
      if (strike?.kind === 'meanwhile') strike.happen();
      if (strike?.kind === 'crash' && strike.when === 'before') {
        die();
        return never();
      }
      try {
        const result = await perform(strike);
        if (strike?.kind === 'crash') die();
        return isAlive ? result : await never();
      } catch (error) {
        if (!isAlive) return never();
        throw error;
      }
    }

    const outside: Outside = {
      ...{ process, clock, disk, effect },
      learn: (one) => void learned.push(one),
    };

    function transportOf() {
      return {
        send: (request: WireRequest, signal: AbortSignal) =>
          effect(`call:${operationOf(request)}`, async (strike) => {
            signal.throwIfAborted();
            const onWire = strike?.kind === 'wire' || strike?.kind === 'late' ? strike : undefined;
            const travel = travelMs === 0 ? 0 : travelMs * (0.5 + travels.next());
            const response = await wire.send({
              ...{ process, request, strike: onWire },
              travelMs: travel,
            });
            note(
              process,
              `is answered ${String(response.status)}, ${String(response.body.length)}`,
            );
            return response;
          }),
      };
    }

    function reach() {
      const learnt: Learnt = {};
      const budget = createRateBudget(options.requestsPerSecond ?? 1_000, clock);
      const pacing = {
        ...{ budget, clock },
        retryAfter: ({ headers }: { readonly headers: Readonly<Record<string, string>> }) =>
          parseRetryAfter(headers['retry-after'], headers['date'], clock.wall()),
      };
      const driver = (lane: Lane, owner = '') =>
        createHttpDriver({
          connection: { endpoint, clientId: client, platformId: 'megapay', timeoutMs },
          signer: { sign: () => seal },
          verifier: { verify: (_message, header) => header === seal },
          // A machine whose clock is wrong would be refused: that is the platform's rule, and not what is tried here.
          clock: { ...clock, wall: () => time.wall() },
          telemetry: { emit: () => undefined },
          ...paced(transportOf(), { ...pacing, owner }, lane),
          learnt,
          ...(options.pageSize === undefined ? {} : { pageSize: options.pageSize }),
        });
      const lanesOf = (owner: string) => ({
        hot: driver('hot', owner),
        sweep: driver('sweep', owner),
      });
      return { lanes: lanesOf(''), lanesOf, rateNow: () => budget.rate() };
    }

    function portsOf(): LoopPorts {
      const held = parts
        ? parts.sharesOf(own.name, stop.signal)
        : own.shares === undefined
          ? undefined
          : allShares(own.shares);
      const follow = (source: FollowedSource): FollowedSource =>
        parts ? parts.shared(source, held as Shares) : source;
      let known = env.API_KEY;
      const plainSecrets = createSecretMap({
        mappings: [{ name: 'keys', keys: { api: { env: 'API_KEY' } } }],
        needsFor: false,
        env,
        directory: '/nonexistent',
        connections: {
          default: { key: new FingerprintKey(new Uint8Array(32).fill(7)), previous: [] },
        },
      });
      return {
        ...{ clock, secrets: plainSecrets, random: seededRandom(seed * 31 + lives) },
        ledger: ledgerOf(outside),
        telemetry: { emit: (event) => void (isAlive && events.push(event)) },
        fence: { heldUntil: () => Infinity },
        rotated: () =>
          effect('rotated', () => {
            if (known === env.API_KEY) return Promise.resolve([]);
            known = env.API_KEY;
            const ref = { name: 'keys', key: 'api' };
            return Promise.resolve(ownSources.map((source) => ({ source, ref })));
          }),
        sources: ownSources
          .flatMap((name) => repos[name] ?? [])
          .map((repo) => follow(followed(repo, outside))),
        connections: [
          {
            ...{ name: 'default', platform: 'megapay', timeoutMs, ...reach() },
            gates: gatesOf(options.gates ?? openGates),
            maxWriters: 4,
            requestsPerSecond: options.requestsPerSecond ?? 1_000,
          },
        ],
        orders: {
          compact: () => Promise.resolve(),
          read: () => effect('orders.read', () => Promise.resolve([...disk.orders])),
          used: (ids) =>
            effect('orders.used', () => {
              const id = `used-${String(disk.orders.length).padStart(6, '0')}`;
              disk.orders.push({ kind: 'used', id, at: time.wall(), by: 'fairlead', ids });
              return Promise.resolve();
            }),
        },
        hints: { next: never },
        board: { changed: (make) => void (status = make) },
        completed: {
          read: () => effect('digests.read', () => Promise.resolve(disk.digests)),
          write: (digests) =>
            effect('digests.write', () => Promise.resolve(void (disk.digests = digests))),
        },
        ...(held === undefined ? {} : { shards: held }),
      };
    }

    return {
      clock,
      run() {
        end = runLoop(portsOf(), settingsOf(own, options, clock), stop.signal);
        end.catch((error: unknown) => {
          if (isAlive && !stop.signal.aborted) bugs.push(`${process}: ${String(error)}`);
        });
      },
      async stop() {
        stop.abort(new Error('SIGTERM'));
        await end;
        isAlive = false;
      },
      kill() {
        isAlive = false;
        clock.kill();
      },
      status: () => status?.(),
    };
  }
}

/** So many shares, all of them held for ever. */
function allShares(count: number): NonNullable<LoopPorts['shards']> {
  const { signal } = new AbortController();
  const holder = { signal, heldUntil: () => Infinity, begin: () => () => undefined };
  return {
    ...{ holder: () => holder, count: () => count, changed: never, heard: never },
    ...{ takenUp: () => undefined, speak: () => undefined, others: () => [] },
    said: () => ({ judged: {}, done: {} }),
  };
}

function settingsOf(
  own: MachineOptions,
  { sources = ['team'], sweepMs = 10_000, lookMs = 5_000, workers = 4 }: UniverseOptions,
  clock: ProcessClock,
): LoopSettings {
  const every = (ms: number) => ({
    next: (after: number, last: number | undefined) =>
      epochMs(last === undefined ? after : Math.max(after, Math.min(last, after) + ms)),
  });
  const order = own.sources ?? sources;
  return {
    trust: { connections: { default: { platformId: 'megapay' } }, order },
    installation: own.installation ?? 'default',
    takeOver: [],
    sweep: every(sweepMs),
    looks: Object.fromEntries(order.map((name) => [name, every(lookMs)])),
    secretMs: 15_000,
    workers,
    about: () => ({
      version: '0.0.0',
      startedAt: clock.wall(),
      config: { file: 'settings.yaml', loadedAt: clock.wall() },
    }),
    sourceCredentials: {},
  };
}
