import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';

import type { RequestId } from '../../src/core/model/write.ts';
import { type EpochMs, epochMs } from '../../src/core/words/time.ts';
import type { KeyPair } from '../../src/emulator/keys.ts';
import type { FaultRule } from '../../src/emulator/faults.ts';
import { type EmulatorOptions, startEmulator } from '../../src/emulator/server.ts';
import { createWorld } from '../../src/emulator/world/create.ts';
import { createHttpDriver } from '../../src/platform/http/driver.ts';
import type { HttpConnection } from '../../src/platform/http/exchange.ts';
import { createNodeTransport } from '../../src/platform/http/transport.ts';
import { readPrivateKey, readPublicKey } from '../../src/protocol/keys.ts';
import {
  createSigner,
  createVerifier,
  signatureEncodings,
  type SignatureEncoding,
} from '../../src/protocol/signature.ts';

const never = new AbortController().signal;
const keyPair = (): KeyPair =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
const ours = keyPair();
const theirs = keyPair();
const strangers = keyPair();
const key = {
  platform: 'megapay',
  workspace: 'acme',
  miniProgram: 'coffee',
  version: '2.4.0',
  app: 'megapay',
  environment: 'Production',
} as const;

interface Setup {
  readonly emulator?: EmulatorOptions;
  readonly connection?: Partial<HttpConnection>;
  readonly encoding?: SignatureEncoding;
  readonly privateKey?: string;
  readonly keyVersion?: number;
  readonly platformKey?: string;
  readonly now?: () => EpochMs;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(setup: Setup = {}) {
  const world = createWorld({
    file: {
      platformId: 'megapay',
      apps: [{ id: 'megapay', environments: ['Production'], environmentVariables: true }],
      clients: [{ id: 'ci', publicKey: ours.publicKey }],
      workspaces: [
        { id: 'acme', admins: ['ci'], miniPrograms: [{ id: 'coffee', versions: ['2.4.0'] }] },
      ],
    },
  });
  const emulator = await startEmulator({ world, keyPair: theirs, ...setup.emulator });
  const transport = createNodeTransport();
  cleanups.push(() => emulator.close());
  cleanups.push(() => {
    transport.close();
  });
  const driver = createHttpDriver({
    connection: {
      endpoint: emulator.url,
      clientId: 'ci',
      platformId: 'megapay',
      ...setup.connection,
    },
    transport,
    signer: createSigner({
      privateKey: readPrivateKey(setup.privateKey ?? ours.privateKey),
      keyVersion: setup.keyVersion ?? 1,
      encoding: setup.encoding ?? 'urlEncodedBase64',
    }),
    verifier: createVerifier(readPublicKey(setup.platformKey ?? theirs.publicKey)),
    clock: {
      wall: setup.now ?? (() => epochMs(Date.now())),
      mono: () => performance.now(),
      sleep: async () => undefined,
    },
    telemetry: { emit: () => undefined },
  });
  const create = () =>
    driver.write(
      {
        operation: 'createRelease',
        key,
        config: { clientId: 'C-1', 'environmentVariables/KEY': 'canary-value' },
      },
      'i'.repeat(43) as RequestId,
      never,
    );
  return { driver, emulator, create };
}

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: unknown) => {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
      return (error as { code?: unknown }).code ?? error;
    },
  );

describe('the convention of a tenant', () => {
  it.each<{ name: string; setup: Setup }>([
    ...signatureEncodings.map((encoding) => ({
      name: `signatures sent and answered as ${encoding}`,
      setup: { encoding, emulator: { signatureEncoding: encoding } },
    })),
    {
      name: 'another prefix',
      setup: {
        connection: { pathPrefix: '/acl/api/' },
        emulator: { convention: { pathPrefix: '/acl/api/' } },
      },
    },
    {
      name: 'the path signed without its prefix',
      setup: {
        connection: { signedPath: 'withoutPrefix' },
        emulator: { convention: { signedPath: 'withoutPrefix' } },
      },
    },
    { name: 'epoch milliseconds', setup: { connection: { requestTime: 'epochMs' } } },
  ])('$name', async ({ setup }) => {
    const { driver, create } = await connect(setup);

    expect(await outcome(create())).toBe('done');
    expect(await driver.release(key, never)).toMatchObject({ status: 'NewVersionCreated' });
  });
});

