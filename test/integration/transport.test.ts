import { execFile } from 'node:child_process';
import type { lookup } from 'node:dns';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';

import { ReconcileError } from '../../src/core/words/errors.ts';
import {
  createNodeTransport,
  type NodeTransport,
  type NodeTransportOptions,
} from '../../src/platform/http/transport.ts';
import type { WireRequest } from '../../src/ports/index.ts';

const run = promisify(execFile);
const cleanups: (() => unknown)[] = [];
const never = new AbortController().signal;

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listening(server: Server | NetServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const http = async (listener: RequestListener) =>
  `http://127.0.0.1:${await listening(createHttpServer(listener))}`;

/** Answers whatever arrives with these bytes, and closes. */
const raw = async (answer: string) =>
  `http://127.0.0.1:${await listening(
    createNetServer((socket) => socket.once('data', () => socket.end(answer))),
  )}`;

function transport(options: NodeTransportOptions = {}): NodeTransport {
  const made = createNodeTransport(options);
  cleanups.push(() => {
    made.close();
  });
  return made;
}

const request = (url: string, change: Partial<WireRequest> = {}): WireRequest => ({
  method: 'POST',
  url,
  headers: { 'Content-Type': 'application/json' },
  body: '{"a":"ü"}',
  timeoutMs: 5_000,
  maxBytes: 1_000,
  ...change,
});

async function failure(url: string, change: Partial<WireRequest> = {}, options = {}) {
  const error: unknown = await transport(options)
    .send(request(url, change), never)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ReconcileError);
  return error as ReconcileError;
}

describe('an exchange', () => {
  it('sends the bytes given, and gives back the bytes that came', async () => {
    const seen: unknown[] = [];
    const url = await http((incoming, answer) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        seen.push(incoming.method, incoming.url, Buffer.concat(chunks).toString());
        answer.writeHead(201, { 'X-Some': 'Header', 'Set-Cookie': ['a=1', 'b=2'] });
        answer.end(Buffer.from([0xff, 0x00, 0x0a]));
      });
    });

    const response = await transport().send(request(`${url}/api/x?y=1`), never);

    expect(seen).toEqual(['POST', '/api/x?y=1', '{"a":"ü"}']);
    expect(response.status).toBe(201);
    expect(response.headers['x-some']).toBe('Header');
    expect(response.headers['set-cookie']).toBe('a=1, b=2');
    expect([...response.body]).toEqual([0xff, 0x00, 0x0a]);
  });

  it('uses one connection for calls one after another', async () => {
    const ports = new Set<number | undefined>();
    const url = await http((incoming, answer) => {
      ports.add(incoming.socket.remotePort);
      answer.end('ok');
    });
    const made = transport();

    for (let i = 0; i < 5; i += 1) await made.send(request(url), never);

    expect(ports.size).toBe(1);
  });

  it('waits longer than an idle connection is kept', async () => {
    const url = await http((_, answer) => setTimeout(() => answer.end('late'), 3_300));

    const response = await transport().send(request(url, { timeoutMs: 20_000 }), never);

    expect(Buffer.from(response.body).toString()).toBe('late');
  });

  it('writes no header that would begin another', async () => {
    const url = await http((_, answer) => answer.end('ok'));

    const error = await failure(url, { headers: { 'Client-Id': 'ci\r\nX-Other: canary' } });

    expect(error.code).toBe('SettingsInvalid');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  it('does not follow a redirect', async () => {
    let calls = 0;
    const url = await http((_, answer) => {
      calls += 1;
      answer.writeHead(307, { Location: '/elsewhere' }).end();
    });

    const response = await transport().send(request(url), never);

    expect([response.status, calls]).toEqual([307, 1]);
  });

  it('asks no proxy, whatever the environment says', async () => {
    const url = await http((_, answer) => answer.end('direct'));
    const script = `
      import { createNodeTransport } from './src/platform/http/transport.ts';
      const sent = { method: 'POST', url: ${JSON.stringify(url)}, headers: {}, body: '', timeoutMs: 5000, maxBytes: 99 };
      const made = createNodeTransport();
      const answer = await made.send(sent, new AbortController().signal);
      console.log(Buffer.from(answer.body).toString());
      made.close();`;
    const nowhere = 'http://127.0.0.1:1';

    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(import.meta.dirname, '../..'),
      env: {
        NODE_USE_ENV_PROXY: '1',
        HTTP_PROXY: nowhere,
        http_proxy: nowhere,
        HTTPS_PROXY: nowhere,
      },
    });

    expect(stdout).toBe('direct\n');
  });
});

