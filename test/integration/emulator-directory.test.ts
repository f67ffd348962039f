import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { epochMs } from '../../src/core/words/time.ts';
import { writeConnection } from '../../src/emulator/connection.ts';
import { makeDataDirectory, readAddress, writeAddress } from '../../src/emulator/data-directory.ts';
import { DataDirectoryBusy, openDisk } from '../../src/emulator/disk.ts';
import { connectOrStart } from '../../src/emulator/lock.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { dumpWorld, WorldFileError } from '../../src/emulator/world-file.ts';
import { publicKeyOf } from '../../src/emulator/keys.ts';
import type { CallRequest } from '../../src/emulator/world.ts';
import { createWorld } from '../../src/emulator/world/create.ts';

const program = fileURLToPath(new URL('../chaos/platform-process.ts', import.meta.url));
const worldYaml = `
apps: [{ id: megapay }]
workspaces:
  - { id: acme, miniPrograms: [{ id: coffee, versions: [1.0.0] }] }
`;
const key = {
  workspace: 'acme',
  miniProgram: 'coffee',
  version: '1.0.0',
  app: 'megapay',
  environment: 'Production',
} as const;

let folder: string;
let dataDir: string;
let worldFile: string;
const children: ChildProcess[] = [];
type CreateCall = Extract<CallRequest, { readonly operation: 'createRelease' }>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-directory-'));
  dataDir = join(folder, 'data');
  worldFile = join(folder, 'world.yaml');
  await writeFile(worldFile, worldYaml);
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
  await rm(folder, { recursive: true, force: true });
});

