import { ReconcileError } from '../../src/core/words/errors.ts';
import type { Operation } from '../../src/protocol/operations.ts';
import {
  defaultPathPrefix,
  defaultRoutes,
  writeOperations,
} from '../../src/protocol/operations.ts';
import { refused } from '../../src/emulator/world/answers.ts';
import type { FaultRule } from '../../src/emulator/faults.ts';
import type { Host } from '../../src/emulator/host.ts';
import { createLimiter, type RateLimit } from '../../src/emulator/rate-limit.ts';
import { createVoice, type Delivered } from '../../src/emulator/reply.ts';
import { serveCall, type CallService } from '../../src/emulator/serve-calls.ts';
import type { World } from '../../src/emulator/world/state.ts';
import type { WireRequest, WireResponse } from '../../src/ports/index.ts';
import type { SimTime } from './loop-clock.ts';
import { flat } from './loop-town.ts';

/*
 * The line between simulated processes and the platform: what is sent travels, arrives, is answered, and the answer
 * travels back, each under the fault that strikes it. Everything that was tried is noted here, by nobody's code but the
 * platform's and this.
 */

export const seal = 'algorithm=RSA256, signature=in-process';
export const endpoint = 'http://127.0.0.1';
/** A caller gives up after so long. */
export const timeoutMs = 1_000;

/** What a process was last told of a record before it sent something. */
export interface Told {
  /** Order of asking. */
  readonly asked: number;
  readonly status: string;
  readonly revision: string;
}

/** A write as it was sent, whatever became of it. */
export interface Attempt {
  readonly sentAt: number;
  readonly process: string;
  readonly operation: Operation;
  /** `coffee/1.0.0/Test`, or `coffee`. */
  readonly key: string;
  readonly config: ReturnType<typeof flat>;
  readonly mark: string | undefined;
  readonly requestId: string | undefined;
  readonly ifRevision: string | undefined;
  readonly told: Told | undefined;
  /** Revision that the platform last answered to a write of this process. */
  readonly own: string | undefined;
  /** The world right before and right after it was performed; undefined: it never was. */
  before?: World;
  after?: World;
  code?: string;
  fault?: string;
  /** When its answer came, or the caller gave up. */
  endedAt?: number;
}

/** A call that was sent. */
export interface Call {
  readonly sentAt: number;
  readonly process: string;
  readonly operation: Operation;
  readonly key: string;
  answer?: string;
  /** When a 429 that was delivered allows the next one. */
  quietUntil?: number;
  deliveredAt?: number;
}

export type WireStrike =
  | { readonly kind: 'wire'; readonly rule: FaultRule }
  /** The caller gives up; the request arrives after that. */
  | { readonly kind: 'late'; readonly ms: number };

export interface Wire {
  readonly attempts: readonly Attempt[];
  readonly calls: readonly Call[];
  /** @param travelMs  there, and back again */
  send(sent: {
    readonly process: string;
    readonly request: WireRequest;
    readonly strike: WireStrike | undefined;
    readonly travelMs: number;
  }): Promise<WireResponse>;
}

const routes = new Map(
  Object.entries(defaultRoutes).map(([operation, route]) => [
    `${endpoint}${defaultPathPrefix}${route}`,
    operation as Operation,
  ]),
);
const writes: readonly Operation[] = writeOperations;

export function operationOf({ url }: WireRequest): Operation {
  const operation = routes.get(url);
  if (!operation) throw new Error(`nothing is served at ${url}`);
  return operation;
}

