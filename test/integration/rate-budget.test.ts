import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';

import {
  openPlatform,
  type Acquaintance,
  type OpenPlatform,
} from '../../src/cli/composition/platform.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const { signal } = new AbortController();

function pem(): { readonly own: string; readonly platform: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    own: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    platform: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** A platform that only ever says "too many", and counts how often it was asked. */
async function refusing(headers: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    request.resume();
    response.writeHead(429, headers).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, port: (server.address() as AddressInfo).port };
}

interface Opened {
  readonly acquaintances?: Map<string, Acquaintance>;
  readonly clientId?: string;
  /** At the end of the endpoint. */
  readonly slash?: string;
}

async function opened(
  port: number,
  clock: VirtualClock,
  { acquaintances, clientId = 'c', slash = '' }: Opened = {},
): Promise<OpenPlatform> {
  const keys = pem();
  const platform = await openPlatform(
    {
      name: 'main',
      spec: {
        ...{ platformId: 'megapay', driver: 'http', clientId },
        endpoint: `http://127.0.0.1:${String(port)}${slash}`,
        privateKey: { env: 'OWN' },
        platformPublicKey: { env: 'PLATFORM' },
      },
    },
    {
      administration: {
        ...{ file: 'f.yaml', connections: [], sources: [], settings: {} },
        path: (relative) => relative,
      },
      values: { env: { OWN: keys.own, PLATFORM: keys.platform }, directory: '/' },
      clock,
      telemetry: { emit: () => undefined },
      ...(acquaintances ? { acquaintances } : {}),
    },
  );
  onTestFinished(platform.close);
  return platform;
}

describe('a connection whose platform wants to be left alone', () => {
  it.each([
    { name: 'seconds', headers: { 'retry-after': '7' }, silentMs: 7000 },
    {
      name: 'a date, by the clock of the platform',
      headers: {
        date: 'Sun, 01 Nov 2026 10:00:00 GMT',
        'retry-after': 'Sun, 01 Nov 2026 10:00:09 GMT',
      },
      silentMs: 9000,
    },
  ])('sends nothing in either lane before: $name', async ({ headers, silentMs }) => {
    const { asked, port } = await refusing(headers);
    const clock = createVirtualClock();
    const { lanes, budget } = await opened(port, clock);
    await expect(lanes.hot.platform(signal)).rejects.toMatchObject({ code: 'RateLimited' });
    const calls = [lanes.hot.platform(signal), lanes.sweep.platform(signal)].map((call) =>
      call.catch((error: unknown) => (error as { code: string }).code),
    );

    await clock.advance(silentMs - 1);
    const before = { asked: asked.length, waiting: budget.waiting() };
    await clock.advance(1);
    await Promise.all(calls);

    // Two that ask at the same time what the platform is share one call.
    expect(before).toEqual({ asked: 1, waiting: { hot: 1, sweep: 0 } });
    expect(asked).toHaveLength(2);
    expect(budget.rate()).toBe(2.5);
  });

  it('refuses at once to wait for hours', async () => {
    const { asked, port } = await refusing({ 'retry-after': '99999999999' });
    const { lanes } = await opened(port, createVirtualClock());
    await expect(lanes.hot.platform(signal)).rejects.toMatchObject({ code: 'RateLimited' });

    await expect(lanes.sweep.platform(signal)).rejects.toMatchObject({
      code: 'RateLimited',
      retryAfterMs: 900_000,
    });

    expect(asked).toHaveLength(1);
  });
});

describe('a connection that is opened again', () => {
  it('still leaves a platform alone that asked for it, and asks with the keys of today', async () => {
    const { asked, port } = await refusing({ 'retry-after': '600' });
    const clock = createVirtualClock();
    const acquaintances = new Map<string, Acquaintance>();
    const first = await opened(port, clock, { acquaintances });
    await expect(first.lanes.hot.platform(signal)).rejects.toMatchObject({ code: 'RateLimited' });
    const [known] = acquaintances.values();
    known!.learnt.marksLost = true;
    const withOldKeys = known!.learnt.platform;

    const again = await opened(port, clock, { acquaintances, slash: '/' });
    await expect(again.lanes.sweep.platform(signal)).rejects.toMatchObject({
      code: 'RateLimited',
    });

    expect(asked).toHaveLength(1);
    expect(again.memory).toBe(first.memory);
    expect(known?.learnt.marksLost).toBe(true);
    expect(known?.learnt.platform).not.toBe(withOldKeys);
    await clock.advance(600_000);
    await again.lanes.hot.platform(signal).catch(() => undefined);
    expect(asked, 'once the time is over').toHaveLength(2);
  });

  it('knows nothing of another client', async () => {
    const { asked, port } = await refusing({ 'retry-after': '600' });
    const clock = createVirtualClock();
    const acquaintances = new Map<string, Acquaintance>();
    const first = await opened(port, clock, { acquaintances });
    await expect(first.lanes.hot.platform(signal)).rejects.toMatchObject({ code: 'RateLimited' });

    const other = await opened(port, clock, { acquaintances, clientId: 'd' });
    await expect(other.lanes.hot.platform(signal)).rejects.toMatchObject({ code: 'RateLimited' });

    expect(asked).toHaveLength(2);
    expect(other.memory).not.toBe(first.memory);
  });
});
