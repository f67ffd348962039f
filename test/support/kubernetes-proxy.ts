import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as send } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { onTestFinished } from 'vitest';

import type { ControlPlane } from './control-plane.ts';
import { loopbackTls } from './loopback-tls.ts';

/** What becomes of a request. `hang`: it is never answered, and never passed on. */
export type Fate =
  | 'pass'
  | 'reset'
  | 'hang'
  /** Passed on, and the answer is lost. */
  | 'loseAnswer'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | { readonly delayMs: number };

/** What becomes of a line of a watch; a text is sent instead. */
export type LineFate = 'pass' | 'drop' | 'break' | { readonly instead: string };

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly isWatch: boolean;
  readonly isList: boolean;
  /** What the API server answered, once it did. */
  status?: number;
}

export interface FaultProxy {
  readonly kubeconfig: string;
  readonly port: number;
  onRequest: (asked: Asked) => Fate | Promise<Fate>;
  onLine: (line: string) => LineFate;
  /** What is asked of the API server in place of a path and query. */
  rewrite: (url: string) => string;
  /** Answered 401, as one that was revoked. */
  refusedToken: string | undefined;
  /** No line of a watch passes while this is true; they wait. */
  isSilent: boolean;
  /** Everything that was done to somebody, as one line each. */
  readonly injected: string[];
  readonly asked: Asked[];
  /** Breaks every connection. */
  breakAll(): void;
}

/** Stands between the program and a real API server, does to it what networks and servers do, and ends with the test. */
export async function faultProxy(
  plane: ControlPlane,
  token = plane.tokens.admin,
): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(plane.caFile) });
  const server = createServer(loopbackTls, (request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-proxy-'));
  const proxy: FaultProxy = {
    kubeconfig: join(folder, 'kubeconfig'),
    port,
    onRequest: () => 'pass',
    onLine: () => 'pass',
    rewrite: (url) => url,
    refusedToken: undefined,
    isSilent: false,
    injected: [],
    asked: [],
    breakAll() {
      proxy.injected.push('every connection reset');
      server.closeAllConnections();
    },
  };
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
    await rm(folder, { recursive: true, force: true });
  });
  await writeFile(proxy.kubeconfig, JSON.stringify(configOf(port, token)), { mode: 0o600 });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = askedOf(request);
    proxy.asked.push(asked);
    const body = await readAll(request);
    const fate = isRevoked(request)
      ? { status: 401, body: { kind: 'Status', code: 401, reason: 'Unauthorized' } }
      : await proxy.onRequest(asked);
    if (fate !== 'pass') note(asked, fate);
    if (fate === 'reset') {
      response.destroy();
      return;
    }
    if (fate === 'hang') return;
    if (typeof fate === 'object' && 'status' in fate) {
      response.writeHead(fate.status, { 'content-type': 'application/json', ...fate.headers });
      response.end(JSON.stringify(fate.body ?? {}));
      return;
    }
    if (typeof fate === 'object') await sleep(fate.delayMs);
    forward({ request, body, asked, isLost: fate === 'loseAnswer' }, response);
  }

  function isRevoked({ headers }: IncomingMessage): boolean {
    const { refusedToken: token } = proxy;
    return token !== undefined && headers.authorization === `Bearer ${token}`;
  }

  function note({ method, url }: Asked, fate: Fate): void {
    const what = typeof fate === 'string' ? fate : JSON.stringify(fate).slice(0, 80);
    proxy.injected.push(`${method} ${url.slice(0, 110)}: ${what}`);
  }

  interface Forwarded {
    readonly request: IncomingMessage;
    readonly body: Buffer;
    readonly asked: Asked;
    readonly isLost: boolean;
  }

  function forward({ request, body, asked, isLost }: Forwarded, response: ServerResponse): void {
    const { method, headers, url = '/' } = request;
    const onward = send(
      new URL(proxy.rewrite(url), plane.url),
      { method, headers, agent },
      (from) => {
        asked.status = from.statusCode ?? 0;
        if (isLost) {
          from.resume().once('end', () => response.destroy());
          return;
        }
        response.writeHead(from.statusCode ?? 502, from.headers);
        response.flushHeaders();
        if (asked.isWatch && from.statusCode === 200) void relay(from, response);
        else from.pipe(response);
      },
    );
    response.once('close', () => onward.destroy());
    onward.on('error', () => response.destroy());
    onward.end(body);
  }

  async function relay(from: IncomingMessage, response: ServerResponse): Promise<void> {
    let rest = '';
    from.setEncoding('utf8');
    try {
      for await (const chunk of from as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) await relayLine(line, response);
      }
      response.end();
    } catch {
      response.destroy();
    }
  }

  async function relayLine(line: string, response: ServerResponse): Promise<void> {
    while (proxy.isSilent && !response.destroyed) await sleep(20);
    const fate = proxy.onLine(line);
    if (fate !== 'pass') proxy.injected.push(`line ${line.slice(0, 40)}...: ${lineFate(fate)}`);
    if (fate === 'drop') return;
    if (fate === 'break') {
      response.write(line.slice(0, line.length / 2), () => response.destroy());
      return;
    }
    response.write(`${fate === 'pass' ? line : fate.instead}\n`);
  }

  return proxy;
}

function lineFate(fate: LineFate): string {
  return typeof fate === 'string' ? fate : `instead ${fate.instead.slice(0, 60)}`;
}

function configOf(port: number, token: string): object {
  return {
    'current-context': 'test',
    clusters: [
      {
        name: 'test',
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': Buffer.from(loopbackTls.cert).toString('base64'),
        },
      },
    ],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
}

function askedOf({ method = 'GET', url = '/' }: IncomingMessage): Asked {
  const isWatch = /[?&]watch=1/.test(url);
  const isList = method === 'GET' && !isWatch && /[?&]limit=/.test(url);
  return { method, url, isWatch, isList };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
