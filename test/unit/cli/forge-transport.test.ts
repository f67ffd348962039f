import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createProxy } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { describe, expect, it, onTestFinished } from 'vitest';

import { openForgeTransport } from '../../../src/cli/composition/forge-transport.ts';
import type { Variables } from '../../../src/cli/composition/forge-place.ts';
import type { WireResponse } from '../../../src/ports/index.ts';
import { loopbackTls } from '../../support/loopback-tls.ts';

const { signal } = new AbortController();

interface Forge {
  readonly url: string;
  /** What was asked, `METHOD path`. */
  readonly heard: string[];
}

async function listening(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): unknown;
}): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** A forge with TLS; at `/lost` it takes the request and breaks the connection. */
async function forge(): Promise<Forge> {
  const heard: string[] = [];
  const server: Server = createServer({ ...loopbackTls }, (request, response) => {
    heard.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (request.url === '/lost') response.destroy();
    else response.end('{}');
  });
  const port = await listening(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${port}`, heard };
}

interface Proxy {
  readonly address: string;
  readonly tunnels: { readonly to: string; readonly credentials: string | undefined }[];
}

/** @param refuses  with 407, as a proxy that wants other credentials does */
async function proxy(refuses = false): Promise<Proxy> {
  const tunnels: Proxy['tunnels'] = [];
  const sockets: Socket[] = [];
  const server = createProxy();
  server.on('connect', (request, socket: Socket) => {
    const to = request.url ?? '';
    tunnels.push({ to, credentials: request.headers['proxy-authorization'] });
    if (refuses) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [host = '', port = ''] = to.split(':');
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
    sockets.push(socket, target);
  });
  const port = await listening(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { address: `127.0.0.1:${port}`, tunnels };
}

async function caFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-ca-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'ca.pem');
  await writeFile(file, loopbackTls.cert);
  return file;
}

async function ask(variables: Variables, url: string): Promise<WireResponse> {
  const transport = await openForgeTransport(variables, undefined);
  onTestFinished(() => {
    transport.close();
  });
  return transport.send(
    { method: 'POST', url, headers: {}, body: '{}', timeoutMs: 20_000, maxBytes: 1000 },
    signal,
  );
}

describe('the way to a forge', () => {
  it('trusts the certificates of the file, and without it no strange one', async () => {
    const { url, heard } = await forge();

    expect((await ask({ FAIRLEAD_FORGE_CA_FILE: await caFile() }, `${url}/a`)).status).toBe(200);
    await expect(ask({}, `${url}/b`)).rejects.toMatchObject({ code: 'PlatformUnavailable' });
    expect(heard).toEqual(['POST /a']);
  });

  it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('goes through %s', async (name) => {
    const [{ url, heard }, between] = [await forge(), await proxy()];
    const variables = {
      FAIRLEAD_FORGE_CA_FILE: await caFile(),
      [name]: `http://name:pass%20word@${between.address}`,
    };

    expect((await ask(variables, `${url}/a`)).status).toBe(200);

    expect(between.tunnels).toEqual([
      {
        to: url.replace('https://', ''),
        credentials: `Basic ${Buffer.from('name:pass word').toString('base64')}`,
      },
    ]);
    expect(heard).toEqual(['POST /a']);
  });

  it.each([
    { without: '127.0.0.1', tunnels: 0 },
    { without: 'example.com,127.0.0.1', tunnels: 0 },
    { without: '*', tunnels: 0 },
    { without: 'example.com', tunnels: 1 },
    { without: '', tunnels: 1 },
  ])('with NO_PROXY $without makes $tunnels tunnels', async ({ without, tunnels }) => {
    const [{ url }, between] = [await forge(), await proxy()];

    await ask(
      {
        FAIRLEAD_FORGE_CA_FILE: await caFile(),
        HTTPS_PROXY: `http://${between.address}`,
        NO_PROXY: without,
      },
      `${url}/a`,
    );

    expect(between.tunnels).toHaveLength(tunnels);
  });

  it('does not know what became of a request that a tunnel lost', async () => {
    const [{ url, heard }, between] = [await forge(), await proxy()];
    const variables = {
      FAIRLEAD_FORGE_CA_FILE: await caFile(),
      HTTPS_PROXY: `http://${between.address}`,
    };

    await expect(
      ask(variables, `${url}/lost`),
      'a write that was taken must not be sent again as if it had not been',
    ).rejects.toMatchObject({ code: 'OutcomeUnknown' });
    expect(heard).toEqual(['POST /lost']);
  });

  it('knows that nothing was sent where the proxy refuses, and keeps its password', async () => {
    const [{ url, heard }, between] = [await forge(), await proxy(true)];
    const variables = { HTTPS_PROXY: `http://name:hunter2@${between.address}` };

    const error: unknown = await ask(variables, `${url}/a`).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'PlatformUnavailable' });
    expect(inspect(error, { depth: 9 })).not.toMatch(/hunter2|bmFtZTpodW50ZXIy/);
    expect(heard).toEqual([]);
  });

  it.each([
    { name: 'no address', variables: { HTTPS_PROXY: 'name:hunter2@proxy:80' } },
    { name: 'another protocol', variables: { HTTPS_PROXY: 'socks5://name:hunter2@proxy' } },
    { name: 'no file', variables: { FAIRLEAD_FORGE_CA_FILE: '/nowhere/ca.pem' } },
    { name: 'no certificate', variables: { FAIRLEAD_FORGE_CA_FILE: import.meta.filename } },
  ])('refuses $name', async ({ variables }) => {
    const error: unknown = await openForgeTransport(variables, undefined).catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toMatchObject({ code: 'Usage' });
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  it('takes no certificates from the reviewed checkout', async () => {
    const file = await caFile();

    await expect(
      openForgeTransport({ FAIRLEAD_FORGE_CA_FILE: file }, join(file, '..')),
    ).rejects.toMatchObject({ code: 'SettingsInCheckout' });
  });
});
