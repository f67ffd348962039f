import { generateKeyPairSync } from 'node:crypto';

import { createWorld } from '../../src/emulator/world/create.ts';
import type { KeyPair } from '../../src/emulator/keys.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { createHttpDriver } from '../../src/platform/http/driver.ts';
import { createNodeTransport } from '../../src/platform/http/transport.ts';
import { readPrivateKey, readPublicKey } from '../../src/protocol/keys.ts';
import { createSigner, createVerifier } from '../../src/protocol/signature.ts';
import { epochMs } from '../../src/core/words/time.ts';
import { type MakePlatform, variants } from './contract-world.ts';
import { platformContract } from './platform-suite.ts';

const keyPair = (): KeyPair =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
const ours = keyPair();
const theirs = keyPair();

/** The http driver, over a real socket, to the emulator. */
const overSocket: MakePlatform = async (file, client) => {
  const world = createWorld({
    file: { ...file, clients: [{ id: client, publicKey: ours.publicKey }] },
  });
  const emulator = await startEmulator({ world, keyPair: theirs });
  const transport = createNodeTransport();
  const platform = createHttpDriver({
    connection: { endpoint: emulator.url, clientId: client, platformId: 'megapay' },
    transport,
    signer: createSigner({
      privateKey: readPrivateKey(ours.privateKey),
      keyVersion: 1,
      encoding: 'urlEncodedBase64',
    }),
    verifier: createVerifier(readPublicKey(emulator.platformPublicKey)),
    clock: {
      wall: () => epochMs(Date.now()),
      mono: () => performance.now(),
      sleep: async () => undefined,
    },
    telemetry: { emit: () => undefined },
  });
  return {
    platform,
    console: async (action) => {
      const { result } = emulator.host.console(action, epochMs(Date.now()));
      if (result.resultStatus !== 'S') throw new Error(`${action.action}: ${result.resultCode}`);
      await emulator.host.settle();
    },
    close: async () => {
      transport.close();
      await emulator.close();
    },
  };
};

for (const { name, switches } of variants)
  platformContract(`over a socket, ${name}`, overSocket, switches);