async function startProcess(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [program, dataDir, worldFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, ...(JSON.parse(String(line)) as { url: string }) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('a data directory that cannot be made', () => {
  it.each([
    { name: 'where nobody can make one', path: () => '/proc/none/data', code: 'ENOENT' },
    { name: 'where a file is', path: () => worldFile, code: 'EEXIST' },
  ])('ends in an error $name', async ({ path, code }) => {
    await expect(makeDataDirectory(path())).rejects.toMatchObject({ code });
  });
});

describe('a data directory', () => {
  it('keeps world, keys, remembered request ids and log from one start to the next', async () => {
    const first = await connectAndCreate();
    const again = await startEmulator({ dataDir });

    const calls = again.host.calls();
    const repeated = again.host.call(first.request, epochMs(2));
    const { publicKey } = await again.clientKeyPair();
    const dump = dumpWorld(again.host.world());
    await again.close();

    expect(calls.map(({ operation }) => operation)).toEqual(['createRelease']);
    expect(repeated).toEqual(first.answer);
    expect(publicKey).toBe(first.publicKey);
    expect(again.platformPublicKey).toBe(first.platformPublicKey);
    expect(dump).toBe(first.dump);
  });

  async function connectAndCreate() {
    const emulator = await startEmulator({ dataDir, world: createWorldFromFile() });
    const body = { ...key, config: { merchantId: 'M-1' }, requestId: 'r-1' };
    const request: CreateCall = {
      ...{ kind: 'call', client: 'fairlead-ci', operation: 'createRelease' },
      body,
    };
    const answer = emulator.host.call(request, epochMs(1));
    const entry = { at: 1, client: 'fairlead-ci', operation: 'createRelease', key: '' } as const;
    emulator.host.log({
      ...entry,
      resultStatus: 'S',
      resultCode: '',
      http: { status: 200, performed: 1 },
    });
    await emulator.host.settle();
    const { publicKey } = await emulator.clientKeyPair();
    const dump = dumpWorld(emulator.host.world());
    const { platformPublicKey } = emulator;
    await emulator.close();
    return { request, answer, publicKey, dump, platformPublicKey };
  }

  function createWorldFromFile() {
    return createWorld({
      file: {
        apps: [{ id: 'megapay' }],
        workspaces: [{ id: 'acme', miniPrograms: [{ id: 'coffee', versions: ['1.0.0'] }] }],
      },
    });
  }

  it('is readable by its owner alone, also the write-ahead log', async () => {
    const emulator = await startEmulator({ dataDir });
    const names = ['', 'world.sqlite', 'world.sqlite-wal', 'platform.key.pem'];
    const keys = ['client-fairlead-ci.key.pem', 'address.json'];
    const modes = await Promise.all(
      [...names, ...keys].map(async (name) =>
        ((await stat(join(dataDir, name))).mode & 0o777).toString(8),
      ),
    );
    await emulator.close();

    expect(modes).toEqual(['700', '600', '600', '600', '600', '600']);
  });

  it('belongs to one process at a time', async () => {
    const emulator = await startEmulator({ dataDir });

    await expect(startEmulator({ dataDir })).rejects.toThrow(DataDirectoryBusy);
    await emulator.close();
    const next = await startEmulator({ dataDir });
    await next.close();
  });

  it('ignores a torn end of the write-ahead log', async () => {
    const { child } = await startProcess();
    await end(child);
    await writeFile(join(dataDir, 'world.sqlite-wal'), Buffer.alloc(4096, 7), { flag: 'a' });

    const emulator = await startEmulator({ dataDir });
    const programs = emulator.host.world().programs.size;
    await emulator.close();

    expect(programs).toBe(1);
  });
});

describe('connectOrStart', () => {
  it('starts the platform where nobody has the directory, and stops it', async () => {
    const reach = await connectOrStart({ dataDir, worldFile });
    const health = await (await fetch(`${reach.endpoint}/console/health`)).json();
    await reach.close();

    expect(health).toMatchObject({ platformId: 'emulator', emulator: true });
    await expect(fetch(`${reach.endpoint}/console/health`)).rejects.toThrow();
    expect(await readAddress(dataDir)).toBeUndefined();
  });

  it('connects to the process that has it, with its keys, and leaves it running', async () => {
    const { url } = await startProcess();

    const reach = await connectOrStart({ dataDir, worldFile });
    await reach.close();

    const kept = await readFile(join(dataDir, 'client-fairlead-ci.key.pem'), 'utf8');
    const platform = await readFile(join(dataDir, 'platform.key.pem'), 'utf8');
    expect(reach).toMatchObject({ endpoint: url, clientId: 'fairlead-ci', privateKey: kept });
    expect(reach.platformPublicKey).toBe(publicKeyOf(platform));
    expect((await fetch(`${url}/console/health`)).status).toBe(200);
  });

  it('takes over from a process that was killed, whatever it left', async () => {
    const { child, url } = await startProcess();
    await end(child);
    expect((await readAddress(dataDir))?.url, 'the address is still there').toBe(url);

    const reach = await connectOrStart({ dataDir, worldFile });
    await reach.close();

    expect(reach.endpoint).not.toBe(url);
  });

  it('does not believe an address at which somebody else answers', async () => {
    const stranger = await startEmulator();
    const disk = await startEmulator({ dataDir });
    await disk.close();
    const address = { url: stranger.url, pid: 1, instance: 'another', client: 'fairlead-ci' };
    await writeAddress(dataDir, address);

    const reach = await connectOrStart({ dataDir, worldFile });
    await reach.close();
    await stranger.close();

    expect(reach.endpoint).not.toBe(stranger.url);
  });

  it('two at once: one starts, the other connects', async () => {
    const [a, b] = await Promise.all([
      connectOrStart({ dataDir, worldFile }),
      connectOrStart({ dataDir, worldFile }),
    ]);

    expect(a.endpoint).toBe(b.endpoint);
    await Promise.all([a.close(), b.close()]);
  });

  it('names every mistake of the world file', async () => {
    await writeFile(
      worldFile,
      'apps: [{ id: a, environments: [Sandbox] }]\nswitches: { nope: 1 }\n',
    );

    const failed = connectOrStart({ dataDir, worldFile });

    await expect(failed).rejects.toThrow(WorldFileError);
    await expect(failed).rejects.toMatchObject({
      problems: [
        `${worldFile}:1:8 app a lacks Production, which every app has`,
        `${worldFile}:2:1 there is no switch "nope"`,
      ],
    });
  });
});

describe('--connection-out', () => {
  it('writes a connection that Fairlead can use, and the keys beside it', async () => {
    const emulator = await startEmulator();
    const path = join(folder, 'connections.yaml');
    const written = await writeConnection(emulator, { path, kind: 'file' });
    const modes = await Promise.all(written.map(async (file) => (await stat(file)).mode & 0o777));
    const [document] = parseAllDocuments(await readFile(path, 'utf8'));
    await emulator.close();

    expect(document?.toJS()).toEqual({
      apiVersion: 'fairlead.dev/v1alpha1',
      kind: 'PlatformConnection',
      metadata: { name: 'default' },
      spec: {
        ...{ platformId: 'emulator', driver: 'http', endpoint: emulator.url },
        clientId: 'fairlead-ci',
        privateKey: { file: 'connections.key.pem' },
        platformPublicKey: { file: 'connections.platform.pem' },
      },
    });
    expect(written.map((file) => file.slice(folder.length))).toEqual([
      '/connections.yaml',
      '/connections.key.pem',
      '/connections.platform.pem',
    ]);
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  it('writes manifests for Kubernetes, granted to every namespace', async () => {
    const emulator = await startEmulator();
    const path = join(folder, 'connection.yaml');
    await writeConnection(emulator, { path, kind: 'kubernetes' });
    const documents = parseAllDocuments(await readFile(path, 'utf8')).map((each) => each.toJS());
    const { privateKey } = await emulator.clientKeyPair();
    await emulator.close();

    expect(documents).toEqual([
      {
        apiVersion: 'fairlead.dev/v1alpha1',
        kind: 'PlatformConnection',
        metadata: { name: 'default' },
        spec: {
          ...{ platformId: 'emulator', driver: 'http', endpoint: emulator.url },
          clientId: 'fairlead-ci',
          privateKey: { secretKeyRef: { name: 'default-connection', key: 'privateKey' } },
          platformPublicKey: {
            secretKeyRef: { name: 'default-connection', key: 'platformPublicKey' },
          },
          grants: [{ namespaces: ['*'] }],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'default-connection', namespace: 'fairlead-system' },
        type: 'Opaque',
        stringData: { privateKey, platformPublicKey: emulator.platformPublicKey },
      },
    ]);
  });

  it('refuses for a client whose key is elsewhere', async () => {
    const { publicKey } = await (await startAndClose()).clientKeyPair();
    const world = createWorld({ file: { clients: [{ id: 'ci', publicKey }] } });
    const emulator = await startEmulator({ world });

    const failed = writeConnection(emulator, { path: join(folder, 'c.yaml'), kind: 'file' });

    await expect(failed).rejects.toThrow(RangeError);
    await emulator.close();
  });

  async function startAndClose() {
    const emulator = await startEmulator();
    await emulator.close();
    return emulator;
  }
});

it('a database of another format is not touched', async () => {
  const emulator = await startEmulator({ dataDir });
  await emulator.close();
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(dataDir, 'world.sqlite'));
  database.exec("UPDATE meta SET value = '2' WHERE name = 'format'");
  database.close();

  await expect(startEmulator({ dataDir })).rejects.toThrow('format 2');
  const disk = openDisk(dataDir);
  disk.close();
});
