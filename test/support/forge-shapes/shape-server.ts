import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Published } from './openapi.ts';

/** A request as a forge hears it. */
export interface Heard {
  readonly method: string;
  /** Below the API's address, with the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly query: URLSearchParams;
  /** Parsed JSON. */
  readonly body: unknown;
}

export interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
}

/** What goes wrong with requests that fit, as often as said. */
export interface Trouble {
  /** `method path`; absent: every request. */
  readonly at?: RegExp;
  /** Absent: once. */
  readonly times?: number;
  /** `answer`: said in place of doing it. `lose`: done, and the answer never comes. `drop`: not done, connection broken. */
  readonly how: Said | 'lose' | 'drop';
}

export interface Route {
  /** As described: `get /repos/{owner}/{repo}`. */
  readonly name: string;
  perform(path: Readonly<Record<string, string>>, heard: Heard): Said;
}

export interface ShapeServer {
  readonly url: string;
  /** Requests since the last call, `METHOD path`. */
  take(): readonly Heard[];
  trouble(trouble: Trouble): void;
  /** Every request or answer that the description does not allow. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

export interface Shape {
  /** Path of the API below the server's address. */
  readonly apiPath: string;
  readonly published: Published;
  readonly routes: readonly Route[];
  /** What every request must show; a refusal, or undefined. */
  admit(heard: Heard): Said | undefined;
  /** Answers outside the description, such as GraphQL; `faults` takes what is wrong. */
  beside?(pathname: string, heard: Heard, faults: string[]): Said | undefined;
  /** Headers of every answer. */
  headers?(heard: Heard, said: Said): Readonly<Record<string, string>>;
  /** What the forge says where there is nothing. */
  readonly missing: unknown;
}

/** A small forge on the loopback that answers in published shapes and forgives no request that is not in one. */
export async function startShape(shape: Shape): Promise<ShapeServer> {
  const faults: string[] = [];
  const troubles: { trouble: Trouble; left: number }[] = [];
  let heardSince: Heard[] = [];
  const server = createServer((request, response) => {
    void hear(request).then((heard) => {
      heardSince.push(heard);
      const line = `${heard.method} ${heard.path}`;
      const now = troubles.find(
        ({ trouble, left }) => left > 0 && (trouble.at?.test(line) ?? true),
      );
      if (now) now.left--;
      const how = now?.trouble.how;
      if (how === 'drop') return response.destroy();
      const said = typeof how === 'object' ? how : answerTo(shape, heard, faults);
      if (how === 'lose') return response.destroy();
      const headers = shape.headers?.(heard, said) ?? {};
      const isKnown =
        headers['etag'] !== undefined && heard.headers['if-none-match'] === headers['etag'];
      say(response, isKnown ? { status: 304 } : said, headers);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    take: () => {
      const taken = heardSince;
      heardSince = [];
      return taken;
    },
    trouble: (trouble) => troubles.push({ trouble, left: trouble.times ?? 1 }),
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** What stands for an answer in conditional requests. */
export function tagOf(body: unknown): string {
  return `W/"${createHash('sha1').update(JSON.stringify(body)).digest('hex')}"`;
}

async function hear(request: IncomingMessage): Promise<Heard> {
  const text = Buffer.concat(await request.toArray()).toString('utf8');
  const url = new URL(`http://forge${request.url ?? ''}`);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    query: url.searchParams,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

function answerTo(shape: Shape, heard: Heard, faults: string[]): Said {
  const refusal = shape.admit(heard);
  if (refusal) return refusal;
  const { pathname } = new URL(`http://forge${heard.path}`);
  const beside = shape.beside?.(pathname, heard, faults);
  if (beside) return beside;
  const line = `${heard.method} ${heard.path}`;
  const found = pathname.startsWith(shape.apiPath)
    ? shape.published.find(heard.method, pathname.slice(shape.apiPath.length))
    : undefined;
  const route = shape.routes.find(({ name }) => name === found?.name);
  if (!found || !route) {
    faults.push(`${line}: no such operation`);
    return { status: 404, body: shape.missing };
  }
  const wrong = shape.published.faultsOf(found, heard.query, heard.body);
  faults.push(...wrong.map((fault) => `${line}: ${fault}`));
  const said = route.perform(found.path, heard);
  if (said.status < 300) {
    const amiss = shape.published.answerFaults(found, said.status, said.body);
    faults.push(...amiss.map((fault) => `answer to ${line}: ${fault}`));
  }
  return said;
}

function say(
  response: ServerResponse,
  said: Said,
  headers: Readonly<Record<string, string>>,
): void {
  const text =
    typeof said.body === 'string' || said.body === undefined
      ? (said.body ?? '')
      : JSON.stringify(said.body);
  response.writeHead(said.status, {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
    ...said.headers,
  });
  response.end(text);
}

/** The slice a list's page shows, and the address of the next one. */
export function pageOf<T>(
  items: readonly T[],
  { query, path }: Heard,
  { cap, origin }: { readonly cap: number; readonly origin: string },
): {
  readonly items: readonly T[];
  readonly next: number | undefined;
  readonly link: string | undefined;
} {
  const size = Math.min(Number(query.get('per_page') ?? 30), cap);
  const page = Number(query.get('page') ?? 1);
  const shown = items.slice((page - 1) * size, page * size);
  if (page * size >= items.length) return { items: shown, next: undefined, link: undefined };
  const url = new URL(`${origin}${path}`);
  url.searchParams.set('page', String(page + 1));
  return { items: shown, next: page + 1, link: `<${url.href}>; rel="next"` };
}
