import { createHmac } from 'node:crypto';

import { afterEach } from 'vitest';

import type { ControllerStatus } from '../../src/core/model/controller.ts';
import { SecretText } from '../../src/core/words/secret-text.ts';
import { epochMs } from '../../src/core/words/time.ts';
import type { TelemetryEvent } from '../../src/ports/index.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { startServer, type ServerOptions, type Webhook } from '../../src/server/server.ts';
import { rawClient, type RawClient } from '../support/raw-http.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

export const secret = "It's a Secret to Everybody";
export const hook: Webhook = {
  ...{ name: 'forge', form: 'github', secret: new SecretText(secret), sources: ['shop', 'toys'] },
};

/** What is closed after each test, the last first. */
export const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Scene {
  readonly url: string;
  readonly client: RawClient;
  readonly hints: readonly string[];
  readonly told: readonly TelemetryEvent[];
  readonly clock: VirtualClock;
  close(): Promise<void>;
}

/** A server on loopback, on a clock that stands still, and what came of it. */
export async function scene(options: Partial<ServerOptions> = {}): Promise<Scene> {
  const clock = createVirtualClock();
  const hints: string[] = [];
  const told: TelemetryEvent[] = [];
  const metrics = createMetrics();
  const server = await startServer({
    ...{ host: '127.0.0.1', port: 0, clock, metrics, webhooks: [hook] },
    status: () => board(clock),
    hints: { hint: (source) => hints.push(source) },
    telemetry: { emit: (event) => told.push(event) },
    ...options,
  });
  const client = rawClient(server.url);
  ends.push(
    () => {
      metrics.close();
    },
    () => server.close(),
    () => {
      client.close();
    },
  );
  return { url: server.url, client, hints, told, clock, close: () => server.close() };
}

export function board(clock: VirtualClock): ControllerStatus {
  const at = clock.wall();
  return {
    ...{ formatVersion: 1, kind: 'ControllerStatus', version: '0.1.0', startedAt: at, at },
    config: { file: 'fairlead.yaml', loadedAt: at },
    sources: [
      {
        ...{ name: 'shop', url: 'https://git.example.com/shop.git', ref: 'main', since: at },
        state: 'Failing',
        ...{ documents: 0, problems: [], problemCount: 0 },
        trouble: {
          code: 'SourceUnavailable',
          message: 'cannot read https://bot:canary@git.example.com/shop.git',
        },
      },
    ],
    connections: [
      {
        ...{ name: 'main', platform: 'mpp', state: 'Ready', since: at, programs: 2, releases: 9 },
        ...{ requestsPerSecond: 10, rateNow: 10, queued: { hot: 0, sweep: 0 } },
        ...{ sweptAt: epochMs(at - 10_000), nextSweepAt: epochMs(at + 290_000) },
      },
    ],
    programs: [],
  };
}

/** Request line and headers, to their end. */
export function head(
  line: string,
  headers: Readonly<Record<string, string | number>> = {},
): string {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export const sign = (body: string | Uint8Array): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** A whole call as the forge makes it; headers may be replaced. */
export function call(
  body: string,
  {
    name = 'forge',
    ...headers
  }: Readonly<Record<string, string | number>> & { readonly name?: string } = {},
): string {
  const signed = { 'x-hub-signature-256': sign(body), 'x-github-event': 'push' };
  const length = { 'content-length': Buffer.byteLength(body) };
  return head(`POST /webhooks/${name}`, { ...signed, ...length, ...headers }) + body;
}

export const mebibyte = 1 << 20;
