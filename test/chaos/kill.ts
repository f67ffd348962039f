import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { seeded } from '../../src/emulator/faults.ts';
import { readPrivateKey } from '../../src/protocol/keys.ts';
import { createSigner, type Signer } from '../../src/protocol/signature.ts';
import type { WireRelease } from '../../src/protocol/wire.ts';
import { rawClient, type Exchange, type Outcome, type RawClient } from './raw-client.ts';

/*
 * Kills a platform with SIGKILL under a load of writes, starts it again, and judges: what it had acknowledged is there,
 * and nothing is there twice. The rule that a target is selected once is off, so that a create performed twice would show
 * as two records instead of being refused.
 */

const program = fileURLToPath(new URL('platform-process.ts', import.meta.url));
const clientId = 'fairlead-ci';
const workers = 4;

const worldFile = `
apps:
  - { id: megapay, environments: [Production, Sandbox], environmentVariables: true }
workspaces:
  - id: acme
    admins: [${clientId}]
    miniPrograms:
${Array.from({ length: workers }, (_, index) => `      - { id: program${index}, domainsGranted: true, versions: [VERSIONS] }`).join('\n')}
`;

export interface KillReport {
  readonly kills: number;
  /** Kills between the first byte of a request and the last of its answer. */
  readonly midRequest: number;
  readonly acknowledged: number;
  /** Writes whose answer a kill took. */
  readonly unknown: number;
  /** Of those, writes that turned out to have been performed. */
  readonly unknownPerformed: number;
  /** What went wrong, in words; empty when nothing did. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
}

interface Write {
  readonly exchange: Exchange;
  readonly answer: Outcome;
}

interface Platform {
  readonly child: ChildProcess;
  readonly port: number;
}

/** What one worker is doing: a record of its own, created and then patched again and again. */
interface Worker {
  readonly index: number;
  readonly client: RawClient;
  /** In the order of sending; only the last can be unanswered. */
  readonly writes: Write[];
}

export async function runKills(options: {
  readonly kills: number;
  readonly seed: number;
  readonly onKill?: (done: number) => void;
}): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-kill-'));
  const run = { ...options, folder, random: seeded(options.seed) };
  try {
    return await killAndJudge(run);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Run {
  readonly kills: number;
  readonly folder: string;
  readonly random: () => number;
  readonly onKill?: (done: number) => void;
}

async function killAndJudge(run: Run): Promise<KillReport> {
  const versions = Array.from({ length: run.kills * 3 + 3 }, (_, index) => `1.${index}.0`);
  await writeFile(
    join(run.folder, 'world.yaml'),
    worldFile.replaceAll('VERSIONS', versions.join(', ')),
  );
  const tally = { midRequest: 0, acknowledged: 0, unknown: 0, unknownPerformed: 0 };
  const lost: string[] = [];
  const doubled: string[] = [];
  let platform = await start(run.folder);
  const signer = await signerOf(run.folder);
  for (let kill = 0; kill < run.kills; kill += 1) {
    const load = await loadUntilKilled(platform, signer, { ...run, kill });
    const writes = load.all.flatMap((worker) => worker.writes);
    tally.midRequest += load.midRequest ? 1 : 0;
    tally.acknowledged += writes.filter(({ answer }) => answer).length;
    tally.unknown += writes.filter(({ answer }) => !answer).length;
    platform = await start(run.folder);
    const judged = await judge(platform, signer, load.all);
    tally.unknownPerformed += judged.unknownPerformed;
    lost.push(...judged.lost);
    doubled.push(...judged.doubled);
    run.onKill?.(kill + 1);
  }
  await end(platform);
  return { kills: run.kills, ...tally, lost, doubled };
}

async function start(folder: string): Promise<Platform> {
  const data = join(folder, 'data');
  const args = [program, data, join(folder, 'world.yaml'), 'one-shot-target'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [''])]);
  const { url } = JSON.parse(String(line)) as { url: string };
  return { child, port: Number(new URL(url).port) };
}

async function end({ child }: Platform): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function signerOf(folder: string): Promise<Signer> {
  const pem = await readFile(join(folder, 'data', `client-${clientId}.key.pem`), 'utf8');
  return createSigner({
    privateKey: readPrivateKey(pem),
    ...{ keyVersion: 1, encoding: 'base64url' },
  });
}

async function loadUntilKilled(
  platform: Platform,
  signer: Signer,
  { random, kill }: Run & { readonly kill: number },
): Promise<{ readonly all: readonly Worker[]; readonly midRequest: boolean }> {
  const all = Array.from({ length: workers }, (_, index): Worker => {
    return { index, client: rawClient(platform.port, signer, clientId), writes: [] };
  });
  let stopped = false;
  const loads = all.map(async (worker) => {
    for (let step = 0; !stopped; step += 1) {
      const exchange = nextWrite(worker, { kill, step, random });
      const answer = await worker.client.send(exchange);
      worker.writes.push({ exchange, answer });
      if (!answer) return;
    }
  });
  // A moment of the load, not of the clock: some acknowledged writes, then anywhere in the next one.
  const acknowledged = Math.floor(random() * 24);
  while (all.reduce((sum, { writes }) => sum + writes.length, 0) < acknowledged) await sleep(1);
  await sleep(random() * 4);
  const midRequest = all.some(({ client }) => client.inFlight());
  stopped = true;
  await end(platform);
  await Promise.all(loads);
  for (const { client } of all) client.close();
  return { all, midRequest };
}