export function createWire(host: Host, time: SimTime, rateLimit: RateLimit): Wire {
  const now = () => time.wall();
  const service: CallService = {
    ...{ host, now, rateLimit },
    convention: { pathPrefix: defaultPathPrefix, signedPath: 'full' },
    distrust: (_world, { headers }) =>
      headers['signature'] === seal ? undefined : refused('INVALID_SIGNATURE', 'not sealed'),
    voice: createVoice({
      signer: { sign: () => seal },
      convention: { pathPrefix: defaultPathPrefix, signedPath: 'full' },
      now,
    }),
    sleep: travel,
    faults: { next: () => undefined },
    limiter: createLimiter(rateLimit),
  };
  const attempts: Attempt[] = [];
  const calls: Call[] = [];
  const told = new Map<string, Told>();
  const own = new Map<string, string>();

  function travel(ms: number): Promise<void> {
    return ms === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          time.at(time.mono() + ms, resolve);
        });
  }

  async function serve(
    request: WireRequest,
    rule: FaultRule | undefined,
    attempt: Attempt | undefined,
  ): Promise<Delivered> {
    const before = host.world();
    const sent = await serveCall(
      { ...service, faults: { next: () => rule } },
      {
        method: request.method,
        path: request.url.slice(endpoint.length),
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        body: Buffer.from(request.body ?? ''),
      },
    );
    const last = host.calls().at(-1);
    if (attempt && last && last.http.performed > 0) {
      attempt.before = before;
      attempt.after = host.world();
    }
    if (attempt) attempt.code = last?.resultCode ?? '';
    return sent;
  }

  function noted(process: string, request: WireRequest): Attempt | undefined {
    const operation = operationOf(request);
    if (!writes.includes(operation)) return undefined;
    const body = JSON.parse(String(request.body)) as Readonly<Record<string, string | undefined>>;
    const key = keyIn(body);
    const attempt: Attempt = {
      ...{ process, operation, key, sentAt: time.mono() },
      config: flat(body['patch'] ?? body['config'] ?? {}),
      mark: body['mark'],
      requestId: body['requestId'],
      ifRevision: body['ifRevision'],
      told: told.get(`${process} ${key}`),
      own: own.get(`${process} ${key}`),
    };
    attempts.push(attempt);
    return attempt;
  }

  /** What the caller now knows of records; the answer is believed only if it came whole and signed. */
  function deliver(call: Call, asked: number, reply: WireResponse): void {
    const { answer } = call;
    if (answer !== 'S') return;
    const body = JSON.parse(Buffer.from(reply.body).toString()) as Record<string, unknown>;
    const records = [body['release'], ...((body['releases'] as unknown[] | undefined) ?? [])];
    for (const record of records) {
      if (record === undefined || record === null) continue;
      const one = record as Readonly<Record<string, string>>;
      const place = `${call.process} ${keyIn(one)}`;
      const known = told.get(place);
      if (known && known.asked > asked) continue;
      told.set(place, { asked, status: one['status']!, revision: one['revision']! });
      if (writes.includes(call.operation)) own.set(place, one['revision']!);
    }
  }

  function forget(process: string): void {
    for (const place of told.keys()) if (place.startsWith(`${process} `)) told.delete(place);
  }

  let asking = 0;
  return {
    attempts,
    calls,
    async send({ process, request, strike, travelMs }) {
      asking += 1;
      const asked = asking;
      const attempt = noted(process, request);
      const operation = operationOf(request);
      const call: Call = {
        ...{ process, operation, sentAt: time.mono() },
        key: attempt?.key ?? '',
      };
      calls.push(call);
      if (strike?.kind === 'late') {
        if (attempt) attempt.fault = 'late';
        time.at(time.mono() + timeoutMs + strike.ms, () => void serve(request, undefined, attempt));
        await travel(timeoutMs);
        if (attempt) attempt.endedAt = time.mono();
        throw new ReconcileError('OutcomeUnknown', 'no answer in time');
      }
      await travel(travelMs);
      const rule = strike?.rule;
      if (attempt && rule) attempt.fault = rule.effect;
      const { reply, delivery } = await serve(request, rule, attempt);
      call.answer = rule && !faithful.has(rule.effect) ? rule.effect : statusIn(reply);
      await travel(travelMs);
      call.deliveredAt = time.mono();
      if (attempt) attempt.endedAt = time.mono();
      const retryAfter = Number(reply.headers['retry-after']);
      if (reply.status === 429 && Number.isFinite(retryAfter))
        call.quietUntil = time.mono() + retryAfter * 1000;
      if (delivery.kind === 'cut' || delivery.kind === 'truncated')
        throw new ReconcileError('OutcomeUnknown', 'the connection was cut');
      if (delivery.kind === 'padded')
        throw new ReconcileError('OutcomeUnknown', 'the answer is too long');
      // A platform that tells of an older state takes back what it told before.
      if (rule?.effect === 'staleList') forget(process);
      deliver(call, asked, reply);
      return reply;
    },
  };
}

/** Faults whose answer is a good one. */
const faithful: ReadonlySet<string> = new Set(['delay', 'duplicate', 'staleList', 'trickle']);

function statusIn({
  body,
  status,
}: {
  readonly body: Uint8Array;
  readonly status: number;
}): string {
  if (status !== 200) return String(status);
  const { result } = JSON.parse(Buffer.from(body).toString()) as {
    readonly result: { readonly resultStatus: string };
  };
  return result.resultStatus;
}

/** `coffee/1.0.0/Test`, or `coffee`. */
export function keyIn(body: object): string {
  const parts = body as Readonly<Record<string, unknown>>;
  return ['miniProgram', 'version', 'environment']
    .flatMap((name) => (typeof parts[name] === 'string' ? [parts[name]] : []))
    .join('/');
}
