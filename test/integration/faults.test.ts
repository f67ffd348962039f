import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../src/core/words/time.ts';
import type { CallEntry } from '../../src/emulator/calls.ts';
import type { Effect, FaultPlan, FaultRule } from '../../src/emulator/faults.ts';
import type { KeyPair } from '../../src/emulator/keys.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { createWorld } from '../../src/emulator/world/create.ts';
import type { World } from '../../src/emulator/world/state.ts';
import { noLedger } from '../../src/ledger/ledger.ts';
import { createHttpDriver } from '../../src/platform/http/driver.ts';
import { createNodeTransport } from '../../src/platform/http/transport.ts';
import type { Clock } from '../../src/ports/index.ts';
import { readPrivateKey, readPublicKey } from '../../src/protocol/keys.ts';
import { createSigner, createVerifier } from '../../src/protocol/signature.ts';
import {
  client,
  createIds,
  faultWorld,
  heldBy,
  recordCounts,
  runPass,
  writesIn,
  type Wishes,
} from '../simulation/faults-world.ts';

/*
 * The faults of test/simulation/faults.test.ts once more, where they hurt: real sockets, real signatures, real time-outs.
 */

const keyPair = (): KeyPair =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
const ours = keyPair();
const theirs = keyPair();

/** Of the machine, but nobody waits for a back-off. */
const clock: Clock = {
  wall: () => epochMs(Date.now()),
  mono: () => performance.now(),
  sleep: async () => undefined,
};

interface Struck {
  readonly world: World;
  readonly results: readonly string[];
  readonly planned: readonly string[];
  readonly calls: readonly CallEntry[];
}

/** One pass against a platform that begins with `world`. */
async function pass(
  world: World,
  wishes: Wishes,
  faults: FaultPlan = { rules: [] },
): Promise<Struck> {
  const emulator = await startEmulator({ world, keyPair: theirs, faults });
  const transport = createNodeTransport();
  const platform = createHttpDriver({
    connection: { endpoint: emulator.url, clientId: client, platformId: 'megapay', timeoutMs: 500 },
    transport,
    signer: createSigner({
      privateKey: readPrivateKey(ours.privateKey),
      keyVersion: 1,
      encoding: 'urlEncodedBase64',
    }),
    verifier: createVerifier(readPublicKey(theirs.publicKey)),
    clock,
    telemetry: { emit: () => undefined },
  });
  try {
    const { outcomes, planned } = await runPass(
      { platform, clock, ledger: noLedger(), seed: 1 },
      { wishes },
    );
    // A late answer is logged when it is given up, which may be after we have.
    const isStruck = (): boolean =>
      emulator.host.calls().some(({ http }) => http.fault !== undefined);
    if (faults.rules.length > 0) await expect.poll(isStruck, { timeout: 10_000 }).toBe(true);
    return {
      world: emulator.host.world(),
      results: outcomes.map((outcome) =>
        outcome.result === 'failed' ? outcome.error.code : outcome.result,
      ),
      planned,
      calls: emulator.host.calls(),
    };
  } finally {
    transport.close();
    await emulator.close();
  }
}

function newWorld(): World {
  return createWorld({
    file: { ...faultWorld(), clients: [{ id: client, publicKey: ours.publicKey }] },
  });
}

const first: Wishes = { targets: { Test: '{ merchantId: M-1 }' } };
const wishes: Wishes = { targets: { Test: '{ merchantId: M-7, testers: [u1, u2] }' } };
const key = 'coffee/1.0.0/megapay/Test';

const faults: readonly {
  readonly name: string;
  readonly effect: Effect;
  readonly more?: Partial<FaultRule>;
}[] = [
  { name: 'a lost request', effect: 'dropBefore' },
  { name: 'a lost answer after it was applied', effect: 'dropAfter' },
  { name: 'a duplicate', effect: 'duplicate' },
  { name: 'U', effect: 'unknown' },
  { name: 'U although applied', effect: 'unknownApplied' },
  { name: 'A', effect: 'accepted' },
  { name: '429', effect: 'tooMany' },
  { name: '500 although applied', effect: 'errorApplied' },
  { name: 'an answer after the time-out', effect: 'delay', more: { delayMs: 1000 } },
  { name: 'a truncated answer', effect: 'truncated' },
  { name: 'a bad signature', effect: 'badSignature' },
  { name: 'a missing signature', effect: 'missingSignature' },
];

describe.each(faults)('$name over a socket', ({ effect, more }) => {
  it.each([
    { on: 'a create', operation: 'createRelease', from: async () => newWorld() },
    {
      on: 'a patch',
      operation: 'patchReleaseConfig',
      from: async () => (await pass(newWorld(), first)).world,
    },
  ] as const)(
    'on $on: the end is right, with one record and one request id',
    async ({ operation, from }) => {
      const rules = [{ effect, operation, times: 1, ...more }];

      const struck = await pass(await from(), wishes, { rules });
      const again = await pass(struck.world, wishes);

      expect(
        struck.calls.some(({ http }) => http.fault === effect),
        'the fault struck',
      ).toBe(true);
      expect(struck.results).toEqual(['applied']);
      const host = { world: () => again.world };
      expect(heldBy(host)).toMatchObject({ Test: { merchantId: 'M-7', testers: ['u1', 'u2'] } });
      expect(recordCounts(host)[key]).toBe(1);
      expect(new Set(writesIn(struck.calls).map(({ requestId }) => requestId)).size).toBe(1);
      expect(Object.values(createIds(struck.calls)).every(({ length }) => length === 1)).toBe(true);
      expect([again.planned, writesIn(again.calls)]).toEqual([['Test unchanged'], []]);
    },
  );
});

it('a stale revision over a socket: somebody edits between our reading and our writing', async () => {
  const begun = (await pass(newWorld(), first)).world;
  const emulator = await startEmulator({ world: begun, keyPair: theirs });
  const transport = createNodeTransport();
  const platform = createHttpDriver({
    connection: { endpoint: emulator.url, clientId: client, platformId: 'megapay' },
    transport,
    signer: createSigner({
      privateKey: readPrivateKey(ours.privateKey),
      keyVersion: 1,
      encoding: 'base64',
    }),
    verifier: createVerifier(readPublicKey(theirs.publicKey)),
    clock,
    telemetry: { emit: () => undefined },
  });
  const edit = {
    workspace: 'acme',
    miniProgram: 'coffee',
    version: '1.0.0',
    app: 'megapay',
    environment: 'Test',
  } as const;
  const meanwhile = (): void => {
    emulator.host.console(
      { action: 'editReleaseConfig', ...edit, patch: { clientId: 'C-5' } },
      clock.wall(),
    );
  };
  try {
    const { outcomes } = await runPass(
      { platform, clock, ledger: noLedger(), seed: 1 },
      { wishes, meanwhile },
    );

    expect(outcomes.map(({ result }) => result)).toEqual(['applied']);
    expect(heldBy(emulator.host)).toMatchObject({
      Test: { merchantId: 'M-7', testers: ['u1', 'u2'], clientId: 'C-5' },
    });
    expect(writesIn(emulator.host.calls()).map(({ resultCode }) => resultCode)).toEqual([
      'REVISION_MISMATCH',
      'SUCCESS',
    ]);
  } finally {
    transport.close();
    await emulator.close();
  }
});
