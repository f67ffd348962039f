import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createAdapter } from '../../examples/adapter/adapter.ts';
import { createPrivateApi } from '../../examples/adapter/private-api.ts';
import { readPrivateKey, readPublicKey } from '../../src/protocol/keys.ts';
import { createSigner, createVerifier } from '../../src/protocol/signature.ts';
import { createPrivateServer, type PrivateWorld, replaceSettings } from './private-server.ts';

const root = join(import.meta.dirname, '../..');
const keyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });

const declarations = `
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec:
  workspace: acme
  id: "3500020208396321"
  globalConfig:
    serverDomains: [https://api.acme.example]
  targets:
    - { app: megapay, environment: Sandbox, config: { merchantId: M-77-T, testers: ["2088001"] } }
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-2.4.0 }
spec:
  miniProgram: coffee
  version: 2.4.0
  environments: [Sandbox]
  config:
    environmentVariables: [{ name: PAYMENT_HOST, value: https://pay.acme.example }]
`;

let dir = '';
const servers: Server[] = [];
const world: PrivateWorld = {
  programs: [
    { id: '3500020208396321', title: 'Coffee', changes: 1, defaults: { variables: {} } },
    { id: '9', title: 'Foreign', changes: 1, defaults: { variables: {} } },
  ],
  releases: [],
  calls: [],
};

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-adapter-'));
  const ours = keyPair();
  const theirs = keyPair();
  const api = await listen(createPrivateServer(world, 'private-token'));
  const endpoint = await listen(
    createAdapter({
      platformId: 'megapay-private',
      workspace: 'acme',
      ask: createPrivateApi(api, 'private-token'),
      callers: new Map([['ci', createVerifier(readPublicKey(ours.publicKey))]]),
      signer: createSigner({
        privateKey: readPrivateKey(theirs.privateKey),
        keyVersion: 1,
        encoding: 'base64',
      }),
    }),
  );
  await mkdir(join(dir, 'declarations'));
  await writeFile(join(dir, 'declarations/coffee.yaml'), declarations);
  await writeFile(join(dir, 'ci.pem'), ours.privateKey);
  await writeFile(join(dir, 'platform.pub.pem'), theirs.publicKey);
  await writeFile(
    join(dir, 'connections.yaml'),
    `
apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec:
  platformId: megapay-private
  driver: http
  endpoint: ${endpoint}
  clientId: ci
  privateKey: { file: ci.pem }
  platformPublicKey: { file: platform.pub.pem }
  requestsPerSecond: 1000
`,
  );
});

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(dir, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly json: never;
  readonly stderr: string;
}

/** The command line, as its own process; only its state directory is shared between runs. */
function fairlead(...args: string[]): Promise<Ran> {
  const main = join(root, 'src/cli/main.ts');
  const more = ['-o', 'json', '--connections', join(dir, 'connections.yaml')];
  const env = { PATH: process.env['PATH'], HOME: dir, XDG_STATE_HOME: join(dir, 'state') };
  return new Promise((resolve) => {
    const all = [main, ...args, join(dir, 'declarations'), ...more];
    execFile(process.execPath, all, { env }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, json: JSON.parse(stdout) as never, stderr });
    });
  });
}

describe('an adapter in front of a private API', () => {
  it('is small enough to be read at once', async () => {
    const text = await readFile(join(root, 'examples/adapter/adapter.ts'), 'utf8');

    expect(text.split('\n').length).toBeLessThan(150);
  });

  it('plans, applies, and then has nothing to do', async () => {
    const plan = await fairlead('plan');
    expect(plan.json).toMatchObject({ kind: 'Plan', summary: { create: 1, global: 1 } });
    expect(world.releases).toEqual([]);

    const applied = await fairlead('apply', '--yes');

    expect(applied.code, applied.stderr).toBe(0);
    expect(world.releases).toMatchObject([
      {
        program: '3500020208396321',
        version: '2.4.0',
        app: 'megapay',
        environment: 'Sandbox',
        settings: {
          merchantId: 'M-77-T',
          testers: ['2088001'],
          variables: { PAYMENT_HOST: 'https://pay.acme.example' },
        },
      },
    ]);
    expect(world.programs[0]?.defaults.serverDomains).toEqual(['https://api.acme.example']);
    world.calls.length = 0;
    const again = await fairlead('apply', '--yes');
    expect(again.code, again.stderr).toBe(0);
    expect(world.calls.filter((line) => !line.startsWith('GET '))).toEqual([]);
  });

  it('tells a hand edit from a new declaration, although no mark is kept', async () => {
    const [before] = world.releases;
    replaceSettings(world, '1', { ...before!.settings, merchantId: 'M-BY-HAND' });
    const changed = declarations.replace('["2088001"]', '["2088001", "2088002"]');
    await writeFile(join(dir, 'declarations/coffee.yaml'), changed);

    const plan = await fairlead('plan', '--all');
    const applied = await fairlead('apply', '--yes');

    expect(plan.json).toMatchObject({
      changes: [
        {
          action: 'update',
          fields: [
            { path: 'merchantId', cause: 'drift', held: 'DriftReported' },
            { path: 'testers', cause: 'declaration', held: null },
          ],
        },
      ],
    });
    expect(applied.code, applied.stderr).toBe(0);
    expect(world.releases[0]?.settings).toMatchObject({
      merchantId: 'M-BY-HAND',
      testers: ['2088001', '2088002'],
      variables: { PAYMENT_HOST: 'https://pay.acme.example' },
    });
  });
});