describe('what is wrong with a connection', () => {
  const minutes = (count: number) => () => epochMs(Date.now() + count * 60_000);
  it.each<{ name: string; setup: Setup; code: string }>([
    {
      name: 'a stranger’s key',
      setup: { privateKey: strangers.privateKey },
      code: 'SignatureRefused',
    },
    { name: 'a key version nobody has', setup: { keyVersion: 7 }, code: 'SignatureRefused' },
    {
      name: 'an unknown client',
      setup: { connection: { clientId: 'who' } },
      code: 'SignatureRefused',
    },
    { name: 'a clock six minutes slow', setup: { now: minutes(-6) }, code: 'SignatureRefused' },
    { name: 'a clock six minutes fast', setup: { now: minutes(6) }, code: 'SignatureRefused' },
    { name: 'a clock four minutes fast', setup: { now: minutes(4) }, code: 'done' },
    {
      name: 'the path signed otherwise',
      setup: { connection: { signedPath: 'withoutPrefix' } },
      code: 'SignatureRefused',
    },
    {
      name: 'another platform’s key',
      setup: { platformKey: strangers.publicKey },
      code: 'ResponseUntrusted',
    },
    {
      name: 'a wrong route',
      setup: { connection: { routes: { getPlatform: 'v9/none' } } },
      code: 'RequestInvalid',
    },
  ])('$name: $code', async ({ setup, code }) => {
    const { driver, create } = await connect(setup);

    expect(await outcome(driver.platform(never))).toBe(code);
    expect(await outcome(create())).toBe(code);
  });
});

it('another platform tells its name and nothing else', async () => {
  const { driver, create } = await connect({ connection: { platformId: 'otherpay' } as never });

  expect(await driver.platform(never)).toMatchObject({ id: 'megapay' });
  expect(await outcome(create())).toBe('PlatformMismatch');
  expect(await outcome(driver.versions(key, never))).toBe('PlatformMismatch');
});

describe('a fault of the platform', () => {
  // What is thrown for a read and for a write, and whether the write happened.
  it.each<{ fault: Omit<FaultRule, 'operation'>; read: string; write: string; applied: boolean }>([
    {
      fault: { effect: 'tooMany', retryAfter: 'seconds' },
      read: 'RateLimited',
      write: 'RateLimited',
      applied: false,
    },
    {
      fault: { effect: 'tooMany', retryAfter: 'nonsense' },
      read: 'RateLimited',
      write: 'RateLimited',
      applied: false,
    },
    {
      fault: { effect: 'tooMany', signed: false },
      read: 'RateLimited',
      write: 'OutcomeUnknown',
      applied: false,
    },
    {
      fault: { effect: 'status', status: 500 },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: false,
    },
    {
      fault: { effect: 'status', status: 502 },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: false,
    },
    {
      fault: { effect: 'status', status: 409, signed: true },
      read: 'Stale',
      write: 'Stale',
      applied: false,
    },
    {
      fault: { effect: 'status', status: 302 },
      read: 'ResponseUntrusted',
      write: 'OutcomeUnknown',
      applied: false,
    },
    {
      fault: { effect: 'errorApplied' },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'unknown' },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: false,
    },
    {
      fault: { effect: 'unknownApplied' },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'accepted' },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'dropBefore' },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: false,
    },
    {
      fault: { effect: 'dropAfter' },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: true,
    },
    { fault: { effect: 'duplicate' }, read: 'done', write: 'done', applied: true },
    {
      fault: { effect: 'truncated' },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'garbage' },
      read: 'ResponseUntrusted',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'errorBody' },
      read: 'ResponseUntrusted',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'wrongType' },
      read: 'ResponseUntrusted',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'badSignature' },
      read: 'ResponseUntrusted',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'missingSignature' },
      read: 'ResponseUntrusted',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'hugeBody', megabytes: 50 },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: true,
    },
    {
      fault: { effect: 'delay', delayMs: 60_000 },
      read: 'PlatformUnavailable',
      write: 'OutcomeUnknown',
      applied: false,
    },
  ])('$fault: reading $read, writing $write', async ({ fault, read, write, applied }) => {
    const { driver, create } = await connect({
      connection: { timeoutMs: 1_500 },
      emulator: {
        faults: {
          rules: [
            { ...fault, operation: 'createRelease', times: 1 },
            { ...fault, operation: 'listVersions', times: 1 },
          ],
        },
      },
    });

    expect(await outcome(create())).toBe(write);
    expect(await outcome(driver.versions(key, never))).toBe(read);
    expect((await driver.release(key, never)) !== undefined).toBe(applied);
  });
});
