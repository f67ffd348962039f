import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObservedProgram, ObservedRelease } from '../../src/core/model/observed.ts';
import { decide } from '../../src/core/plan/decide.ts';
import type { PlanInput } from '../../src/core/plan/make-plan.ts';
import {
  isVariable,
  variableName,
  type FieldPath,
  type ObservedConfig,
  type ObservedValue,
} from '../../src/core/words/fields.ts';
import { reveal, SecretText } from '../../src/core/words/secret-text.ts';
import { createHost, type Host } from '../../src/emulator/host.ts';
import { worldPlatform } from '../../src/emulator/in-process.ts';
import { createWorld } from '../../src/emulator/world/create.ts';
import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import { createMemory, planEach, type PlanContext } from '../../src/engine/read.ts';
import { execute } from '../../src/engine/write.ts';
import { noLedger } from '../../src/ledger/ledger.ts';
import type { ReadPorts, WritePorts } from '../../src/ports/index.ts';
import { seededRandom } from '../support/random.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { fingerprints, openGates, secretTexts } from '../unit/plan/fixtures.ts';
import { drawnWorld, inputOf } from './plan-worlds.ts';

const runs = 400;
const client = 'fairlead-ci';
const never = new AbortController().signal;

type WireConfig = NonNullable<
  NonNullable<
    NonNullable<NonNullable<WorldFile['workspaces']>[number]['miniPrograms']>[number]['releases']
  >[number]['config']
>;

function plainValue(value: ObservedValue): string | string[] {
  if (value.kind === 'list') return [...value.items];
  if (value.kind === 'sealed') return reveal(value.secret);
  return value.kind === 'text' ? value.text : '';
}

function wireConfig(config: ObservedConfig): WireConfig {
  const entries = Object.entries(config) as [FieldPath, ObservedValue][];
  const plain = entries.filter(([path]) => !isVariable(path));
  const variables = entries.filter(([path]) => isVariable(path));
  return {
    ...Object.fromEntries(plain.map(([path, value]) => [path, plainValue(value)])),
    ...(variables.length > 0
      ? {
          environmentVariables: variables.map(([path, value]) => ({
            name: variableName(path) ?? '',
            value: String(plainValue(value)),
          })),
        }
      : {}),
  };
}

/** The observed program as a world of the emulator. */
function worldFile({ key, releases, miniProgram, targets }: ObservedProgram): WorldFile {
  const global = miniProgram?.global;
  return {
    platformId: key.platform,
    clients: [{ id: client }],
    apps: (targets ?? []).map(({ app, environments }) => ({
      id: app,
      environments: [...environments],
      environmentVariables: true,
      pilotTesting: true,
    })),
    workspaces: [
      {
        id: key.workspace,
        admins: [client],
        miniPrograms: [
          {
            id: key.miniProgram,
            domainsGranted: true,
            versions: ['1.0.0', '1.1.0', '2.0.0'],
            globalConfig: wireConfig(global?.config ?? {}),
            ...(global?.mark === undefined ? {} : { globalMark: global.mark }),
            releases: Object.values(releases).map(releaseEntry),
          },
        ],
      },
    ],
  };
}

function releaseEntry({ key, status, config, mark, frozen }: ObservedRelease) {
  const { version, app, environment } = key;
  return {
    ...{ version, app, environment, status, config: wireConfig(config) },
    ...(mark === undefined ? {} : { mark }),
    ...(frozen === undefined || status === 'NewVersionCreated'
      ? {}
      : { frozen: wireConfig(frozen) }),
  };
}

/** Records the platform could never hold: of versions or targets it does not offer. */
function withoutImpossible({ desired, observed, ...input }: PlanInput): PlanInput {
  const isPossible = ({ key }: ObservedRelease): boolean =>
    key.version !== '9.0.0' && !(key.app === 'tapngo' && key.environment === 'Test');
  const releases = Object.fromEntries(
    Object.entries(observed.releases).filter(([, release]) => isPossible(release)),
  );
  return { ...input, desired, observed: { ...observed, releases } };
}

/** One pass as a new process makes it; what became of every write, and how many were tried. */
async function pass(host: Host, { desired }: PlanInput) {
  const clock = createVirtualClock({ auto: true });
  const platform = worldPlatform(host, { client, clock });
  const ports: ReadPorts & WritePorts = {
    reader: platform,
    writer: platform,
    secrets: {
      fingerprints: () => Promise.resolve(fingerprints()),
      open: (_source, { key }) => Promise.resolve(new SecretText(secretTexts[key] ?? '')),
    },
    ledger: noLedger(),
    clock,
    random: seededRandom(1),
    telemetry: { emit: () => undefined },
    fence: { heldUntil: () => Infinity },
  };
  const context: PlanContext = {
    connection: 'default',
    installation: 'default',
    takeOver: [],
    mode: 'sweep',
    memory: createMemory(),
  };
  const from = host.calls().at(-1)?.seq ?? 0;
  const { planned, failed } = await planEach([desired], ports, context, never);
  expect(failed).toEqual([]);
  const results: string[] = [];
  for (const { plan, desired: program } of planned) {
    const decision = decide({
      plan,
      gates: openGates,
      programsInCommit: undefined,
      allowed: new Set(),
      now: clock.wall(),
    });
    const executing = { ...context, plan, desired: program, maxWriters: 4, timeoutMs: 1000 };
    for (const outcome of await execute(decision, ports, executing, never)) {
      const problem =
        outcome.result === 'failed' ? ` ${outcome.error.code}: ${outcome.error.message}` : '';
      results.push(`${outcome.result}${problem}`);
    }
  }
  const writes = host.calls(from).filter(({ operation }) => /^(create|patch)/.test(operation));
  return {
    results,
    writes: writes.map(({ operation, resultCode }) => `${operation} ${resultCode}`),
  };
}

describe('a plan carried out on the emulator', () => {
  it('is accepted write by write, and followed by one with nothing to write', async () => {
    let writes = 0;

    await fc.assert(
      fc.asyncProperty(drawnWorld.map(inputOf).map(withoutImpossible), async (input) => {
        const host = createHost(createWorld({ file: worldFile(input.observed) }));

        const first = await pass(host, input);
        const second = await pass(host, input);

        writes += first.writes.length;
        expect(first.results.filter((result) => result !== 'applied')).toEqual([]);
        expect(first.writes.filter((write) => !write.endsWith(' SUCCESS'))).toEqual([]);
        expect(second.writes).toEqual([]);
      }),
      { seed: 19, numRuns: runs },
    );

    expect(writes).toBeGreaterThan(runs / 2);
  });
});
