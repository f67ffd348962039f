import {
  createServer,
  request as send,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { onTestFinished } from 'vitest';

import type { WireCall } from './day-judge.ts';

/** How a call fares on its way. */
export interface Fate {
  /** Milliseconds on the way to the platform, and on the way back. */
  readonly holdMs?: number;
  readonly holdAnswerMs?: number;
  /** Never arrives. */
  readonly lost?: boolean;
}

export interface Wire {
  readonly url: string;
  /** Every call since the start, in order of arrival. */
  readonly calls: readonly WireCall[];
  /** The platform is there and nobody answers. */
  outage(on: boolean): void;
  /** Decides about each call that arrives. */
  fate: (call: WireCall) => Fate;
  /** Hears of each answer before it goes back. */
  answered: (call: WireCall) => void;
}

/** Stands between the controller and its platform, and writes down what is sent. Ends with the test. */
export async function startWire(target: string): Promise<Wire> {
  const calls: WireCall[] = [];
  let isOut = false;
  const wire: Wire = {
    ...{ url: '', calls, fate: () => ({}), answered: () => undefined },
    outage(on) {
      isOut = on;
      if (on) server.closeAllConnections();
    },
  };
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    void serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    const route = request.url ?? '';
    const call: WireCall = {
      ...{ at: Date.now(), route },
      body: JSON.parse(body.toString('utf8') || '{}') as WireCall['body'],
    };
    calls.push(call);
    response.once('close', () => (call.endedAt = Date.now()));
    const { holdMs = 0, holdAnswerMs = 0, lost = false } = wire.fate(call);
    if (holdMs > 0) await sleep(holdMs);
    if (isOut || lost) {
      response.destroy();
      return;
    }
    // What is on its way arrives, whatever became of the sender.
    const answer = await forward(new URL(route, target), request, body);
    wire.answered(call);
    if (holdAnswerMs > 0) await sleep(holdAnswerMs);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return Object.assign(wire, {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
  });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

function forward(url: URL, { method, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onward = send(url, { method, headers }, (from) => {
      from.toArray().then((chunks: Buffer[]) => {
        const { statusCode: status = 502, headers: answered } = from;
        resolve({ status, headers: answered, body: Buffer.concat(chunks) });
      }, reject);
    });
    onward.on('error', reject);
    onward.end(body);
  });
}
