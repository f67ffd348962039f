import { expect } from 'vitest';
import type {
  Clock,
  Ledger,
  Outcome,
  PlatformReader,
  PlatformWriter,
  ReadPorts,
  WritePorts,
} from '../../src/ports/index.ts';
import type { Change, ChangeId, Decision } from '../../src/core/model/plan.ts';
import { gatesOf } from '../../src/core/plan/gates.ts';
import { decide } from '../../src/core/plan/decide.ts';
import { resolve } from '../../src/core/resolve/resolve.ts';
import { FingerprintKey } from '../../src/core/words/digests.ts';
import { createLocate } from '../../src/core/yaml/locate.ts';
import { parseFile } from '../../src/core/yaml/parse.ts';
import type { CallEntry } from '../../src/emulator/calls.ts';
import type { FaultPlan } from '../../src/emulator/faults.ts';
import { createHost, type Host } from '../../src/emulator/host.ts';
import { worldPlatform } from '../../src/emulator/in-process.ts';
import { createWorld } from '../../src/emulator/world/create.ts';
import type { ConsoleRequest } from '../../src/emulator/world/console.ts';
import type { Switches } from '../../src/emulator/world/switches.ts';
import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import { createMemory, planEach, type Memory, type PlanContext } from '../../src/engine/read.ts';
import { execute } from '../../src/engine/write.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { createSecretMap } from '../../src/secrets/map.ts';
import { seededRandom } from '../support/random.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

export const client = 'fairlead-ci';

/** One program of ours beside a neighbour's, one app, everything allowed. */
export function faultWorld(switches: Partial<Switches> = {}): WorldFile {
  return {
    platformId: 'megapay',
    switches,
    clients: [{ id: client }],
    apps: [
      {
        id: 'megapay',
        environments: ['Production', 'Sandbox', 'Test', 'Development'],
        environmentVariables: true,
        pilotTesting: true,
      },
    ],
    workspaces: [
      {
        id: 'acme',
        admins: [client],
        miniPrograms: [
          {
            id: 'coffee',
            type: 'DSL',
            domainsGranted: true,
            versions: ['1.0.0', '1.1.0'],
            globalConfig: { merchantId: 'M-1' },
          },
          {
            id: 'tea',
            type: 'DSL',
            versions: ['1.0.0'],
            releases: [{ version: '1.0.0', app: 'megapay', environment: 'Test' }],
          },
        ],
      },
    ],
  };
}

export interface Wishes {
  /** Configuration of each target of version 1.0.0, by environment. */
  readonly targets: Readonly<Record<string, string>>;
  readonly global?: string;
}

/** Declarations of the program as YAML. */
function declarations({ targets, global }: Wishes): string {
  return [
    'apiVersion: fairlead.dev/v1alpha1',
    'kind: MiniProgram',
    'metadata: { name: coffee }',
    'spec:',
    '  workspace: acme',
    '  id: coffee',
    '  policy: { onChange: Apply, onDrift: Apply }',
    ...(global === undefined ? [] : [`  globalConfig: ${global}`]),
    '---',
    'apiVersion: fairlead.dev/v1alpha1',
    'kind: MiniProgramRelease',
    'metadata: { name: coffee-1.0.0 }',
    'spec:',
    '  miniProgram: coffee',
    '  version: 1.0.0',
    '  targets:',
    ...Object.entries(targets).map(
      ([environment, config]) =>
        `    - { app: megapay, environment: ${environment}, config: ${config} }`,
    ),
    '',
  ].join('\n');
}

export interface Scene {
  readonly host: Host;
  /** One whole pass as a new process makes it: observe, plan, decide, execute. */
  pass(options?: PassOptions): Promise<Pass>;
  console(action: ConsoleRequest): void;
}

export interface PassOptions {
  readonly faults?: FaultPlan;
  readonly wishes?: Wishes;
  /** Between planning and writing. */
  readonly meanwhile?: () => void;
  /** Wraps what the executor holds. */
  readonly wrap?: (ports: ReadPorts & WritePorts) => ReadPorts & WritePorts;
  readonly signal?: AbortSignal;
  readonly maxWriters?: number;
  /** Of an earlier pass, where both are of one process. */
  readonly memory?: Memory;
}

export interface Pass {
  readonly planned: readonly string[];
  readonly decisions: readonly Decision[];
  readonly outcomes: readonly Outcome[];
  /** The platform's log of this pass. */
  readonly calls: readonly CallEntry[];
  /** Set when there was no plan: the platform could not be read. */
  readonly unread: string | undefined;
}

/** Every gate off: these scenes are about what happens to writes that were decided. */
const gates = gatesOf({
  productionPayee: 'off',
  clearDomains: 'off',
  clearTesters: 'off',
  maxPercent: 'off',
});
const never = new AbortController().signal;

