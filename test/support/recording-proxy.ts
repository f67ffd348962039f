import {
  createServer,
  request as send,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

/** What the proxy does with a write: pass it on, or answer it itself with everything it was told. */
export type Manner = 'forward' | 'echo400' | 'echo500' | 'echo200' | 'hangUp';

export interface RecordingProxy {
  readonly url: string;
  /** Bodies of the requests since the last call. */
  readonly take: () => string;
  manner: Manner;
}

/** Stands between the program and its platform; ends with the test. */
export async function recordingProxy(target: string): Promise<RecordingProxy> {
  let bodies: string[] = [];
  const proxy = {
    url: '',
    manner: 'forward' as Manner,
    take: () => {
      const taken = bodies.join('\n');
      bodies = [];
      return taken;
    },
  };
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      bodies.push(body.toString('utf8'));
      const isWrite = /\/(create|patch)$/.test(request.url ?? '');
      if (isWrite && proxy.manner !== 'forward') answer(proxy.manner, body, response);
      else forward({ target, request, body }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  proxy.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return proxy;
}

function answer(manner: Manner, body: Buffer, response: ServerResponse): void {
  if (manner === 'hangUp') {
    response.destroy();
    return;
  }
  const echo = JSON.stringify({
    result: {
      resultStatus: 'F',
      resultCode: 'PARAM_ILLEGAL',
      resultMessage: body.toString('utf8'),
    },
  });
  response.writeHead(Number(manner.slice('echo'.length)), { 'content-type': 'application/json' });
  response.end(echo);
}

interface Forwarded {
  readonly target: string;
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

function forward({ target, request, body }: Forwarded, response: ServerResponse): void {
  const { method, headers, url = '/' } = request;
  const onward = send(new URL(url, target), { method, headers }, (from) => {
    response.writeHead(from.statusCode ?? 502, from.headers);
    from.pipe(response);
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
