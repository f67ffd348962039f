import { epochMs } from '../../../src/core/words/time.ts';
import { createHttpDriver, type HttpDriverOptions } from '../../../src/platform/http/driver.ts';
import type {
  TelemetryEvent,
  Transport,
  WireRequest,
  WireResponse,
} from '../../../src/ports/index.ts';

const now = epochMs(1_767_323_045_000);
export const never = new AbortController().signal;

/** What a test scripts: the body of an answer, or parts of the answer, or a failure of the exchange. */
export interface Scripted {
  readonly body?: unknown;
  readonly raw?: string | Uint8Array;
  readonly status?: number;
  /** `undefined` takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly throws?: Error;
}

export interface Sent {
  readonly route: string;
  readonly request: WireRequest;
  readonly body: Readonly<Record<string, unknown>>;
}

export const success = { result: { resultStatus: 'S', resultCode: 'SUCCESS' } };
export const failed = (resultCode: string, resultStatus = 'F') => ({
  result: { resultStatus, resultCode },
});

const capabilities = {
  conditionalWrites: true,
  requestIds: true,
  marks: true,
  increments: true,
  frozen: true,
  variables: 'readable',
  maxPageSize: 500,
  maxIdsPerFilter: 50,
};

export const platformAnswer = (change: object = {}): Scripted => ({
  body: {
    ...success,
    platformId: 'megapay',
    capabilities: { ...capabilities, ...change },
    caller: { client: 'fairlead-ci', workspaces: [{ id: 'acme', rights: ['admin'] }] },
  },
});

export const key = {
  platform: 'megapay',
  workspace: 'acme',
  miniProgram: '3500020208396321',
  version: '2.4.0',
  app: 'megapay',
  environment: 'Sandbox',
} as const;

export const record = (change: object = {}) => ({
  id: 'r-1',
  workspace: 'acme',
  miniProgram: '3500020208396321',
  version: '2.4.0',
  app: 'megapay',
  environment: 'Sandbox',
  status: 'NewVersionCreated',
  revision: '1',
  config: {},
  ...change,
});

/**
 * The driver over a transport that answers `getPlatform` and then, in order, what the test scripted. A stub signature
 * verifies; a call that was not scripted fails, and so does a script that was not used up (`done`).
 */
export function driverOver(
  script: readonly Scripted[],
  change: Partial<HttpDriverOptions['connection']> & {
    platform?: Scripted | (() => Scripted);
    pageSize?: number;
    ports?: Partial<Pick<HttpDriverOptions, 'turn' | 'learnt' | 'clock'>>;
  } = {},
) {
  const { platform = platformAnswer(), pageSize, ports = {}, ...connection } = change;
  const left = [...script];
  const sent: Sent[] = [];
  const events: TelemetryEvent[] = [];
  const transport: Transport = {
    send: async (request) => {
      const route = new URL(request.url).pathname;
      const isPlatform = route.endsWith('platform/get');
      const asked = typeof platform === 'function' ? platform() : platform;
      const scripted = isPlatform ? asked : left.shift();
      if (scripted === undefined) throw new Error(`unexpected call: ${route}`);
      if (!isPlatform)
        sent.push({ route, request, body: JSON.parse(request.body ?? '') as Sent['body'] });
      if (scripted.throws) throw scripted.throws;
      return responseOf(scripted);
    },
  };
  const driver = createHttpDriver({
    connection: {
      endpoint: 'https://api.megapay.example',
      clientId: 'fairlead-ci',
      platformId: 'megapay',
      ...connection,
    },
    transport,
    signer: {
      sign: ({ path, clientId, time, body }) => `stub ${path} ${clientId} ${time} ${String(body)}`,
    },
    verifier: { verify: (_, header) => header === 'good' },
    clock: {
      wall: () => now,
      mono: () => 0,
      sleep: async () => {
        throw new Error('the driver never waits');
      },
    },
    telemetry: { emit: (event) => void events.push(event) },
    ...ports,
    ...(pageSize === undefined ? {} : { pageSize }),
  });
  return { driver, sent, events, done: () => left.length === 0 };
}

function responseOf({ body, raw, status = 200, headers = {} }: Scripted): WireResponse {
  const all = {
    'content-type': 'application/json; charset=UTF-8',
    'client-id': 'fairlead-ci',
    'response-time': '2026-01-02T03:04:05.500Z',
    signature: 'good',
    ...headers,
  };
  const bytes = raw ?? JSON.stringify(body);
  return {
    status,
    headers: Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    body: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes,
  };
}

export async function collect<T>(pages: AsyncIterable<{ items: readonly T[] }>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page.items);
  return items;
}
