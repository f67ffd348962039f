/**
 * A town of a given size on a socket, every declared record already adopted: `node bench/serve-town.ts TARGETS FOREIGN`.
 * Prints one JSON line `{endpoint, pid}` and writes a ready connection into the folder it is given.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePlan } from '../src/core/plan/make-plan.ts';
import { markAfter } from '../src/core/plan/next-mark.ts';
import { resolve } from '../src/core/resolve/resolve.ts';
import { FingerprintKey } from '../src/core/words/digests.ts';
import { releaseId } from '../src/core/words/keys.ts';
import { createLocate } from '../src/core/yaml/locate.ts';
import { parseFile } from '../src/core/yaml/parse.ts';
import { systemClock, systemRandom } from '../src/cli/system.ts';
import { createMemory, observe } from '../src/engine/read.ts';
import { createHost } from '../src/emulator/host.ts';
import { worldPlatform } from '../src/emulator/in-process.ts';
import { startEmulator } from '../src/emulator/server.ts';
import { createWorld, fillReleases } from '../src/emulator/world/create.ts';
import type { World } from '../src/emulator/world/state.ts';
import { townDeclarations, townWorld } from './town.ts';

const [targets = '1000', foreign = '0', folder = '.'] = process.argv.slice(2);
const size = { targets: Number(targets), foreign: Number(foreign) };
const fingerprintKey = 'bench fingerprint key';

const bare = createWorld({ file: townWorld(size) });
const world = await adopted(bare);
const emulator = await startEmulator({ world });
const client = await emulator.clientKeyPair();
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'client.pem'), client.privateKey, { mode: 0o600 });
await writeFile(join(folder, 'platform.pem'), emulator.platformPublicKey);
await writeFile(join(folder, 'fingerprint.txt'), fingerprintKey, { mode: 0o600 });
await writeFile(
  join(folder, 'connections.yaml'),
  [
    'apiVersion: fairlead.dev/v1alpha1',
    'kind: PlatformConnection',
    'metadata: { name: default }',
    'spec:',
    '  platformId: emulator',
    '  driver: http',
    `  endpoint: ${emulator.url}`,
    '  clientId: fairlead-ci',
    '  privateKey: { file: client.pem }',
    '  platformPublicKey: { file: platform.pem }',
    '  fingerprintKey: { file: fingerprint.txt }',
    '  requestsPerSecond: 1000',
    '  gates: { maxChanges: "off", maxPercent: "off" }',
    '',
  ].join('\n'),
);
process.stdout.write(`${JSON.stringify({ endpoint: emulator.url, pid: process.pid })}\n`);

/** The world as it stands after a first apply: every declared record carries the mark that apply would have written. */
async function adopted(town: World): Promise<World> {
  const documents = townDeclarations(size).flatMap(
    ({ name, text }) =>
      parseFile(
        { source: 'cli', file: name, bytes: new TextEncoder().encode(text) },
        'declarations',
      ).documents,
  );
  const sources = [{ source: 'cli', documents, invalid: [], problems: [], complete: true }];
  const trust = { connections: { default: { platformId: 'emulator' } }, order: [] };
  const { programs } = resolve(sources, trust, createLocate(documents));
  const reader = worldPlatform(createHost(town), { client: 'fairlead-ci', clock: systemClock });
  const fingerprints = {
    key: new FingerprintKey(new TextEncoder().encode(fingerprintKey)),
    previous: [],
    secrets: {},
  };
  const ports = {
    reader,
    secrets: {
      fingerprints: () => Promise.resolve(fingerprints),
      open: () => Promise.reject(new Error('no secrets here')),
    },
    ledger: {
      seen: () => Promise.resolve(),
      bases: () => Promise.resolve({}),
      append: () => Promise.resolve(),
      keep: () => Promise.resolve(),
    },
    clock: systemClock,
    random: systemRandom,
    telemetry: { emit: () => undefined },
  };
  const options = { mode: 'sweep', memory: createMemory() } as const;
  const observed = await observe(programs, ports, options, new AbortController().signal);
  const marks = new Map<string, string>();
  for (const desired of programs) {
    const seen = [...observed.values()].find(
      ({ key }) => key.miniProgram === desired.key.miniProgram,
    );
    if (!seen) continue;
    const plan = makePlan({
      desired,
      observed: seen,
      fingerprints,
      installation: 'default',
      takeOver: [],
      emulator: true,
      now: systemClock.wall(),
    });
    for (const change of plan.changes) {
      marks.set(
        releaseId(change.key),
        markAfter({ change, applied: [], installation: 'default', fingerprints }),
      );
    }
  }
  const releases = town.releases.toArray().map((release) => {
    const mark = marks.get(releaseId({ platform: 'emulator', ...release }));
    return mark === undefined ? release : { ...release, mark };
  });
  return fillReleases(town, releases);
}