function nextWrite(
  { index }: Worker,
  { kill, step, random }: { kill: number; step: number; random: () => number },
): Exchange {
  const round = `${kill}-${index}-${step}`;
  const record = Math.floor(step / 4);
  const key = {
    ...{ workspace: 'acme', miniProgram: `program${index}`, app: 'megapay' },
    version: `1.${kill * 3 + (record % 3)}.0`,
    environment: record < 3 ? 'Production' : 'Sandbox',
  };
  const pace = random() < 0.3 ? 'halves' : 'whole';
  if (record > 5) {
    const patch = { merchantId: round };
    const { workspace, miniProgram } = key;
    return {
      operation: 'patchGlobalConfig',
      body: { workspace, miniProgram, patch, requestId: round },
      pace,
    };
  }
  if (step % 4 === 0) {
    const config = { merchantId: round };
    return { operation: 'createRelease', body: { ...key, config, requestId: round }, pace };
  }
  const patch = { merchantId: round };
  return { operation: 'patchReleaseConfig', body: { ...key, patch, requestId: round }, pace };
}

interface Judged {
  readonly unknownPerformed: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
}

/** Judges one restart: reads, then sends every write of the round again under its own id, then reads once more. */
async function judge(platform: Platform, signer: Signer, all: readonly Worker[]): Promise<Judged> {
  const client = rawClient(platform.port, signer, clientId);
  try {
    const before = await stateOf(client);
    const lost = all.flatMap((worker) => lostWrites(worker, before));
    const unknownPerformed = all.filter((worker) => isLastPerformed(worker, before)).length;
    const repeated: string[] = [];
    for (const write of all.flatMap(({ writes }) => writes)) {
      const again = await client.send({ ...write.exchange, pace: 'whole' });
      const isSame = JSON.stringify(again) === JSON.stringify(write.answer);
      if (write.answer && !isSame)
        repeated.push(`${valueOf(write.exchange)}: ${JSON.stringify(again?.result)}`);
    }
    const after = await stateOf(client);
    const settled = all.flatMap((worker) => doubledWrites(worker, before, after));
    return { unknownPerformed, lost, doubled: [...repeated, ...settled] };
  } finally {
    client.close();
  }
}

/** Value by record or program, and how many records each key has. */
interface State {
  readonly values: ReadonlyMap<string, string>;
  readonly records: ReadonlyMap<string, number>;
}

async function stateOf(client: RawClient): Promise<State> {
  const values = new Map<string, string>();
  const records = new Map<string, number>();
  for await (const release of releases(client)) {
    values.set(keyOf(release), release.config.merchantId ?? '');
    records.set(keyOf(release), (records.get(keyOf(release)) ?? 0) + 1);
  }
  const body = { workspace: 'acme' };
  const programs = await client.send({ operation: 'listMiniPrograms', body, pace: 'whole' });
  for (const program of programs?.miniPrograms ?? [])
    values.set(keyOf(program), program.globalConfig.merchantId ?? '');
  return { values, records };
}

async function* releases(client: RawClient): AsyncGenerator<WireRelease> {
  let pageToken: string | undefined;
  do {
    const body = { workspace: 'acme', ...(pageToken && { pageToken }) };
    const page = await client.send({ operation: 'listReleases', body, pace: 'whole' });
    yield* page?.releases ?? [];
    pageToken = page?.nextPageToken;
  } while (pageToken);
}

function keyOf(of: object): string {
  return ['miniProgram', 'version', 'app', 'environment']
    .map((part) => String(Reflect.get(of, part) ?? ''))
    .join('/');
}

function valueOf({ body }: Exchange): string {
  const { config, patch } = body as {
    config?: { merchantId: string };
    patch?: { merchantId: string };
  };
  return (config ?? patch)?.merchantId ?? '';
}

/** Acknowledged last values that are not there; an unanswered later write may have replaced one. */
function lostWrites({ writes }: Worker, { values }: State): string[] {
  const groups = Map.groupBy(writes, ({ exchange }) => keyOf(exchange.body));
  return [...groups].flatMap(([key, group]) => {
    const acknowledged = group.findLast(({ answer }) => answer);
    if (!acknowledged) return [];
    const later = group.slice(group.indexOf(acknowledged)).map(({ exchange }) => valueOf(exchange));
    const found = values.get(key) ?? 'no record';
    return later.includes(found) ? [] : [`${key}: ${valueOf(acknowledged.exchange)} is ${found}`];
  });
}

function isLastPerformed({ writes }: Worker, { values }: State): boolean {
  const last = writes.at(-1);
  if (!last || last.answer) return false;
  return values.get(keyOf(last.exchange.body)) === valueOf(last.exchange);
}

/** Records that are there twice, and values that a repeat has put back. */
function doubledWrites({ writes }: Worker, before: State, after: State): string[] {
  const groups = Map.groupBy(writes, ({ exchange }) => keyOf(exchange.body));
  return [...groups].flatMap(([key, group]) => {
    const last = group.at(-1);
    const count = after.records.get(key) ?? 0;
    const isRecord = key.split('/')[1] !== '';
    const twice = isRecord && count !== 1 ? [`${key} has ${count} records`] : [];
    const expected = last?.answer ? before.values.get(key) : last && valueOf(last.exchange);
    const found = after.values.get(key);
    return found === expected ? twice : [...twice, `${key} went back from ${expected} to ${found}`];
  });
}
