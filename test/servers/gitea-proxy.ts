import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Said, Trouble } from '../support/forge-shapes/shape-server.ts';
import { tokenOfOurs, type Asked } from '../contract/forge-stage.ts';

/** What stands between the adapter and Gitea: it counts, and it makes trouble. */
export interface GiteaProxy {
  readonly url: string;
  trouble(trouble: Trouble): void;
  take(): readonly Asked[];
  /** Called with `METHOD path` before a request goes on. */
  before: (line: string) => Promise<void>;
  /** Every request so far, with its body. */
  readonly heard: readonly Heard[];
  /** Lists show at most so many entries a page. */
  capPages(most: number): void;
  close(): Promise<void>;
}

export interface Heard extends Asked {
  readonly body: unknown;
}

/** Behind it stands Gitea; whoever shows the suite's token is whoever `token` belongs to. */
export async function startGiteaProxy(target: string, token: string): Promise<GiteaProxy> {
  const heard: Heard[] = [];
  const troubles: { readonly trouble: Trouble; left: number }[] = [];
  let taken = 0;
  let cap: number | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = Buffer.concat(await request.toArray()).toString('utf8');
    const { method = '', url: path = '', headers } = request;
    heard.push({ method, path, headers, body: text === '' ? undefined : JSON.parse(text) });
    await proxy.before(`${method} ${path}`);
    const how = next(`${method} ${path}`);
    if (how === 'drop') response.destroy();
    else if (typeof how === 'object') say(response, how);
    else {
      const said = await forward(request, text);
      if (how === 'lose') response.destroy();
      else say(response, said);
    }
  };

  const next = (line: string): Trouble['how'] | undefined => {
    const found = troubles.find(
      ({ trouble, left }) => left > 0 && (trouble.at?.test(line) ?? true),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.trouble.how;
  };

  const forward = async ({ method = '', url, headers }: IncomingMessage, text: string) => {
    const address = new URL(`${target}${url ?? ''}`);
    if (cap !== undefined && address.searchParams.has('limit'))
      address.searchParams.set('limit', String(cap));
    const proof = headers.authorization?.replace(tokenOfOurs, token);
    const answered = await fetch(address, {
      method,
      headers: {
        ...(proof === undefined ? {} : { authorization: proof }),
        'content-type': headers['content-type'] ?? 'application/json',
      },
      ...(text === '' ? {} : { body: text }),
      redirect: 'manual',
    });
    const link = answered.headers.get('link');
    return {
      status: answered.status,
      body: await answered.text(),
      headers: link === null ? {} : { link },
    };
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: GiteaProxy = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    before: async () => undefined,
    heard,
    trouble: (trouble) => troubles.push({ trouble, left: trouble.times ?? 1 }),
    take: () => heard.slice(taken, (taken = heard.length)),
    capPages: (most) => {
      cap = most;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  return proxy;
}

function say(response: ServerResponse, { status, headers, body }: Said): void {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}
