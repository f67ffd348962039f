import type { AddressInfo, Socket } from 'node:net';

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

import type { ControllerStatus } from '../core/model/controller.ts';
import { ReconcileError } from '../core/words/errors.ts';
import type { WebhookPorts } from './webhooks.ts';
import { createWebhookReceiver, maxBodyBytes, type Webhook } from './webhooks.ts';
import { readiness, type Check } from './readiness.ts';

export type { Webhook } from './webhooks.ts';

export interface ServerOptions extends WebhookPorts {
  /** Name or address to listen on; IPv6 without brackets. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Makes the whole status; called for each request that shows it. */
  readonly status: () => ControllerStatus;
  /** How objects of a cluster are followed; absent, there is none. */
  readonly cluster?: () => readonly Check[];
  /** Those in force; a function where settings are reloaded. */
  readonly webhooks: readonly Webhook[] | (() => readonly Webhook[]);
  /** For tests, which have no time to lose. */
  readonly limits?: Partial<ServerLimits>;
}

export interface Server {
  /** Scheme, host and port. */
  readonly url: string;
  /** Takes no new connection; what is being answered has a second to be. The metrics stay open. */
  close(): Promise<void>;
}

/** A connection that is slow, idle, or one too many is ended; nobody else waits for it. */
interface ServerLimits {
  readonly connections: number;
  readonly headerBytes: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly idleMs: number;
  /** How often the two before are looked at. */
  readonly checkEveryMs: number;
  readonly requestsPerConnection: number;
  /** At the end, for what is being answered. */
  readonly lastWordsMs: number;
}

const usualLimits: ServerLimits = {
  connections: 256,
  headerBytes: 16_384,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 30_000,
  checkEveryMs: 5_000,
  requestsPerConnection: 1_000,
  lastWordsMs: 1_000,
};
const pollMs = 10;
/** A body that nobody wants is taken up to this length; a longer one ends the connection. */
const maxUnwantedBytes = 65_536;

