import { fork, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, describe, expect, it } from 'vitest';

import type { Random } from '../../src/ports/index.ts';
import { seededRandom } from '../support/random.ts';
import { rawClient, type RawClient } from '../support/raw-http.ts';
import type { Held } from '../support/server-process.ts';

const secret = 'fuzz-7d1e';
const program = fileURLToPath(new URL('../support/server-process.ts', import.meta.url));
const forms = ['github', 'gitlab', 'gitea', 'generic'] as const;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

describe('a server to which anybody may talk', () => {
  it('lives through 100,000 calls that nobody can believe, and holds no more for it', async () => {
    const { child, url, directory } = await start();
    const fuzz = { random: seededRandom(20_260_101), clients: clientsOf(url, 8) };

    const answers = tally();
    await calls(10_000, fuzz, answers);
    const early = await held(child);
    await calls(90_000, fuzz, answers);
    const late = await held(child);

    expect([...answers.keys()].filter((status) => status < 400 || status >= 500)).toEqual([]);
    // Every way to be refused was walked, many times.
    for (const status of [400, 401, 404, 405, 413, 431])
      expect(answers.get(status), `answers with ${status}`).toBeGreaterThan(500);
    expect(late.hints).toBe(0);
    // One condition for each of the webhooks, however many calls.
    expect(late.told).toBe(forms.length);
    expect(late.resources).toBeLessThanOrEqual(early.resources);
    expect(late.heapBytes / early.heapBytes).toBeLessThan(1.05);
    expect(await readdir(directory)).toEqual([]);
    expect(child.exitCode).toBeNull();

    const { statuses } = await fuzz.clients[0]!.send(believable('{}'));
    expect(statuses).toEqual([202]);
    expect((await held(child)).hints).toBe(1);
  });
});

async function start(): Promise<{ child: ChildProcess; url: string; directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-fuzz-'));
  const child = fork(program, [secret], {
    cwd: directory,
    execArgv: ['--expose-gc', '--no-warnings'],
    env: { ...process.env, HOME: directory, TMPDIR: directory },
  });
  ends.push(async () => {
    const exit = once(child, 'exit');
    child.disconnect();
    await exit;
    await rm(directory, { recursive: true });
  });
  const [url] = await once(child, 'message');
  return { child, url, directory };
}

async function held(child: ChildProcess): Promise<Held> {
  const answer = once(child, 'message');
  child.send('hold');
  const [given] = await answer;
  return given;
}

function clientsOf(url: string, count: number): readonly RawClient[] {
  const clients = Array.from({ length: count }, () => rawClient(url));
  ends.push(() => {
    for (const client of clients) client.close();
  });
  return clients;
}

type Tally = Map<number, number>;

function tally(): Tally {
  return new Map();
}

interface Fuzz {
  readonly random: Random;
  readonly clients: readonly RawClient[];
}

