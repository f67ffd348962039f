import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Delivered } from './reply.ts';

/** Sends a reply; resolves when the socket has taken it or is gone. */
export async function deliver(
  response: ServerResponse,
  { reply, delivery }: Delivered,
): Promise<void> {
  if (delivery.kind === 'cut') {
    response.destroy();
    return;
  }
  const padding = delivery.kind === 'padded' ? delivery.megabytes * megabyte : 0;
  const length = reply.body.byteLength + padding;
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(length) });
  switch (delivery.kind) {
    case 'whole':
      response.end(reply.body);
      return;
    case 'truncated':
      await written(response, reply.body.subarray(0, reply.body.byteLength >> 1));
      response.destroy();
      return;
    case 'trickle':
      await trickle(response, reply.body);
      return;
    case 'padded':
      await pad(response, delivery.megabytes);
      response.end(reply.body);
  }
}

const megabyte = 1 << 20;
const trickleBytes = 16;
const trickleMs = 20;

async function trickle(response: ServerResponse, body: Uint8Array): Promise<void> {
  for (let at = 0; at < body.byteLength && !response.destroyed; at += trickleBytes) {
    await written(response, body.subarray(at, at + trickleBytes));
    await sleep(trickleMs);
  }
  response.end();
}

/** Spaces before a JSON document are a JSON document. */
async function pad(response: ServerResponse, megabytes: number): Promise<void> {
  const block = Buffer.alloc(megabyte, ' ');
  for (let sent = 0; sent < megabytes && !response.destroyed; sent += 1)
    await written(response, block);
}

/** Resolves also when the other side hung up. */
function written(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) {
      resolve();
      return;
    }
    response.once('close', resolve);
    response.write(bytes, () => {
      response.off('close', resolve);
      resolve();
    });
  });
}
