import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One address for a forge's interface and its Git, as people know it. */
export interface ForgeFront {
  readonly url: string;
  close(): Promise<void>;
}

/** @param cut  what the forge's own path is: Git knows nothing of it */
export async function startForgeFront(api: string, git: string, cut: string): Promise<ForgeFront> {
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    const { url = '', method = '', headers } = request;
    const isApi = url.startsWith(`${cut}/api/`);
    const to = isApi ? `${api}${url}` : `${git}${url.slice(cut.length)}`;
    const onward = ask(to, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  };
  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
