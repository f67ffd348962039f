import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { defaultRoutes, type Operation } from '../../src/protocol/operations.ts';
import type { WireMiniProgram, WireRelease } from '../../src/protocol/wire.ts';
import type { Signer } from '../../src/protocol/signature.ts';

/** How the bytes of a request leave: at once, or with a pause in the middle of the body. */
export type Pace = 'whole' | 'halves';

export interface Exchange {
  readonly operation: Operation;
  readonly body: object;
  readonly pace: Pace;
}

/** What the harness looks at in an answer. */
export interface Answer {
  readonly result: { readonly resultStatus: string; readonly resultCode: string };
  readonly releases?: readonly WireRelease[];
  readonly miniPrograms?: readonly WireMiniProgram[];
  readonly nextPageToken?: string;
}

/** Undefined when the connection broke before the answer's last byte. */
export type Outcome = Answer | undefined;

export interface RawClient {
  /** Whether a first byte has left whose answer's last byte has not come. */
  inFlight(): boolean;
  send(exchange: Exchange): Promise<Outcome>;
  close(): void;
}

/** One connection, byte by byte under control, which no HTTP library gives. */
export function rawClient(port: number, signer: Signer, clientId: string): RawClient {
  let busy = false;
  let socket: Socket | undefined;

  async function open(): Promise<Socket | undefined> {
    if (socket && !socket.destroyed) return socket;
    const made = connect(port, '127.0.0.1');
    made.setNoDelay(true);
    const isOpen = await new Promise<boolean>((resolve) => {
      made.once('connect', () => {
        resolve(true);
      });
      made.once('error', () => {
        resolve(false);
      });
    });
    made.on('error', () => undefined);
    socket = made;
    return isOpen ? made : undefined;
  }

  return {
    inFlight: () => busy,
    send: async ({ operation, body, pace }) => {
      const open_ = await open();
      if (!open_) return undefined;
      const { head, text } = message({ operation, body, signer, clientId });
      const answer = readAnswer(open_);
      busy = true;
      try {
        const middle = pace === 'halves' ? text.length >> 1 : text.length;
        open_.write(head + text.slice(0, middle));
        if (pace === 'halves') {
          await sleep(1);
          open_.write(text.slice(middle));
        }
        return await answer;
      } finally {
        busy = false;
      }
    },
    close: () => socket?.destroy(),
  };
}

function message(of: { operation: Operation; body: object; signer: Signer; clientId: string }): {
  readonly head: string;
  readonly text: string;
} {
  const path = `/api/${defaultRoutes[of.operation]}`;
  const text = JSON.stringify(of.body);
  const time = new Date().toISOString();
  const { clientId } = of;
  const headers = {
    Host: '127.0.0.1',
    'Client-Id': clientId,
    'Request-Time': time,
    Signature: of.signer.sign({ path, clientId, time, body: text }),
    'Content-Type': 'application/json; charset=UTF-8',
    'Content-Length': String(Buffer.byteLength(text)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return { head: `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, text };
}

/** Reads one answer with a Content-Length; undefined when the socket closes first. */
function readAnswer(socket: Socket): Promise<Outcome> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const finish = (outcome: Outcome): void => {
      socket.off('data', take);
      socket.off('close', lost);
      resolve(outcome);
    };
    const lost = (): void => {
      finish(undefined);
    };
    const take = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const body = bodyOf(seen);
      if (body !== undefined) finish(JSON.parse(body));
    };
    socket.on('data', take);
    socket.once('close', lost);
  });
}

function bodyOf(bytes: Buffer): string | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(bytes.subarray(0, end).toString('latin1'))?.[1];
  const from = end + 4;
  const to = from + Number(length);
  return bytes.byteLength < to ? undefined : bytes.subarray(from, to).toString('utf8');
}