/**
 * Serves health, metrics and webhooks.
 *
 * @throws ReconcileError `SettingsInvalid` when the address cannot be listened on
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const limits = { ...usualLimits, ...options.limits };
  const app = createApp(options, limits);
  const { host, port } = options;
  try {
    // Under the name localhost it would listen twice, and the second time without our limits.
    await app.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port });
  } catch (cause) {
    await app.close();
    throw new ReconcileError(
      'SettingsInvalid',
      `cannot listen on ${host}:${port}${whyNot(cause)}`,
      {
        cause,
        nextStep: 'choose another address with --listen or server.listen of the settings',
      },
    );
  }
  return {
    url: urlOf(app.server.address()),
    close: async () => {
      // A connection on which an answer has just ended is idle again, and would stay so.
      const idle = setInterval(() => app.server.closeIdleConnections(), pollMs);
      const end = setTimeout(() => app.server.closeAllConnections(), limits.lastWordsMs);
      await app.close();
      clearInterval(idle);
      clearTimeout(end);
    },
  };
}

const listenCodes: Readonly<Record<string, string>> = {
  EADDRINUSE: ': another process listens there',
  EACCES: ': this user may not',
  EADDRNOTAVAIL: ': this machine has no such address',
  ENOTFOUND: ': no such name',
};

function whyNot(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return listenCodes[code] ?? '';
}

function createApp(options: ServerOptions, limits: ServerLimits): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    connectionTimeout: limits.idleMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    maxRequestsPerSocket: limits.requestsPerConnection,
    forceCloseConnections: 'idle',
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.checkEveryMs,
    },
    routerOptions: { maxParamLength: 253 },
    clientErrorHandler: answerBroken,
    frameworkErrors: (error, _request, reply) => {
      void say(reply, error.statusCode ?? 400, 'bad request');
    },
  });
  app.server.maxConnections = limits.connections;
  // Nothing is parsed: a webhook takes its body as it comes, and no other page wants one.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
  app.addHook('onRequest', guard(isLoopback(options.host)));
  app.setNotFoundHandler((_request, reply) => say(reply, 404, 'there is no such page; see /'));
  app.setErrorHandler((error, _request, reply) => {
    answerFailure(error, reply, options);
  });
  addPages(app, options);
  addWebhooks(app, options);
  return app;
}

function say(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}

const index = `Fairlead

/healthz         ok while the process lives
/readyz          whether every connection and source is followed; ?verbose tells of each
/metrics         for Prometheus
/webhooks/NAME   POST, for forges`;

function addPages(app: FastifyInstance, { status, metrics, clock, cluster }: ServerOptions): void {
  let version: string | undefined;
  app.get('/', (_request, reply) => say(reply, 200, index));
  app.get('/healthz', (_request, reply) => {
    version ??= status().version;
    return say(reply, 200, `ok\nfairlead ${version}`);
  });
  app.get<{ Querystring: Readonly<Record<string, unknown>> }>('/readyz', ({ query }, reply) => {
    const checks = readiness(status(), clock.wall(), cluster?.());
    const failed = checks.filter(({ ready }) => !ready);
    const shown = 'verbose' in query ? checks : failed;
    const lines = shown.map(({ ready, text }) => `${ready ? 'ok  ' : 'not '} ${text}`);
    const ready = failed.length === 0;
    return say(reply, ready ? 200 : 503, [...lines, ready ? 'ready' : 'not ready'].join('\n'));
  });
  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.render(status(), clock.wall());
    return reply.type(metrics.contentType).send(text);
  });
}

function addWebhooks(app: FastifyInstance, options: ServerOptions): void {
  const { webhooks } = options;
  const receiver = createWebhookReceiver(
    typeof webhooks === 'function' ? webhooks : () => webhooks,
    options,
  );
  app.all<{ Params: { readonly name: string } }>(webhookRoute, async (request, reply) => {
    const { status, text } = await receiver.receive(request.params.name, request.raw);
    if (isMuch(request) && !request.raw.complete) reply.header('connection', 'close');
    if (status === 405) reply.header('allow', 'POST');
    return say(reply, status, text);
  });
}

const webhookRoute = '/webhooks/:name';
const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

function isLoopback(host: string): boolean {
  return host === '::1' || loopbackName.test(host);
}

/**
 * Before every page: a long body that nobody reads ends the connection. On loopback, pages are
 * for this machine: a page of the web whose name was rebound to it cannot change its own name. A webhook may come through
 * a proxy that keeps the name, and proves itself.
 */
function guard(onLoopback: boolean) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    // Nothing here depends on what a body says it is: a type that nobody can read is no reason to refuse one.
    delete request.headers['content-type'];
    if (request.routeOptions.url === webhookRoute) return;
    if (isMuch(request)) reply.header('connection', 'close');
    if (!onLoopback) return;
    if (!loopbackName.test(request.headers.host ?? ''))
      await say(reply, 403, 'this page is shown under a name of this machine only');
  };
}

/** Whether it would be work to read the rest of the request only to get at the next one. */
function isMuch({ headers }: FastifyRequest): boolean {
  const length = Number(headers['content-length'] ?? 0);
  return length > maxUnwantedBytes || headers['transfer-encoding'] !== undefined;
}

/** No stack, no cause: what was wrong is for the log. */
function answerFailure(error: unknown, reply: FastifyReply, { telemetry }: ServerOptions): void {
  const status = statusOf(error);
  if (status >= 500) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : 'not an error';
    telemetry.emit({ kind: 'ignored', what: 'a request to the server', why });
  }
  reply.header('connection', 'close');
  void say(reply, status, status >= 500 ? 'internal error' : 'bad request');
}

function statusOf(error: unknown): number {
  const known = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return known >= 400 && known < 500 ? known : 500;
}

const brokenAnswers: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
};

/** Bytes that are no request. */
function answerBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const line = brokenAnswers[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => {
    socket.destroy();
  });
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return '';
  const { family, port } = address;
  return `http://${family === 'IPv6' ? `[${address.address}]` : address.address}:${port}`;
}
