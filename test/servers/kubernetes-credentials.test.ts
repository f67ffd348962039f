import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { ControlPlane, User } from '../support/control-plane.ts';
import { openTestCluster } from '../support/kubernetes-cluster.ts';
import { faultProxy } from '../support/kubernetes-proxy.ts';
import { loopbackTls } from '../support/loopback-tls.ts';
import { startWithDefinitions } from './crds-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startWithDefinitions();
});
afterAll(() => plane.stop());

const never = new AbortController().signal;

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-access-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const readSecrets = (namespace: string) => ({
  ...{ namespace, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] },
});

describe('credentials', () => {
  const ask = {
    method: 'GET',
    path: '/api/v1/namespaces/default/secrets/none',
    timeoutMs: 15_000,
    maxBytes: 1e6,
  } as const;
  const rights = readSecrets('default');

  async function who(status: Promise<{ status: number }>): Promise<number> {
    return (await status).status;
  }

  async function revoke(user: User): Promise<void> {
    const [, , namespace, name] = user.name.split(':');
    await plane.call(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, {
      method: 'DELETE',
    });
  }

  it('of a pod are read again when the token is no longer accepted, and when authorities change', async () => {
    const [old, fresh] = [
      await plane.user('token-old', [rights]),
      await plane.user('token-fresh', [rights]),
    ];
    const folder = await folderOf({
      token: `${old.token}\n`,
      'ca.crt': loopbackTls.cert,
      namespace: 'apps\n',
    });
    const { port } = new URL(plane.url);
    const cluster = await openTestCluster('', {
      access: { kind: 'inCluster', host: '127.0.0.1', port, folder },
    });
    expect(cluster.namespace).toBe('apps');

    await expect(cluster.api.send(ask, never)).rejects.toMatchObject({
      code: 'ClusterUnavailable',
      nextStep: expect.stringContaining('not trusted') as string,
    });
    await writeFile(join(folder, 'ca.crt'), await readFile(plane.caFile));
    expect(await who(cluster.api.send(ask, never))).toBe(404);
    await revoke(old);
    await writeFile(join(folder, 'token'), fresh.token);
    // The API server itself remembers a token for some seconds.
    for (;;) {
      expect(await who(cluster.api.send(ask, never))).toBe(404);
      const log = await plane.auditLog();
      if (log.some(({ user, verb }) => user.username === fresh.name && verb === 'get')) break;
      await sleep(200);
    }
  });

  it('may be a file that a kubeconfig names, relative to it and before a token', async () => {
    const user = await plane.user('token-file', [rights]);
    const folder = await folderOf({
      token: `${user.token}\n`,
      kubeconfig: JSON.stringify({
        'current-context': 'test',
        clusters: [
          {
            name: 'test',
            cluster: { server: plane.url, 'certificate-authority': plane.caFile },
          },
        ],
        users: [{ name: 'test', user: { token: 'worthless', tokenFile: 'token' } }],
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      }),
    });
    const cluster = await openTestCluster(join(folder, 'kubeconfig'));

    expect(await who(cluster.api.send(ask, never))).toBe(404);
    expect(await cluster.serverVersion(never)).toMatch(/^v1\.\d+\.\d+/);
  });

  it('of a plugin are asked for once, and again when they are no longer accepted', async () => {
    const user = await plane.user('plugin', [rights]);
    const folder = await folderOf({ token: 'worthless', calls: '', info: '' });
    const plugin = join(folder, 'plugin');
    await writeFile(
      plugin,
      `#!/bin/sh
echo call >> ${folder}/calls
printf %s "$KUBERNETES_EXEC_INFO" > ${folder}/info
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat ${folder}/token)"
`,
    );
    await chmod(plugin, 0o755);
    const kubeconfig = await pluginConfig(folder, plugin);
    const cluster = await openTestCluster(kubeconfig);

    expect(await who(cluster.api.send(ask, never))).toBe(401);
    await writeFile(join(folder, 'token'), user.token);
    const answers = [
      await who(cluster.api.send(ask, never)),
      await who(cluster.api.send(ask, never)),
      await who(cluster.api.send(ask, never)),
    ];

    expect(answers).toEqual([404, 404, 404]);
    // Refused: asked again at once. Refused again: asked again. Then never more.
    expect((await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n')).toHaveLength(3);
    const info = JSON.parse(await readFile(join(folder, 'info'), 'utf8')) as unknown;
    expect(info).toMatchObject({ kind: 'ExecCredential', spec: { interactive: false } });
  });

  async function pluginConfig(folder: string, command: string): Promise<string> {
    const path = join(folder, 'kubeconfig');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      interactiveMode: 'Never',
      command,
    };
    await writeFile(
      path,
      JSON.stringify({
        'current-context': 'test',
        clusters: [
          { name: 'test', cluster: { server: plane.url, 'certificate-authority': plane.caFile } },
        ],
        users: [{ name: 'test', user: { exec } }],
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      }),
    );
    return path;
  }

  it('may be a certificate; of several files and contexts the named one counts', async () => {
    const seen: unknown[] = [];
    const server = createServer(
      { ...loopbackTls, ca: loopbackTls.cert, requestCert: true, rejectUnauthorized: true },
      (request, response) => {
        seen.push((request.socket as TLSSocket).getPeerCertificate().subject.CN);
        response.end('{}');
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const folder = await folderOf({
      first: JSON.stringify({
        'current-context': 'elsewhere',
        clusters: [{ name: 'elsewhere', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'nobody', user: {} }],
        contexts: [{ name: 'elsewhere', context: { cluster: 'elsewhere', user: 'nobody' } }],
      }),
      'key.pem': loopbackTls.key,
      second: JSON.stringify({
        clusters: [
          {
            name: 'here',
            cluster: {
              server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
              'certificate-authority-data': base64(loopbackTls.cert),
            },
          },
        ],
        // A path is relative to its file.
        users: [
          {
            name: 'me',
            user: { 'client-certificate-data': base64(loopbackTls.cert), 'client-key': 'key.pem' },
          },
        ],
        contexts: [{ name: 'here', context: { cluster: 'here', user: 'me', namespace: 'apps' } }],
      }),
    });
    const cluster = await openTestCluster('', {
      access: {
        kind: 'kubeconfig',
        files: [join(folder, 'first'), join(folder, 'second')],
        context: 'here',
      },
    });

    const { status } = await cluster.api.send(ask, never);

    expect([status, cluster.namespace, seen]).toEqual([200, 'apps', ['127.0.0.1']]);
  });

  it('that are not to be had say so, without saying anything else', async () => {
    const folder = await folderOf({ plugin: '#!/bin/sh\necho "s3cret-canary" >&2\nexit 3\n' });
    await chmod(join(folder, 'plugin'), 0o755);
    const cluster = await openTestCluster(await pluginConfig(folder, join(folder, 'plugin')));

    const failure = await cluster.api.send(ask, never).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'ClusterRefused' });
    expect(String(failure) + JSON.stringify(failure)).not.toContain('s3cret-canary');
  });

  it('that are refused are shown with what to do, and what is followed recovers', async () => {
    const proxy = await faultProxy(plane);
    const cluster = await openTestCluster(proxy.kubeconfig, {
      cache: { backOff: { firstMs: 50, longestMs: 400 } },
    });
    proxy.onRequest = () => ({ status: 401 });
    const cache = cluster.cache('GitSource');
    while (cache.health().state !== 'Failing') await sleep(20);
    expect(cache.health().trouble).toMatchObject({
      code: 'ClusterRefused',
      nextStep: 'see the service account and its token, or the user of the kubeconfig',
    });

    proxy.onRequest = () => 'pass';
    await cache.changed(never);

    expect(cache.health().state).toBe('Following');
  });

  it.each([
    { name: 'a file that is none', text: 'token: [s3cret-canary' },
    { name: 'no cluster', text: '{"current-context":"x","clusters":[],"users":[],"contexts":[]}' },
  ])('cannot be had from $name, which is said in a sentence', async ({ text }) => {
    const folder = await folderOf({ kubeconfig: text });

    const failure = await openTestCluster(join(folder, 'kubeconfig')).catch(
      (error: unknown) => error,
    );

    expect(failure).toMatchObject({ code: 'SettingsInvalid' });
    expect(String(failure)).not.toContain('s3cret-canary');
  });
});
