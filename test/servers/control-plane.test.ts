import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { root } from '../../tools/files.ts';
import { startControlPlane } from '../support/control-plane.ts';
import { serverTool } from '../support/server-tools.ts';

describe('the test control plane', () => {
  it('hands out users who may do what was granted, and writes down who did what', async () => {
    const plane = await startControlPlane();
    onTestFinished(() => plane.stop());
    const [own, elsewhere] = [await plane.namespace(), await plane.namespace()];
    const reader = await plane.user('reader', [
      { namespace: own, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }] },
    ]);
    const as = { kubeconfig: reader.kubeconfig };

    const listed = await plane.kubectl(['get', 'configmaps', '-n', own], as);
    const others = await plane.kubectl(['get', 'configmaps', '-n', elsewhere], as);
    const secrets = await plane.kubectl(['get', 'secrets', '-n', own], as);
    const log = await plane.auditLog();

    expect([listed.exitCode, others.exitCode, secrets.exitCode]).toEqual([0, 1, 1]);
    expect(
      log
        .filter(({ user, objectRef }) => user.username === reader.name && objectRef !== undefined)
        .map(({ verb, objectRef, responseStatus }) =>
          [verb, objectRef?.namespace, objectRef?.resource, responseStatus?.code].join(' '),
        ),
    ).toEqual([
      `list ${own} configmaps 200`,
      `list ${elsewhere} configmaps 403`,
      `list ${own} secrets 403`,
    ]);
  });

  it('leaves nothing behind when it stops', async () => {
    const { pids, kubeconfig, stop } = await startControlPlane();

    await stop();

    expect(pids.filter(isRunning)).toEqual([]);
    await expect(readFile(kubeconfig)).rejects.toThrow('ENOENT');
  });

  it('ends with a test process that had no time to stop it', async () => {
    const home = await mkdtemp(join(tmpdir(), 'fairlead-orphans-'));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    const child = spawn(process.execPath, ['--input-type=module', '-e', holdPlane], {
      env: { ...process.env, TMPDIR: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pids = JSON.parse(line.toString()) as number[];

    child.kill('SIGKILL');

    expect(pids).toHaveLength(2);
    // The verdict is that it ends at all; the test's own deadline says when it did not.
    while (pids.some(isRunning)) await sleep(50);
  });

  it('says in one line that Go is missing', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'fairlead-no-go-'));
    onTestFinished(() => rm(empty, { recursive: true, force: true }));
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    vi.stubEnv('KUBEBUILDER_ASSETS', '');
    vi.stubEnv('XDG_CACHE_HOME', empty);
    vi.stubEnv('PATH', empty);

    await expect(startControlPlane()).rejects.toThrow(
      'Go is not on the PATH; test/servers/tools/control-plane is built with it (https://go.dev/dl)',
    );
  });

  it('runs what KUBEBUILDER_ASSETS holds instead', async () => {
    const assets = await mkdtemp(join(tmpdir(), 'fairlead-assets-'));
    onTestFinished(() => rm(assets, { recursive: true, force: true }));
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await symlink(await serverTool('kube-apiserver'), join(assets, 'kube-apiserver'));
    await symlink(await serverTool('server'), join(assets, 'etcd'));
    await symlink(await serverTool('kubectl'), join(assets, 'kubectl'));
    vi.stubEnv('KUBEBUILDER_ASSETS', assets);
    vi.stubEnv('XDG_CACHE_HOME', assets);

    const plane = await startControlPlane();
    const { stdout } = await plane.kubectl(['version', '-o', 'json']);
    await plane.stop();

    expect(JSON.parse(stdout)).toMatchObject({ serverVersion: { gitVersion: 'v1.36.3' } });
  });

  it('says which program KUBEBUILDER_ASSETS lacks', async () => {
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    vi.stubEnv('KUBEBUILDER_ASSETS', '/nowhere');

    await expect(startControlPlane()).rejects.toThrow('which has no kube-apiserver');
  });
});

const holdPlane = `
const { startControlPlane } = await import(${JSON.stringify(pathToFileURL(join(root, 'test/support/control-plane.ts')).href)});
console.log(JSON.stringify((await startControlPlane()).pids));
setInterval(() => {}, 1000);
`;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
