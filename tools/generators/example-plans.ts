import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { declare, trustOf } from '../../src/cli/composition/declarations.ts';
import { decide } from '../../src/core/plan/decide.ts';
import { gatesOf } from '../../src/core/plan/gates.ts';
import type { PlatformConnection, Settings } from '../../src/core/kinds/index.ts';
import type { PlanSet } from '../../src/core/render/plan-document.ts';
import { renderText } from '../../src/core/render/text.ts';
import { FingerprintKey } from '../../src/core/words/digests.ts';
import { epochMs } from '../../src/core/words/time.ts';
import { createMemory, planEach } from '../../src/engine/read.ts';
import { createHost } from '../../src/emulator/host.ts';
import { worldPlatform } from '../../src/emulator/in-process.ts';
import { loadWorld } from '../../src/emulator/world-file.ts';
import { createSecretMap } from '../../src/secrets/map.ts';
import { createDirectory } from '../../src/source/directory.ts';
import type { Clock } from '../../src/ports/index.ts';
import { root } from '../files.ts';

const examples = join(root, 'examples');

/** Nothing in a golden plan may depend on the day it was made. */
const clock: Clock = {
  wall: () => epochMs(Date.UTC(2026, 0, 1)),
  mono: () => 0,
  sleep: () => Promise.resolve(),
};

/** examples/NAME/plan.txt: what `fairlead plan` prints for each example, against its own world. */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  const folders = await readdir(examples, { withFileTypes: true });
  const plans = await Promise.all(
    folders
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }): Promise<readonly (readonly [string, string])[]> => {
        const files = await readdir(join(examples, name));
        if (!files.includes('world.yaml') || !files.includes('declarations')) return [];
        return [[`examples/${name}/plan.txt`, await planOf(name, files)]];
      }),
  );
  return new Map(plans.flat());
}

async function planOf(name: string, files: readonly string[]): Promise<string> {
  return renderText(await examplePlan(name, files), { color: false, width: 110, unicode: true });
}

async function examplePlan(name: string, files: readonly string[]): Promise<PlanSet> {
  const { signal } = new AbortController();
  const read = (file: string) => readFile(join(examples, name, file), 'utf8');
  const text = files.includes('settings.yaml') ? await read('settings.yaml') : '';
  const settings = parseAllDocuments(text).map(
    (document) => document.toJS() as PlatformConnection | Settings,
  );
  const host = createHost(loadWorld(await read('world.yaml')));
  const declarations = createDirectory({
    paths: ['declarations'],
    source: 'cli',
    cwd: join(examples, name),
    readInput: () => Promise.resolve(new Uint8Array()),
  });
  const declared = await declare(
    {
      declarations,
      trust: {
        ...trustOf(undefined, undefined),
        connections: { default: { platformId: 'emulator' } },
      },
      repository: undefined,
      repositoryProblems: [],
      clock,
    },
    signal,
  );
  const counted = { reads: 0 };
  const platform = worldPlatform(host, {
    client: 'fairlead-ci',
    clock,
    telemetry: {
      emit: (event) => {
        if (event.kind === 'call' && event.operation !== 'getPlatform') counted.reads += 1;
      },
    },
  });
  const mappings = settings.find((each) => each.kind === 'Settings')?.spec.secrets;
  const secrets = createSecretMap({
    env: { COFFEE_API_KEY: 'an example key', BOOKS_API_KEY: 'another example key' },
    directory: join(examples, name),
    mappings,
    needsFor: false,
    connections: {
      default: {
        key: new FingerprintKey(new TextEncoder().encode('key of the examples')),
        previous: [],
      },
    },
  });
  const ports = {
    reader: platform,
    secrets,
    ledger: {
      bases: () => Promise.resolve({}),
      seen: () => Promise.resolve(),
      keep: () => Promise.resolve(),
      append: () => Promise.resolve(),
    },
    clock,
    random: { next: () => 0 },
    telemetry: { emit: () => undefined },
  };
  const context = {
    connection: 'default',
    installation: 'default',
    takeOver: [],
    mode: 'sweep',
    memory: createMemory(),
  } as const;
  const { planned, failed } = await planEach(declared.programs, ports, context, signal);
  const [broken] = failed;
  if (broken) throw broken.error;
  const connection = settings.find((each) => each.kind === 'PlatformConnection');
  const gates = gatesOf(connection?.spec.gates);
  const plans = planned.map(({ plan }) => plan);
  const now = clock.wall();
  const decisions = plans.map((plan) =>
    decide({ plan, gates, programsInCommit: undefined, allowed: new Set(), now }),
  );
  return {
    plans,
    decisions,
    platforms: [
      { connection: 'default', platform: 'emulator', driver: 'emulator', emulator: true },
    ],
    apiCalls: {
      reads: counted.reads,
      writes: decisions.reduce((sum, { apply }) => sum + apply.length, 0),
    },
    ratePerSecond: 10,
    problems: declared.problems,
    locate: declared.locate,
    now,
    all: false,
  };
}