describe('an answer that is none', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
  it.each([
    { name: 'nothing, and the connection closed', answer: '' },
    { name: 'noise', answer: 'canary-noise\r\n\r\n' },
    { name: 'a head that breaks off', answer: 'HTTP/1.1 200 OK\r\nContent-' },
    { name: 'a body shorter than it says', answer: `${head}Content-Length: 500\r\n\r\n{"a":` },
    {
      name: 'chunks that break off',
      answer: `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n`,
    },
    {
      name: 'more bytes than wanted, announced',
      answer: `${head}Content-Length: 1001\r\n\r\n${'x'.repeat(1001)}`,
    },
    {
      name: 'more bytes than wanted, not announced',
      answer: `${head}Connection: close\r\n\r\n${'x'.repeat(50_000)}`,
    },
  ])('$name leaves the outcome unknown', async ({ answer }) => {
    const error = await failure(await raw(answer));

    expect(error.code).toBe('OutcomeUnknown');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary-noise');
  });

  it('stops reading an endless body', async () => {
    let written = 0;
    const url = await http((_, answer) => {
      const more = () => {
        while (!answer.destroyed && answer.write('x'.repeat(65_536))) written += 65_536;
        if (!answer.destroyed) answer.once('drain', more);
      };
      more();
    });

    const error = await failure(url, { maxBytes: 100_000 });

    expect(error.code).toBe('OutcomeUnknown');
    expect(written).toBeLessThan(50_000_000);
  });

  it('ends a trickle at the deadline, however lively it is', async () => {
    const url = await http((_, answer) => {
      const timer = setInterval(() => answer.write('x'), 10);
      answer.on('close', () => {
        clearInterval(timer);
      });
    });

    expect((await failure(url, { timeoutMs: 150 })).code).toBe('OutcomeUnknown');
  });

  it('leaves the outcome unknown if a used connection is closed under a request', async () => {
    let calls = 0;
    const url = await http((incoming, answer) => {
      calls += 1;
      if (calls === 1) answer.end('ok');
      else incoming.socket.destroy();
    });
    const made = transport();
    await made.send(request(url), never);

    await expect(made.send(request(url), never)).rejects.toMatchObject({ code: 'OutcomeUnknown' });
    expect(calls).toBe(2);
  });
});

describe('certainly nothing was sent', () => {
  it('when nobody listens', async () => {
    const server = createNetServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));

    const error = await failure(`http://127.0.0.1:${port}`);

    expect(error.code).toBe('PlatformUnavailable');
  });

  it('when the name does not resolve', async () => {
    const unknown = ((_host: string, _options: object, callback: (error: Error) => void) => {
      callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    }) as typeof lookup;

    const error = await failure('https://platform.example', {}, { lookup: unknown });

    expect(error.code).toBe('PlatformUnavailable');
  });

  it('when the connection is never established', async () => {
    const silent = (() => undefined) as unknown as typeof lookup;

    const error = await failure('https://platform.example', { timeoutMs: 50 }, { lookup: silent });

    expect(error.code).toBe('PlatformUnavailable');
  });

  it('when what listens speaks no TLS', async () => {
    const url = (await raw('220 hello\r\n')).replace('http:', 'https:');

    expect((await failure(url)).code).toBe('PlatformUnavailable');
  });
});