export function createScene(world: WorldFile, firstWishes: Wishes, seed = 1): Scene {
  const host = createHost(createWorld({ file: world }));
  const clock = createVirtualClock({ auto: true });
  const ledger = openLedger({ file: ':memory:', onTrouble: (message) => expect.fail(message) });

  async function pass(options: PassOptions = {}): Promise<Pass> {
    const from = host.calls().at(-1)?.seq ?? 0;
    const { faults } = options;
    const platform = worldPlatform(host, { client, clock, ...(faults ? { faults } : {}) });
    const done = await runPass(
      { platform, clock, ledger, seed },
      { wishes: firstWishes, ...options },
    );
    return { ...done, calls: host.calls(from) };
  }

  return {
    host,
    pass,
    console(action) {
      const { result } = host.console(action, clock.wall());
      if (result.resultStatus !== 'S') throw new Error(`${action.action}: ${result.resultCode}`);
    },
  };
}

export interface Surroundings {
  readonly platform: PlatformReader & PlatformWriter;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly seed: number;
}

/** Observe, plan, decide, execute, as a new process does it. */
export async function runPass(
  { platform, clock, ledger, seed }: Surroundings,
  options: PassOptions & { readonly wishes: Wishes },
): Promise<Omit<Pass, 'calls'>> {
  const secrets = createSecretMap({
    mappings: [{ name: 'keys', keys: { api: { env: 'API_KEY' } } }],
    needsFor: false,
    env: { API_KEY: 'canary-0a1b2c3d' },
    directory: '/nonexistent',
    connections: { default: { key: new FingerprintKey(new Uint8Array(32).fill(7)), previous: [] } },
  });
  const plain: ReadPorts & WritePorts = {
    reader: platform,
    writer: platform,
    secrets,
    ledger,
    clock,
    random: seededRandom(seed),
    telemetry: { emit: () => undefined },
    fence: { heldUntil: () => Infinity },
  };
  const ports = options.wrap?.(plain) ?? plain;
  const context: PlanContext = {
    connection: 'default',
    installation: 'default',
    takeOver: [],
    mode: 'sweep',
    memory: options.memory ?? createMemory(),
  };
  const { planned, failed } = await planEach(desired(options.wishes), ports, context, never).catch(
    (error: unknown) => ({ planned: [], failed: [{ error: error as Error }] }),
  );
  const allowed = new Set<ChangeId>();
  const decisions = planned.map(({ plan }) =>
    decide({ plan, gates, programsInCommit: undefined, allowed, now: clock.wall() }),
  );
  options.meanwhile?.();
  const outcomes: Outcome[] = [];
  for (const [i, { plan, desired: program }] of planned.entries()) {
    const { maxWriters = 4, signal = never } = options;
    const executing = { ...context, plan, desired: program, maxWriters, timeoutMs: 1000 };
    outcomes.push(...(await execute(decisions[i]!, ports, executing, signal)));
  }
  return {
    planned: planned.flatMap(({ plan }) =>
      [...plan.changes, ...plan.global].map((change) => `${nameOf(change)} ${change.action}`),
    ),
    decisions,
    outcomes,
    unread: failed[0] ? String(failed[0].error) : undefined,
  };
}

function nameOf(change: Change): string {
  return change.scope === 'release' ? change.key.environment : 'global';
}

function desired(wishes: Wishes) {
  const bytes = new TextEncoder().encode(declarations(wishes));
  const { documents, invalid, problems } = parseFile(
    { source: 'cli', file: 'coffee.yaml', bytes },
    'declarations',
  );
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  const source = { source: 'cli', documents, invalid, problems, complete: true };
  const trust = { connections: { default: { platformId: 'megapay' } }, order: [] };
  return resolve([source], trust, createLocate(documents)).programs;
}

/** What the platform holds of our program: configuration by environment, and the global one. */
export function heldBy(host: Pick<Host, 'world'>): Readonly<Record<string, unknown>> {
  const world = host.world();
  const releases = world.releases.toArray().filter(({ miniProgram }) => miniProgram === 'coffee');
  const program = world.programs.valueSeq().find(({ id }) => id === 'coffee');
  return {
    ...Object.fromEntries(releases.map((release) => [release.environment, release.config])),
    global: program?.globalConfig,
  };
}

/** Records of our program by key: more than one of a key is the worst that can happen. */
export function recordCounts(host: Pick<Host, 'world'>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { miniProgram, version, app, environment } of host.world().releases) {
    const key = `${miniProgram}/${version}/${app}/${environment}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const writeOperations = ['createRelease', 'patchReleaseConfig', 'patchGlobalConfig'];

/** Writes that were tried, as the platform saw them. */
export function writesIn(calls: readonly CallEntry[]): readonly CallEntry[] {
  return calls.filter(({ operation }) => writeOperations.includes(operation));
}

/** I1: request ids of the creates of each key. More than one id is a breach, however the platform answered. */
export function createIds(
  calls: readonly CallEntry[],
): Readonly<Record<string, readonly string[]>> {
  const creates = calls.filter(({ operation }) => operation === 'createRelease');
  const byKey = Map.groupBy(creates, ({ key }) => key);
  return Object.fromEntries(
    [...byKey].map(([key, entries]) => [
      key,
      [...new Set(entries.map(({ requestId }) => requestId ?? 'none'))],
    ]),
  );
}
