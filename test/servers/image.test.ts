import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { root } from '../../tools/files.ts';
import { built } from '../support/built.ts';
import { type GitHttp, startGitHttp } from '../support/git-http.ts';
import { type GitSsh, makeSshKey, startGitSsh } from '../support/git-ssh.ts';
import { loopbackTls } from '../support/loopback-tls.ts';
import { readDockerfile } from './image-dockerfile.ts';
import {
  copySteps,
  type Ended,
  makeBase,
  programsIn,
  runInImage,
  runStages,
  type Stages,
  stageOf,
} from './image-stage.ts';

const run = promisify(execFile);
/** On the file system of the packages, which are linked; not among them, where Node runs no TypeScript. */
const folder = join(root, '.cache', `image-${process.pid}`);
const [slim, full] = [join(folder, 'slim'), join(folder, 'full')];
const remotes = join(folder, 'remotes');
const key = makeSshKey();
let stages: Stages;
let https: GitHttp;
let ssh: GitSsh;

beforeAll(async () => {
  const file = await readDockerfile();
  await mkdir(remotes, { recursive: true });
  await makeRemote();
  https = await startGitHttp({ root: remotes, tls: loopbackTls });
  ssh = await startGitSsh({ root: remotes, authorizedKey: key.public });
  stages = await runStages(file, folder);
  for (const image of [slim, full]) {
    await makeBase(image);
    await copySteps(stageOf(file.stages, 'slim'), stages, image);
  }
  await copySteps(stageOf(file.stages, 'full'), stages, full);
  for (const image of [slim, full]) await bringInputs(image);
});

afterAll(async () => {
  await https.stop();
  await ssh.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What volumes bring to a container: settings, and a world for the local platform. */
async function bringInputs(image: string): Promise<void> {
  const etc = join(image, 'etc/fairlead');
  await mkdir(etc, { recursive: true });
  await cp(join(root, 'examples/quick-start/world.yaml'), join(etc, 'world.yaml'));
  await writeFile(join(etc, 'ssh.key'), key.private);
  await writeFile(join(etc, 'known_hosts'), ssh.knownHosts);
  const ofSsh = 'credentials: { sshKey: { file: ssh.key }, knownHosts: { file: known_hosts } }';
  await writeFile(join(etc, 'ssh.yaml'), settings(`url: '${ssh.url}/coffee.git', ${ofSsh}`));
  await writeFile(join(etc, 'https.yaml'), settings(`url: '${https.url}/coffee.git'`));
  await writeFile(join(etc, 'away.yaml'), settings(`url: 'https://git.example/coffee.git'`));
}

/** A repository that people pushed declarations to. */
async function makeRemote(): Promise<void> {
  const work = join(folder, 'work');
  await cp(join(root, 'examples/quick-start/declarations'), work, { recursive: true });
  await run('git', ['init', '--quiet', '-b', 'main'], { cwd: work });
  await run('git', ['add', '.'], { cwd: work });
  await run('git', ['commit', '-qm', 'Declare'], { cwd: work });
  await run('git', ['clone', '--quiet', '--bare', work, join(remotes, 'coffee.git')]);
}

const settings = (source: string) => `apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec:
  platformId: emulator
  driver: emulator
  dataDir: /state/emulator
  worldFile: world.yaml
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: coffee-team }
spec: { ${source} }
`;

function fairlead(
  image: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return runInImage({ folder: image, env }, [
    '/usr/bin/node',
    '/opt/fairlead/fairlead.js',
    ...args,
  ]);
}

const onceWith = (name: 'ssh' | 'https' | 'away') => [
  ...['run', '--once', '--config', `/etc/fairlead/${name}.yaml`, '--state', '/state/fairlead'],
];

async function bytesIn(path: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Object.fromEntries(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const file = join(parentPath, name);
        return [file.slice(path.length + 1), await readFile(file, 'base64')] as const;
      }),
    ),
  );
}

describe('the build', () => {
  it('makes the same bytes from what an engine is sent, elsewhere', async () => {
    const there = await bytesIn(join(stages.folders['build'] ?? '', 'build/dist'));
    const here = await bytesIn(dirname(built().cli));

    expect(Object.keys(there).toSorted()).toEqual(Object.keys(here).toSorted());
    expect(Object.keys(there).filter((name) => there[name] !== here[name])).toEqual([]);
    expect(Object.keys(there)).toContain('sbom.cdx.json');
  });
});