async function calls(count: number, { random, clients }: Fuzz, answers: Tally): Promise<void> {
  let left = count;
  const work = async (client: RawClient): Promise<void> => {
    for (; left > 0;) {
      left -= 1;
      const { pieces, isCut } = hostileCall(random);
      if (isCut) await client.hangUp(...pieces);
      else {
        const { statuses } = await client.send(...pieces);
        for (const status of statuses) answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    }
  };
  await Promise.all(clients.map(work));
}

interface HostileCall {
  readonly pieces: readonly Uint8Array[];
  /** The connection is cut after it. */
  readonly isCut: boolean;
}

/** One call, spoilt in one of the ways below; seldom is it a call at all, and never a believable one. */
function hostileCall(random: Random): HostileCall {
  const body = bodyOf(random);
  const { text, isCut = false } = pick(random, spoilers)(random, body);
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  if (random.next() > 0.1) return { pieces: [bytes], isCut };
  const cut = Math.floor(random.next() * bytes.length);
  return { pieces: [bytes.subarray(0, cut), bytes.subarray(cut)], isCut };
}

type Spoiler = (
  random: Random,
  body: Buffer,
) => { readonly text: string | Buffer; readonly isCut?: boolean };

const spoilers: readonly Spoiler[] = [
  // A right signature of another body.
  (random, body) => ({ text: call(random, flipped(random, body), { signed: body }) }),
  // A right body with a signature that was changed.
  (random, body) => ({ text: call(random, body, { spoil: (value) => noise(random, value) }) }),
  (random, body) => ({ text: call(random, body, { spoil: (value) => value.slice(0, -1) }) }),
  (random, body) => ({ text: call(random, body, { spoil: () => '' }) }),
  (random, body) => ({ text: call(random, body, { spoil: (value) => `${value}, ${value}` }) }),
  // Somewhere else.
  (random, body) => ({ text: call(random, body, { path: `/webhooks/${word(random)}` }) }),
  (random, body) => ({ text: call(random, body, { path: `/${noise(random, '/webhooks/x')}` }) }),
  (random, body) => ({ text: call(random, body, { method: 'PATCH' }) }),
  // More than is read.
  (random) => ({ text: call(random, Buffer.alloc(0), { length: 2 ** 20 + 1 + int(random, 1e9) }) }),
  (random, body) => ({
    text: call(random, body, { more: [`x-${word(random)}: ${'y'.repeat(17_000)}`] }),
  }),
  // Less than is said, or more: the rest is no request.
  (random, body) => ({
    text: call(random, body, { length: body.length + 1 + int(random, 99) }),
    isCut: true,
  }),
  (random, body) => ({
    text: call(random, Buffer.concat([body, Buffer.from('!\r\n')]), {
      signed: body,
      length: body.length,
      spoil: () => 'x',
    }),
    isCut: true,
  }),
  // Headers and bytes that are none.
  (random, body) => ({
    text: call(random, body, { more: [noise(random, 'x-header: value'), '\u0000'] }),
  }),
  (random, body) => ({
    text: call(random, body, { more: ['transfer-encoding: chunked'] }),
    isCut: true,
  }),
  (random, body) => ({ text: chunked(random, body), isCut: true }),
  (random) => ({ text: `${noise(random, 'POST /webhooks/github HTTP/1.1')}\r\n\r\n`, isCut: true }),
  (random, body) => ({
    text: flipped(random, call(random, body, { signed: Buffer.concat([body, body]) })),
    isCut: true,
  }),
  (random, body) => {
    const whole = call(random, body, {});
    return { text: whole.subarray(0, int(random, whole.length - 1)), isCut: true };
  },
];

interface Shape {
  /** What the signature is of; the body if omitted. */
  readonly signed?: Buffer;
  readonly spoil?: (value: string) => string;
  readonly method?: string;
  readonly path?: string;
  readonly length?: number;
  readonly more?: readonly string[];
}

function call(random: Random, body: Buffer, shape: Shape): Buffer {
  const form = pick(random, forms);
  const { method = 'POST', path = `/webhooks/${form}`, length = body.length, more = [] } = shape;
  const { signed = body, spoil = (value) => value } = shape;
  const isToken = form === 'gitlab';
  // A token is of no body: whoever sends it is believed.
  const proof = isToken ? word(random) : createHmac('sha256', secret).update(signed).digest('hex');
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    `content-length: ${length}`,
    ...(random.next() < 0.5 ? [`content-type: ${word(random)}/${word(random)}`] : []),
    ...(random.next() < 0.5 ? [`x-github-delivery: ${word(random)}`] : []),
    ...proofLines[form].map((line) => `${line[0]}: ${line[1]}${spoil(proof)}`),
    ...more,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

const proofLines = {
  github: [['x-hub-signature-256', 'sha256=']],
  gitlab: [['x-gitlab-token', '']],
  gitea: [['x-gitea-signature', '']],
  generic: [['x-signature-256', 'sha256=']],
} as const;

function believable(body: string): string {
  const proof = createHmac('sha256', secret).update(body).digest('hex');
  const length = `content-length: ${body.length}`;
  return `POST /webhooks/gitea HTTP/1.1\r\nhost: x\r\n${length}\r\nx-gitea-signature: ${proof}\r\n\r\n${body}`;
}

/** Chunks whose sizes may lie. */
function chunked(random: Random, body: Buffer): string {
  const parts = Array.from({ length: int(random, 5) }, () => {
    const size = random.next() < 0.8 ? body.length : int(random, 1e6);
    const sizeText = random.next() < 0.9 ? size.toString(16) : noise(random, 'ff');
    return `${sizeText}\r\n${body.toString('latin1')}\r\n`;
  });
  const head = 'POST /webhooks/github HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n';
  return `${head}x-hub-signature-256: sha256=${'0'.repeat(64)}\r\n\r\n${parts.join('')}0\r\n\r\n`;
}

const pieces = ['{', '}', '[', ']', '"', ':', ',', '\\u0000', 'null', '1e999', '__proto__', 'ref'];

function bodyOf(random: Random): Buffer {
  if (random.next() < 0.02) return Buffer.alloc(int(random, 200_000), int(random, 255));
  if (random.next() < 0.5)
    return Buffer.from(Array.from({ length: 1 + int(random, 200) }, () => int(random, 255)));
  return Buffer.from(
    Array.from({ length: 1 + int(random, 60) }, () => pick(random, pieces)).join(''),
  );
}

/** With one bit that is another one. */
function flipped(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes.length === 0 ? 'x' : bytes);
  const at = int(random, copy.length - 1);
  copy[at] = copy[at]! ^ (1 << int(random, 7));
  return copy;
}

/** With a few characters that are others, and in any case another text: hexadecimal digits have two cases. */
function noise(random: Random, text: string): string {
  const characters = [...text];
  for (let count = 0; count <= int(random, 3); count += 1)
    characters[int(random, characters.length - 1)] = String.fromCharCode(33 + int(random, 222));
  const noisy = characters.join('');
  return noisy.toLowerCase() === text.toLowerCase() ? `~${text}` : noisy;
}

function word(random: Random): string {
  return int(random, 2 ** 31).toString(36);
}

/** An integer from 0 to `max`. */
function int(random: Random, max: number): number {
  return Math.floor(random.next() * (max + 1));
}

function pick<T>(random: Random, of: readonly T[]): T {
  return of[int(random, of.length - 1)]!;
}
