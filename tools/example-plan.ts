import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Settings } from '../src/core/kinds/index.ts';
import type { Plan } from '../src/core/model/plan.ts';
import { defaultGates } from '../src/core/model/policy.ts';
import { decide } from '../src/core/plan/decide.ts';
import type { PlanSet } from '../src/core/render/plan-document.ts';
import { resolve } from '../src/core/resolve/resolve.ts';
import { FingerprintKey } from '../src/core/words/digests.ts';
import { epochMs, type EpochMs } from '../src/core/words/time.ts';
import { createLocate } from '../src/core/yaml/locate.ts';
import { createHost, type Host } from '../src/emulator/host.ts';
import { worldPlatform } from '../src/emulator/in-process.ts';
import { loadWorld } from '../src/emulator/world-file.ts';
import { defaultClient } from '../src/emulator/world/create.ts';
import {
  createMemory,
  planEach,
  type PlanContext,
  type PlannedProgram,
} from '../src/engine/read.ts';
import { execute } from '../src/engine/write.ts';
import { noLedger } from '../src/ledger/ledger.ts';
import type { Clock, ReadPorts, WritePorts } from '../src/ports/index.ts';
import { createSecretMap } from '../src/secrets/map.ts';
import { createDirectory } from '../src/source/directory.ts';

/** Plans made by the real thing, always the same: an emulator in this process, a clock that stands still, one key. */
export interface Stage {
  /** Plans the declarations of a folder. */
  plan(folder: string): Promise<StagedPlan>;
  /** Plans them and writes everything that nothing holds. */
  apply(folder: string): Promise<void>;
  readonly host: Host;
  readonly now: EpochMs;
}

/** A plan, what it was made from, and the platform behind it. */
export interface StagedPlan {
  readonly set: PlanSet;
  readonly programs: readonly PlannedProgram[];
  readonly host: Host;
}

export interface StageOptions {
  /** Folders are relative to it. */
  readonly directory: string;
  readonly worldFile: string;
  /** The connection that the declarations name. */
  readonly connection: string;
  /** As in `Settings`, with the variables it names. */
  readonly secrets?: NonNullable<Settings['spec']['secrets']>;
  readonly env?: Readonly<Record<string, string>>;
}

const now = epochMs(Date.UTC(2026, 2, 1, 12));
const clock: Clock = { wall: () => now, mono: () => 0, sleep: () => Promise.resolve() };

/** A world with everything around it that plans and writes. */
export async function createStage(options: StageOptions): Promise<Stage> {
  const { connection, directory } = options;
  const world = loadWorld(await readFile(join(directory, options.worldFile), 'utf8'));
  const host = createHost(world);
  const ports = portsOf(host, options);
  const { signal } = new AbortController();
  const memory = createMemory();
  const context: PlanContext = {
    ...{ connection, installation: 'default', takeOver: [], mode: 'sweep', memory },
  };
  const trust = { connections: { [connection]: { platformId: world.platformId } }, order: [] };

  async function planned(folder: string) {
    const { sources } = await createDirectory({
      ...{ paths: ['.'], source: 'cli', cwd: join(directory, folder) },
      readInput: () => Promise.resolve(new Uint8Array()),
    }).load(signal);
    const locate = createLocate(
      sources.flatMap(({ documents, invalid }) => [...documents, ...invalid]),
    );
    const { programs, problems } = resolve(sources, trust, locate);
    const found = [...sources.flatMap((source) => source.problems), ...problems];
    const before = host.calls().length;
    const plans = await planEach(programs, ports, context, signal);
    return { ...plans, locate, problems: found, reads: host.calls().length - before };
  }

  function executing({ plan, desired }: PlannedProgram) {
    return { ...context, plan, desired, maxWriters: 1, timeoutMs: 1000 };
  }

  return {
    host,
    now,
    plan: async (folder) => {
      const { planned: programs, locate, problems, reads } = await planned(folder);
      const plans = programs.map(({ plan }) => plan);
      const decisions = plans.map(decided);
      const set: PlanSet = {
        ...{ plans, decisions, problems, locate, now, all: false, ratePerSecond: 10 },
        platforms: [{ connection, platform: world.platformId, driver: 'emulator', emulator: true }],
        apiCalls: { reads, writes: decisions.flatMap(({ apply }) => apply).length },
      };
      return { set, programs, host };
    },
    apply: async (folder) => {
      const { planned: programs } = await planned(folder);
      for (const one of programs) {
        await execute(decided(one.plan), ports, executing(one), signal);
      }
    },
  };
}

function decided(plan: Plan) {
  return decide({
    plan,
    gates: defaultGates,
    programsInCommit: undefined,
    allowed: new Set(),
    now,
  });
}

function portsOf(
  host: Host,
  { connection, secrets, env = {}, directory }: StageOptions,
): ReadPorts & WritePorts {
  const platform = worldPlatform(host, { client: defaultClient, clock });
  const key = new FingerprintKey(new Uint8Array(32).fill(7));
  return {
    reader: platform,
    writer: platform,
    secrets: createSecretMap({
      mappings: secrets,
      needsFor: false,
      connections: { [connection]: { key, previous: [] } },
      env,
      directory,
    }),
    ledger: noLedger(),
    clock,
    random: { next: () => 0 },
    telemetry: { emit: () => undefined },
    fence: { heldUntil: () => Number.POSITIVE_INFINITY },
  };
}
