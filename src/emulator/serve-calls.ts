import { epochMs } from '../core/words/time.ts';
import { writeOperations, type Operation } from '../protocol/operations.ts';
import { factsOf, type CallFacts, type CallOutcome } from './calls.ts';
import { effects, type FaultRule, type Faults } from './faults.ts';
import type { Host } from './host.ts';
import type { Limiter, RateLimit } from './rate-limit.ts';
import { judge, type Distrust, type Convention, type Judged, type Received } from './receive.ts';
import { plainReply, type Answered, type Delivered, type Voice } from './reply.ts';
import { spoil, tooManyReply } from './spoil.ts';
import type { CallRequest } from './world.ts';

/** What serving a call needs; the console may exchange faults and rate limit while it runs. */
export interface CallService {
  readonly host: Host;
  readonly convention: Convention;
  readonly distrust: Distrust;
  readonly voice: Voice;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  faults: Faults;
  rateLimit: RateLimit;
  limiter: Limiter;
}

interface Exchange {
  readonly service: CallService;
  readonly path: string;
  readonly client: string;
}

/** Serves one call of the contract, from the message to the answer and how it is delivered. */
export async function serveCall(service: CallService, received: Received): Promise<Delivered> {
  const judged = judge(service, received);
  if (judged.kind === 'refused') return refuse(service, received, judged);
  const { request } = judged;
  const exchange: Exchange = { service, path: received.path, client: request.client };
  const seconds = service.limiter.take(request.client, service.now());
  if (seconds > 0) return slowDown(exchange, request, seconds);
  const fault = service.faults.next(request.operation);
  return fault ? serveFaulty(exchange, request, fault) : serveWell(exchange, request);
}

function refuse(
  service: CallService,
  { path }: Received,
  { answer, client, operation, signed }: Extract<Judged, { kind: 'refused' }>,
): Delivered {
  const facts = { client, operation, key: '' };
  log(service, facts, { answer, http: { status: 200, performed: 0 } });
  const reply = signed
    ? service.voice.sign({ path, client }, { status: 200, answer })
    : plainReply(200, answer);
  return { reply, delivery: { kind: 'whole' } };
}

function slowDown(exchange: Exchange, request: CallRequest, seconds: number): Delivered {
  const { service } = exchange;
  const { retryAfter = 'seconds' } = service.rateLimit;
  const sent = tooManyReply(service.voice, exchange, { retryAfter, seconds, signed: true });
  const http = { status: 429, performed: 0 };
  log(service, factsOf(request), { answer: sent.answer, http });
  return sent;
}

async function serveWell(exchange: Exchange, request: CallRequest): Promise<Delivered> {
  const { service } = exchange;
  const answer = perform(service, request);
  log(service, factsOf(request), { answer, http: { status: 200, performed: 1 } });
  await settled(service, request.operation);
  const reply = service.voice.sign(exchange, { status: 200, answer });
  return { reply, delivery: { kind: 'whole' } };
}

const writes: readonly Operation[] = writeOperations;

/** A write is answered only when it is on disk; the log of a read may follow. */
async function settled({ host }: CallService, operation: Operation): Promise<void> {
  if (writes.includes(operation)) await host.settle();
  else host.settleSoon();
}

function perform({ host, now }: CallService, request: CallRequest, back = 0): Answered {
  const time = epochMs(now());
  return back > 0 ? host.call(request, time, host.past(back)) : host.call(request, time);
}

async function serveFaulty(
  exchange: Exchange,
  request: CallRequest,
  fault: FaultRule,
): Promise<Delivered> {
  const { service } = exchange;
  if (fault.effect === 'delay') await service.sleep(fault.delayMs ?? 100);
  const { performs } = effects[fault.effect];
  const isStale = fault.effect === 'staleList' && !writes.includes(request.operation);
  const back = isStale ? (fault.back ?? 1) : 0;
  const answers = Array.from({ length: performs }, () => perform(service, request, back));
  const spoilt = spoil(service.voice, exchange, { fault, answer: answers[0] });
  const status = spoilt.delivery.kind === 'cut' ? 0 : spoilt.reply.status;
  const http = { status, fault: fault.effect, performed: Math.min(performs, 1) };
  const logged = performs === 2 ? answers : [spoilt.answer];
  for (const answer of logged) log(service, factsOf(request), { answer, http });
  await settled(service, request.operation);
  return spoilt;
}

function log(
  { host, now }: CallService,
  facts: CallFacts,
  { answer, http }: { readonly answer: Answered | undefined; readonly http: CallOutcome },
): void {
  const resultStatus = answer?.result.resultStatus ?? '';
  const resultCode = answer?.result.resultCode ?? '';
  host.log({ at: now(), ...facts, resultStatus, resultCode, http });
}