describe('addresses', () => {
  it.each([
    { name: 'http to another machine', url: 'http://10.0.0.7/' },
    { name: 'http to a name', url: 'http://platform.example/' },
    { name: 'metadata', url: 'https://169.254.169.254/' },
    { name: 'metadata, written as one number', url: 'https://2852039166/' },
    { name: 'metadata in IPv6 notation', url: 'https://[::ffff:169.254.169.254]/' },
    { name: 'metadata of another cloud', url: 'https://100.100.100.200/' },
    { name: 'link-local IPv6', url: 'https://[fe80::1]/' },
    { name: 'the unspecified address', url: 'https://0.0.0.0/' },
    { name: 'http to the unspecified address', url: 'http://0.0.0.0/' },
    { name: 'credentials', url: 'https://user:canary@platform.example/' },
    { name: 'another scheme', url: 'ftp://127.0.0.1/' },
    { name: 'what is no URL', url: 'https://exa mple/' },
  ])('$name is never asked', async ({ url }) => {
    const error = await failure(url);

    expect(error.code).toBe('SettingsInvalid');
    expect(inspect(error)).not.toContain('canary');
  });

  const answers = (...addresses: string[]) =>
    ((_host: string, _options: object, callback: (error: null, found: object[]) => void) => {
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as unknown as typeof lookup;
  it.each([
    { name: 'metadata', url: 'https://platform.example/', addresses: ['169.254.169.254'] },
    {
      name: 'metadata beside another',
      url: 'https://platform.example/',
      addresses: ['127.0.0.1', '169.254.169.254'],
    },
    {
      name: 'metadata behind NAT64',
      url: 'https://platform.example/',
      addresses: ['64:ff9b::a9fe:a9fe'],
    },
    {
      name: 'another machine, for localhost over http',
      url: 'http://localhost/',
      addresses: ['10.0.0.7'],
    },
  ])('a name that resolves to $name is not asked', async ({ url, addresses }) => {
    const error = await failure(url, {}, { lookup: answers(...addresses) });

    expect(error.code).toBe('PlatformUnavailable');
    expect(error.message).toContain('ADDRESS_REFUSED');
  });

  it('localhost over http is this machine', async () => {
    const url = (await http((_, answer) => answer.end('ok'))).replace('127.0.0.1', 'localhost');

    const response = await transport({ lookup: answers('127.0.0.1') }).send(request(url), never);

    expect(response.status).toBe(200);
  });
});

describe('aborting', () => {
  it('rejects with the reason, before and while it waits', async () => {
    let calls = 0;
    const url = await http(() => {
      calls += 1;
    });
    const reason = new Error('shutting down');
    const controller = new AbortController();
    const pending = transport().send(request(url), controller.signal);
    setTimeout(() => {
      controller.abort(reason);
    }, 50);

    await expect(pending).rejects.toBe(reason);
    await expect(transport().send(request(url), controller.signal)).rejects.toBe(reason);
    expect(calls).toBe(1);
  });
});

describe('TLS', () => {
  it('trusts an extra authority, and nothing else', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'fairlead-tls-'));
    cleanups.push(() => rm(dir, { recursive: true }));
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:platform.example', '-keyout', join(dir, 'key.pem')],
      ...['-out', join(dir, 'cert.pem')],
    ]);
    const [key, cert] = await Promise.all(
      ['key.pem', 'cert.pem'].map((name) => readFile(join(dir, name), 'utf8')),
    );
    let calls = 0;
    const port = await listening(
      createHttpsServer({ key, cert }, (_, answer) => {
        calls += 1;
        answer.end('ok');
      }),
    );
    const here = ((
      _host: string,
      _options: object,
      callback: (error: null, found: object[]) => void,
    ) => {
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    }) as unknown as typeof lookup;
    const url = `https://platform.example:${port}`;

    const trusted = await transport({ ca: [cert ?? ''], lookup: here }).send(request(url), never);
    const stranger = await failure(url, {}, { lookup: here });
    const otherName = await failure(
      `https://other.example:${port}`,
      {},
      { ca: [cert ?? ''], lookup: here },
    );

    expect(trusted.status).toBe(200);
    expect(stranger.code).toBe('PlatformUnavailable');
    expect(otherName.code).toBe('PlatformUnavailable');
    expect(calls).toBe(1);
  });
});
