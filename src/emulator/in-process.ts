import { ReconcileError } from '../core/words/errors.ts';
import { createHttpDriver } from '../platform/http/driver.ts';
import type { Platform } from '../platform/fallbacks.ts';
import type { Clock, Telemetry, Transport, WireRequest, WireResponse } from '../ports/index.ts';
import { defaultPathPrefix } from '../protocol/operations.ts';
import type { Signer, Verifier } from '../protocol/signature.ts';
import { createFaults, type FaultPlan } from './faults.ts';
import type { Host } from './host.ts';
import { createLimiter, type RateLimit } from './rate-limit.ts';
import type { Convention, Distrust } from './receive.ts';
import { createVoice, type Delivered } from './reply.ts';
import { serveCall, type CallService } from './serve-calls.ts';
import { refused } from './world/answers.ts';
import { isKnown } from './world.ts';

/** How a world is called without a socket. */
export interface InProcessOptions {
  readonly client: string;
  /** Of caller and platform alike. */
  readonly clock: Clock;
  readonly telemetry?: Telemetry;
  readonly faults?: FaultPlan;
  readonly rateLimit?: RateLimit;
  /** Largest page that is asked for. */
  readonly pageSize?: number;
}

/** Nothing lies between the two, so a seal that costs no RSA proves as much. */
const seal = 'algorithm=RSA256, signature=in-process';
const sealingSigner: Signer = { sign: () => seal };
const sealVerifier: Verifier = { verify: (_message, header) => header === seal };

const convention: Convention = { pathPrefix: defaultPathPrefix, signedPath: 'full' };
const endpoint = 'http://127.0.0.1';

const distrustStrangers: Distrust = (world, { headers }) => {
  const client = headers['client-id'];
  if (headers['signature'] !== seal) return refused('INVALID_SIGNATURE', 'not sealed');
  return typeof client === 'string' && isKnown(world, client)
    ? undefined
    : refused('INVALID_CLIENT', 'Client-Id is unknown');
};

/**
 * A world behind the `Transport` port: everything the emulator does but sockets and RSA, faults included.
 *
 * @throws ReconcileError `OutcomeUnknown` where a socket would have been cut
 */
function worldTransport(
  host: Host,
  options: Pick<InProcessOptions, 'clock' | 'faults' | 'rateLimit'>,
): Transport {
  const { clock, faults = { rules: [] }, rateLimit = { requestsPerSecond: 0 } } = options;
  const now = () => clock.wall();
  const service: CallService = {
    ...{ host, convention, now, rateLimit },
    distrust: distrustStrangers,
    voice: createVoice({ signer: sealingSigner, convention, now }),
    sleep: (ms) => clock.sleep(ms, new AbortController().signal),
    faults: createFaults(faults),
    limiter: createLimiter(rateLimit),
  };
  return {
    send: async (request, signal) => {
      signal.throwIfAborted();
      const { method, url, headers, body = '' } = request;
      const path = url.slice(endpoint.length);
      const received = { method, path, headers: lowerCase(headers), body: Buffer.from(body) };
      return arrived(request, await serveCall(service, received));
    },
  };
}

/** A platform over a world of this process: the http driver, its classification and its fallbacks, without a socket. */
export function worldPlatform(host: Host, options: InProcessOptions): Platform {
  const { client, clock, telemetry = silent, pageSize } = options;
  return createHttpDriver({
    connection: { endpoint, clientId: client, platformId: host.world().platformId },
    transport: worldTransport(host, options),
    ...{ signer: sealingSigner, verifier: sealVerifier, clock, telemetry },
    ...(pageSize !== undefined && { pageSize }),
  });
}

const silent: Telemetry = { emit: () => undefined };

function lowerCase(headers: WireRequest['headers']): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

function arrived({ maxBytes }: WireRequest, { reply, delivery }: Delivered): WireResponse {
  const megabytes = delivery.kind === 'padded' ? delivery.megabytes : 0;
  const length = reply.body.byteLength + megabytes * (1 << 20);
  if (delivery.kind === 'cut' || delivery.kind === 'truncated')
    throw new ReconcileError('OutcomeUnknown', 'the connection was cut');
  if (length > maxBytes) throw new ReconcileError('OutcomeUnknown', 'the answer is too long');
  return reply;
}
