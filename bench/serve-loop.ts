/**
 * The loop of the controller against a platform on a socket, its time a thousand times faster:
 * `node bench/serve-loop.ts ENDPOINT FOLDER PASSES...`. After each empty line on stdin it works on until so many passes
 * are made, and prints one JSON line with what the process holds then.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ordersIn } from '../src/cli/composition/orders.ts';
import { statusBoard } from '../src/cli/composition/status-board.ts';
import { keepHeapSmall } from '../src/cli/heap.ts';
import { systemClock, systemRandom } from '../src/cli/system.ts';
import { gatesOf } from '../src/core/plan/gates.ts';
import { FingerprintKey } from '../src/core/words/digests.ts';
import { epochMs } from '../src/core/words/time.ts';
import { parseFile } from '../src/core/yaml/parse.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { createHttpDriver } from '../src/platform/http/driver.ts';
import { createNodeTransport } from '../src/platform/http/transport.ts';
import type { SourceCommit } from '../src/ports/controller.ts';
import type { Clock, Telemetry } from '../src/ports/index.ts';
import { readPrivateKey, readPublicKey } from '../src/protocol/keys.ts';
import { createSigner, createVerifier } from '../src/protocol/signature.ts';
import { runLoop } from '../src/reconcile/loop.ts';
import { everyInterval } from '../src/reconcile/schedule.ts';
import { createMetrics } from '../src/server/metrics.ts';
import { median } from './process.ts';
import { townDeclarations } from './town.ts';

const [endpoint = '', folder = '.', ...stops] = process.argv.slice(2);
const faster = 20_000;

const started = { wall: systemClock.wall(), mono: systemClock.mono() };
const mono = (): number => (systemClock.mono() - started.mono) * faster;
const clock: Clock = {
  mono,
  wall: () => epochMs(Math.floor(started.wall + mono())),
  sleep: (ms, signal) => systemClock.sleep(ms / faster, signal),
};

keepHeapSmall();
/** Passes before the goal over which the median is taken: one moment would be chance. */
const sampled = 500;

interface Sample {
  readonly rssMiB: number;
  readonly handles: number;
}

function sample(): Sample {
  return {
    rssMiB: process.memoryUsage.rss() / 1024 / 1024,
    handles: process.getActiveResourcesInfo().length,
  };
}

const metrics = createMetrics();
let passes = 0;
const reached = Promise.withResolvers<undefined>();
let samples: Sample[] = [];
let goal = { passes: Infinity, reached };
const telemetry: Telemetry = {
  emit(event) {
    metrics.observe(event);
    if (event.kind !== 'pass') return;
    passes += 1;
    if (passes > goal.passes - sampled) samples.push(sample());
    if (passes >= goal.passes) goal.reached.resolve(undefined);
  },
};

const key = readPrivateKey(await readFile(join(folder, 'client.pem'), 'utf8'));
const platform = createHttpDriver({
  connection: { endpoint, clientId: 'fairlead-ci', platformId: 'emulator', timeoutMs: 30_000 },
  transport: createNodeTransport({}),
  signer: createSigner({ privateKey: key, keyVersion: 1, encoding: 'urlEncodedBase64' }),
  verifier: createVerifier(readPublicKey(await readFile(join(folder, 'platform.pem'), 'utf8'))),
  clock: systemClock,
  telemetry,
});
const fingerprints = {
  key: new FingerprintKey(new TextEncoder().encode('bench fingerprint key')),
  previous: [],
  secrets: {},
};
const stop = new AbortController();
const state = join(folder, 'state');
const ended = runLoop(
  {
    ...{ clock, telemetry, random: systemRandom },
    ledger: openLedger({
      file: join(state, 'ledger.db'),
      onTrouble: (text) => process.stderr.write(text),
    }),
    fence: { heldUntil: () => Infinity },
    secrets: {
      fingerprints: () => Promise.resolve(fingerprints),
      open: () => Promise.reject(new Error('no secrets here')),
    },
    rotated: () => Promise.resolve([]),
    sources: [source()],
    connections: [
      {
        name: 'default',
        platform: 'emulator',
        lanes: { hot: platform, sweep: platform },
        gates: gatesOf({ maxChanges: 'off', maxPercent: 'off' }),
        maxWriters: 4,
        timeoutMs: 30_000,
        requestsPerSecond: 1000,
        rateNow: () => 1000,
      },
    ],
    orders: ordersIn(state, { clock, telemetry, user: 'bench' }),
    hints: { next: (_, signal) => once(signal, 'abort').then(() => undefined) },
    board: statusBoard(state, { clock, telemetry, signal: stop.signal }),
    completed: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
  },
  {
    trust: { connections: { default: { platformId: 'emulator' } }, order: ['town'] },
    installation: 'default',
    takeOver: [],
    sweep: everyInterval(300_000, systemRandom),
    looks: { town: everyInterval(60_000, systemRandom) },
    secretMs: 60_000,
    workers: 8,
    about: () => ({
      version: 'bench',
      startedAt: started.wall,
      config: { file: 'bench', loadedAt: started.wall },
    }),
    sourceCredentials: {},
  },
  stop.signal,
);

process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
const lines = createInterface({ input: process.stdin });
let next = 0;
lines.on('line', () => {
  void report(Number(stops[next]));
  next += 1;
});
process.on('SIGTERM', () => {
  stop.abort();
  void ended.then(() => process.exit(0));
});
await ended;

async function report(until: number): Promise<void> {
  samples = [];
  goal = { passes: until, reached: Promise.withResolvers<undefined>() };
  await goal.reached.promise;
  // What can be collected is no growth; twice, since what is finalised first is freed by the second.
  globalThis.gc?.();
  globalThis.gc?.();
  const heapMiB = process.memoryUsage().heapUsed / 1024 / 1024;
  const rssMiB = median(samples.map((one) => one.rssMiB));
  const handles = median(samples.map((one) => one.handles));
  process.stdout.write(`${JSON.stringify({ passes, rssMiB, heapMiB, handles })}\n`);
}

/** The town's programs, each with a version that nobody has uploaded: they wait, so that every sweep plans them anew. */
function source() {
  const at = started.wall;
  const id = '1'.repeat(40);
  const files = townDeclarations({ targets: 60 }).map(({ name, text }, index) => ({
    name,
    text: `${text}---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: next-${String(index)} }
spec: { miniProgram: program-${String(index)}, version: 9.0.0, targets: [{ app: megapay, environment: Test }] }
`,
  }));
  const parsed = files.map(({ name, text }) =>
    parseFile(
      { source: 'town', file: name, bytes: new TextEncoder().encode(text), commit: id, since: at },
      'declarations',
    ),
  );
  const commit: SourceCommit = {
    commit: { id, at },
    changedBy: {},
    encrypted: {},
    documents: {
      source: 'town',
      documents: parsed.flatMap(({ documents }) => documents),
      invalid: [],
      problems: parsed.flatMap(({ problems }) => problems),
      complete: true,
      commit: id,
    },
  };
  let isGiven = false;
  return {
    name: 'town',
    url: 'https://git.example/town',
    ref: 'main',
    look: () => {
      if (isGiven) return Promise.resolve({ kind: 'unchanged' as const });
      isGiven = true;
      return Promise.resolve({ kind: 'changed' as const, source: commit });
    },
    restore: () => Promise.resolve(undefined),
    completed: () => Promise.resolve(),
  };
}
