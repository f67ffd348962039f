import { spawn, execFileSync } from 'node:child_process';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createGunzip } from 'node:zlib';

/** How the server treats requests: as Git does, or in a way that hurts. */
export type Behaviour =
  | 'serve'
  /** Takes the request and never answers. */
  | 'hang'
  /** Answers every second with one byte. */
  | 'trickle'
  /** Answers 200 with what is no Git. */
  | 'garbage'
  /** Sends everybody to `redirectTo`. */
  | 'redirect'
  /** Ends the connection without a word. */
  | 'reset'
  /** Ends each pack after its first bytes. */
  | 'truncate'
  /** Says no in the words of Git, and repeats the credential it was given. */
  | 'echo'
  /** 503. */
  | 'unavailable';

export interface GitHttpOptions {
  /** Folder of bare repositories: `ROOT/releases.git` is `URL/releases.git`. */
  readonly root: string;
  /** With a password nobody is served without it: as Basic, or as Bearer. */
  readonly user?: string;
  readonly password?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  /** `ls-refs`, `fetch` or whatever the client asked of upload-pack in version 2 of the protocol. */
  readonly command: string | undefined;
  /** Bytes of the answer's body. */
  bytes: number;
  /** Bytes of the pack in it, without what the protocol says around it. */
  packBytes: number;
}

export interface GitHttp {
  readonly url: string;
  /** Every request since the start, or since `forget`. */
  readonly requests: readonly SeenRequest[];
  /** Bytes of all answers' bodies. */
  bytes(): number;
  forget(): void;
  behave(behaviour: Behaviour, redirectTo?: string): void;
  /** The machine is there and nobody answers. */
  outage(on: boolean): void;
  /** A new password, as after a rotation. */
  setPassword(password: string): void;
  stop(): Promise<void>;
}

