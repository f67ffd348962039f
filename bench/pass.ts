/** Several no-op passes of the engine in this process against the town of a folder; prints what they cost. */
import { dirname, join } from 'node:path';
import { createDirectory } from '../src/source/directory.ts';
import { declare, trustOf } from '../src/cli/composition/declarations.ts';
import { openPlatform } from '../src/cli/composition/platform.ts';
import { readEnvironment } from '../src/cli/environment.ts';
import { systemClock, systemRandom } from '../src/cli/system.ts';
import { readAdministration } from '../src/cli/settings.ts';
import { createMemory, planEach } from '../src/engine/read.ts';
import { keepHeapSmall } from '../src/cli/heap.ts';
import { createSecretMap } from '../src/secrets/map.ts';
import { createBareLists } from './bare-lists.ts';

keepHeapSmall();
const folder = process.argv[2] ?? '.';
const warmUps = 3;
const passes = 7;

const file = join(folder, 'connections.yaml');
const administration = await readAdministration(file);
const { signal } = new AbortController();
const declarations = createDirectory({
  paths: [join(folder, 'declarations')],
  source: 'cli',
  cwd: '/',
  readInput: () => Promise.resolve(new Uint8Array()),
});
const declared = await declare(
  {
    declarations,
    trust: trustOf(administration, undefined),
    repository: undefined,
    repositoryProblems: [],
    clock: systemClock,
  },
  signal,
);
const [connection] = administration.connections;
if (!connection) throw new Error('no connection');
const values = { env: readEnvironment().variables, directory: dirname(file) };
const telemetry = { emit: () => undefined };
const opened = await openPlatform(connection, {
  administration,
  values,
  clock: systemClock,
  telemetry,
});
const secrets = createSecretMap({
  ...values,
  mappings: undefined,
  needsFor: false,
  connections: { [connection.name]: opened.keys },
});
const ports = {
  reader: opened.platform,
  secrets,
  ledger: {
    bases: () => Promise.resolve({}),
    append: () => Promise.resolve(),
    seen: () => Promise.resolve(),
    keep: () => Promise.resolve(),
  },
  clock: systemClock,
  random: systemRandom,
  telemetry,
};
const context = {
  connection: connection.name,
  installation: 'default',
  takeOver: [],
  mode: 'sweep',
  memory: createMemory(),
} as const;

const cpuMs: number[] = [];
const bareMs: number[] = [];
const bareLists = await createBareLists(folder, opened.endpoint);
for (let pass = 0; pass < warmUps + passes; pass += 1) {
  const bare = await cpuOf(bareLists);
  const whole = await cpuOf(noopPass);
  bareMs.push(bare);
  cpuMs.push(whole);
}
const warm = (all: readonly number[]) => all.slice(warmUps);
process.stdout.write(
  JSON.stringify({ cpuMs: warm(cpuMs), bareMs: warm(bareMs), passes: warmUps + passes }),
);
process.exit(0);

async function noopPass(): Promise<void> {
  const { planned, failed } = await planEach(declared.programs, ports, context, signal);
  const changes = planned.flatMap(({ plan }) =>
    plan.changes.filter(({ action }) => action !== 'unchanged'),
  );
  if (failed.length > 0 || changes.length > 0) throw new Error('this was no no-op pass');
}

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
