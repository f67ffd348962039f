import { generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';

import type { CallEntry } from '../../src/emulator/calls.ts';
import { startEmulator, type Emulator } from '../../src/emulator/server.ts';
import { createWorld } from '../../src/emulator/world/create.ts';
import { readPrivateKey, readPublicKey } from '../../src/protocol/keys.ts';
import {
  createSigner,
  createVerifier,
  type SignatureEncoding,
} from '../../src/protocol/signature.ts';

const pem = {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
} as const;
const ours = generateKeyPairSync('rsa', pem);
export const foreign = generateKeyPairSync('rsa', pem);

export const client = 'fairlead-ci';
export const start = Date.parse('2026-01-02T03:04:05.000Z');

export interface Sent {
  readonly route?: string;
  readonly body?: object | string;
  readonly method?: string;
  readonly client?: string;
  readonly time?: string;
  readonly encoding?: SignatureEncoding;
  readonly keyVersion?: number;
  readonly privateKey?: string;
  /** What leaves, if it is not what was signed. */
  readonly bytes?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly code: string | undefined;
  /** Whether the answer carries the platform's signature, and whether it fits. */
  readonly signed: 'fits' | 'forged' | 'none';
}

/** A platform on a clock of its own, and the means to speak to it byte by byte. */
export interface Stage {
  readonly emulator: Emulator;
  /** Milliseconds since 1970; both sides live by it. */
  nowMs: number;
  /** One exchange; undefined when the connection was cut. */
  send(sent?: Sent): Promise<Got | undefined>;
  console(name: string, body: object): Promise<Readonly<Record<string, unknown>>>;
  calls(): Promise<CallEntry[]>;
  /** As it was at the start, but for the world. */
  reset(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const emulator = await startEmulator({
    now: () => stage.nowMs,
    world: createWorld({
      file: {
        apps: [{ id: 'megapay' }],
        clients: [{ id: client, publicKey: ours.publicKey, keyVersion: 2 }, { id: 'keyless' }],
        workspaces: [
          { id: 'acme', miniPrograms: [{ id: 'coffee', versions: ['1.0.0', '1.1.0'] }] },
        ],
      },
    }),
  });
  const stage: Stage = {
    emulator,
    nowMs: start,
    send: (sent = {}) => send(emulator, stage.nowMs, sent),
    console: async (name, body) => {
      const url = `${emulator.url}/console/${name}`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      return (await response.json()) as Readonly<Record<string, unknown>>;
    },
    calls: async () => {
      const response = await fetch(`${emulator.url}/console/calls`);
      return (await response.json()) as CallEntry[];
    },
    reset: async () => {
      stage.nowMs = start;
      await stage.console('faults', { rules: [] });
      await stage.console('rate-limit', { requestsPerSecond: 0 });
      await stage.console('reset-calls', {});
    },
  };
  return stage;
}

/** One exchange; undefined when the connection was cut. */
async function send(emulator: Emulator, nowMs: number, sent: Sent): Promise<Got | undefined> {
  const path = `/api/${sent.route ?? 'v1/releases/list'}`;
  const body =
    typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body ?? { workspace: 'acme' });
  const time = sent.time ?? new Date(nowMs).toISOString();
  const clientId = sent.client ?? client;
  const signer = createSigner({
    privateKey: readPrivateKey(sent.privateKey ?? ours.privateKey),
    keyVersion: sent.keyVersion ?? 2,
    encoding: sent.encoding ?? 'urlEncodedBase64',
  });
  const signature = signer.sign({ path, clientId, time, body });
  const headers = { 'client-id': clientId, 'request-time': time, signature, ...sent.headers };
  const url = `${emulator.url}${path}`;
  const raw = await exchange(url, sent.method ?? 'POST', headers, sent.bytes ?? body);
  if (!raw) return undefined;
  const verifier = createVerifier(readPublicKey(emulator.platformPublicKey));
  const header = String(raw.headers['signature'] ?? '');
  const responseTime = String(raw.headers['response-time']);
  const fits = verifier.verify({ path, clientId, time: responseTime, body: raw.text }, header);
  return {
    ...raw,
    code: codeOf(raw.text),
    signed: header === '' ? 'none' : fits ? 'fits' : 'forged',
  };
}

function codeOf(text: string): string | undefined {
  try {
    return JSON.parse(text).result.resultCode;
  } catch {
    return undefined;
  }
}

function exchange(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  bytes: string | Buffer,
): Promise<Pick<Got, 'status' | 'headers' | 'text'> | undefined> {
  return new Promise((resolve) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    sent.on('error', () => resolve(undefined));
    sent.end(bytes);
  });
}