/** A real Git server over HTTP: `git http-backend` behind node:http, on a free port of this machine. */
export async function startGitHttp(options: GitHttpOptions): Promise<GitHttp> {
  const state = { behaviour: 'serve' as Behaviour, redirectTo: '', password: options.password };
  const requests: SeenRequest[] = [];
  const running = new Set<() => void>();
  const answer: RequestListener = (request, response) => {
    void readBody(request).then(
      (body) => {
        const seen = seenOf(request, body);
        requests.push(seen);
        countBytes(response, seen);
        if (!behaveBadly(state, request, response)) return;
        if (!mayRead(request, options.user, state.password)) {
          response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Git"' }).end('no');
          return;
        }
        const stop = backend(options, {
          seen,
          request,
          body,
          response,
          cut: state.behaviour === 'truncate',
        });
        running.add(stop);
        response.once('close', () => running.delete(stop));
      },
      () => response.destroy(),
    );
  };
  const server: Server = options.tls
    ? createHttpsServer({ ...options.tls }, answer)
    : createHttpServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    bytes: () => requests.reduce((sum, { bytes }) => sum + bytes, 0),
    forget: () => void requests.splice(0),
    behave(behaviour, redirectTo = '') {
      state.behaviour = behaviour;
      state.redirectTo = redirectTo;
    },
    outage(on) {
      state.behaviour = on ? 'reset' : 'serve';
      if (on) server.closeAllConnections();
    },
    setPassword(password) {
      state.password = password;
    },
    async stop() {
      for (const stop of running) stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface State {
  readonly behaviour: Behaviour;
  readonly redirectTo: string;
}

/** Whether the request is still to be served. */
function behaveBadly(
  { behaviour, redirectTo }: State,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  switch (behaviour) {
    case 'serve':
    case 'truncate':
      return true;
    case 'hang':
      return false;
    case 'reset':
      response.destroy();
      return false;
    case 'unavailable':
      response.writeHead(503).end();
      return false;
    case 'redirect':
      response.writeHead(302, { Location: `${redirectTo}${request.url ?? ''}` }).end();
      return false;
    case 'garbage':
      response
        .writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-advertisement' })
        .end('<html>hello\u001b[31m</html>');
      return false;
    case 'echo': {
      const given = request.headers.authorization ?? '';
      const clear = Buffer.from(given.replace(/^Basic /, ''), 'base64').toString();
      response
        .writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-advertisement' })
        .end(`${packet('# service=git-upload-pack')}0000${packet(`ERR ${given} is ${clear}`)}`);
      return false;
    }
    case 'trickle': {
      response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-advertisement' });
      const timer = setInterval(() => response.write('0'), 1000);
      response.once('close', () => clearInterval(timer));
      return false;
    }
  }
}

/** A line of the Git protocol. */
function packet(text: string): string {
  return `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const zipped = request.headers['content-encoding'] === 'gzip';
  const chunks = await (zipped ? request.pipe(createGunzip()) : request).toArray();
  return Buffer.concat(chunks);
}

function seenOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer): SeenRequest {
  const command = /command=([a-z-]+)/.exec(body.toString('latin1', 0, 64))?.[1];
  return {
    method,
    path: url,
    authorization: headers.authorization,
    command,
    bytes: 0,
    packBytes: 0,
  };
}

function countBytes(response: ServerResponse, seen: SeenRequest): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const count = (chunk: unknown): void => {
    if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) seen.bytes += Buffer.byteLength(chunk);
  };
  response.write = ((chunk: unknown, ...rest: never[]) => {
    count(chunk);
    return write(chunk, ...rest);
  }) as typeof response.write;
  response.end = ((chunk: unknown, ...rest: never[]) => {
    count(chunk);
    return end(chunk as never, ...rest);
  }) as typeof response.end;
}

function mayRead(
  { headers }: IncomingMessage,
  user: string | undefined,
  password: string | undefined,
): boolean {
  if (password === undefined) return true;
  const basic = Buffer.from(`${user ?? 'git'}:${password}`).toString('base64');
  return [`Basic ${basic}`, `Bearer ${password}`].includes(headers.authorization ?? '');
}

interface Exchange {
  readonly seen: SeenRequest;
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
  /** Ends the answer in its middle. */
  readonly cut: boolean;
}

/** @returns ends it */
function backend(
  { root }: GitHttpOptions,
  { seen, request, body, response, cut }: Exchange,
): () => void {
  const url = new URL(request.url ?? '/', 'http://host');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const child = spawn(httpBackend(), {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: String(body.byteLength),
      GIT_PROTOCOL: header('git-protocol'),
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_USER: 'git',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const stop = (): void => void child.kill('SIGKILL');
  response.once('close', stop);
  child.once('error', () => response.destroy());
  child.stdin.on('error', () => undefined);
  child.stdin.end(body);
  let head: Buffer | undefined = Buffer.alloc(0);
  const answered: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      if (isPack(body)) answered.push(chunk);
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const rest = head.subarray(end + 4);
    writeHead(response, head.toString('latin1', 0, end));
    head = undefined;
    if (cut && isPack(body)) {
      response.write(rest.subarray(0, 40), () => response.destroy());
    } else if (rest.byteLength > 0) {
      if (isPack(body)) answered.push(rest);
      response.write(rest);
    }
  });
  child.stdout.once('end', () => {
    seen.packBytes = packBytes(Buffer.concat(answered));
    response.end();
  });
  return stop;
}

/** Lines of the protocol begin with their length; those of a pack go on with a 1. */
function packBytes(answer: Buffer): number {
  let bytes = 0;
  for (let at = 0; at + 4 <= answer.byteLength;) {
    const length = Number.parseInt(answer.toString('latin1', at, at + 4), 16);
    if (length > 4 && answer[at + 4] === 1) bytes += length - 5;
    at += Math.max(length, 4);
  }
  return bytes;
}

function isPack(body: Buffer): boolean {
  return body.includes('command=fetch');
}

function writeHead(response: ServerResponse, text: string): void {
  for (const line of text.split('\r\n')) {
    const [name = '', value = ''] = line.split(/: ?(.*)/, 2);
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

function httpBackend(): string {
  return `${execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim()}/git-http-backend`;
}