describe('the inventory', () => {
  it('names every package of the bundle once, as the lockfile has it', async () => {
    const text = await readFile(join(slim, 'opt/fairlead/sbom.cdx.json'), 'utf8');
    const { components } = JSON.parse(text) as {
      components: { name: string; version: string; purl: string }[];
    };
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string }>;
    };
    const locked = new Set(
      Object.entries(lock.packages).map(
        ([path, { version }]) => `${path.split('node_modules/').at(-1) ?? ''}@${version ?? ''}`,
      ),
    );

    expect(components.length).toBeGreaterThan(50);
    expect(new Set(components.map(({ purl }) => purl)).size).toBe(components.length);
    expect(components.filter(({ name, version }) => !locked.has(`${name}@${version}`))).toEqual([]);
  });
});

describe('the slim image', () => {
  it('runs the program for a user without rights, on a root that is read-only', async () => {
    const version = await fairlead(slim, ['version']);
    const probe = await runInImage({ folder: slim }, ['/usr/bin/node', '-e', tryToWrite]);

    expect(version).toEqual({ code: 0, output: expect.stringMatching(/^fairlead 0\.1\.0\b/) });
    expect(probe.output).toBe('EROFS EROFS ok\n');
  });

  it('holds no program but Node and Fairlead', async () => {
    expect(await programsIn(slim)).toEqual(['/opt/fairlead/fairlead.js', '/usr/bin/node']);
  });

  it('says that git is missing, and which image has it', async () => {
    const doctor = await fairlead(slim, ['doctor', '--connections', '/etc/fairlead/away.yaml']);
    const pass = await fairlead(slim, onceWith('away'));

    expect(doctor.output).toContain('Git does not run');
    expect(pass.code).not.toBe(0);
    expect(pass.output).toContain('there is no git here');
    expect(pass.output).toContain('full has it and slim has not');
  });
});

const tryToWrite = `
const fs = require('node:fs');
const attempt = (path) => { try { fs.writeFileSync(path, ''); return 'ok'; } catch (e) { return e.code; } };
console.log(attempt('/opt/fairlead/x'), attempt('/x'), attempt('/state/x'));
`;

describe('the full image', () => {
  it('holds what Git sources need and nothing else that could be run', async () => {
    expect(await programsIn(full)).toEqual([
      '/bin/sh',
      '/opt/fairlead/fairlead.js',
      '/usr/bin/git',
      '/usr/bin/gpg',
      '/usr/bin/node',
      '/usr/bin/setsid',
      '/usr/bin/ssh',
      '/usr/bin/ssh-keygen',
      '/usr/lib/git-core/git-remote-http',
    ]);
  });

  it('follows a repository over https, by the authorities it was given', async () => {
    const bundle = { GIT_SSL_CAINFO: '/etc/fairlead/ca.crt' };
    await writeFile(join(full, 'etc/fairlead/ca.crt'), loopbackTls.cert);

    const { code, output } = await fairlead(full, onceWith('https'), bundle);
    const without = await fairlead(full, onceWith('https'));

    expect([code, output]).toEqual([0, expect.stringContaining('1 change done.')]);
    expect(without.output).toContain('the certificate of the Git server is not trusted');
  });

  it('follows a repository over ssh', async () => {
    const { code, output } = await fairlead(full, onceWith('ssh'));

    expect([code, output]).toEqual([0, expect.stringContaining('1 change done.')]);
    expect(ssh.commands).toContain("git-upload-pack '/coffee.git'");
  });

  it('asks over https, through the proxy it was given', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      asked.push(url ?? '');
      socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;

    await fairlead(full, onceWith('away'), { HTTPS_PROXY: `http://127.0.0.1:${port}` });

    expect(new Set(asked)).toEqual(new Set(['git.example:443']));
  });

  it.each([
    { program: 'gpg', args: ['--version'] },
    { program: 'ssh-keygen', args: ['-Y', 'check-novalidate', '-n', 'git', '-s', '/dev/null'] },
    { program: 'setsid', args: ['--version'] },
  ])('has all that $program needs to start', async ({ program, args }) => {
    const { output } = await runInImage({ folder: full }, [`/usr/bin/${program}`, ...args]);

    expect(output).not.toMatch(/shared libraries|No such file/);
    expect(output).not.toBe('');
  });
});
