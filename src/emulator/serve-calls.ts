import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { epochMs } from '../core/words/time.ts';
import { formatMessageTime } from '../protocol/message-time.ts';
import type { Operation } from '../protocol/operations.ts';
import type { Result } from '../protocol/wire.ts';
import type { Signer } from '../protocol/signature.ts';
import { resultCodes, type ResultCode } from '../protocol/result-codes.ts';
import { factsOf, type CallFacts, type CallOutcome } from './calls.ts';
import { effects, type FaultRule, type Faults } from './faults.ts';
import type { Host } from './host.ts';
import { retryAfterHeader, type Limiter, type RateLimit } from './rate-limit.ts';
import { judge, signedPathOf, type Convention, type Judged, type Received } from './receive.ts';
import { deliver, type Delivery, type Reply } from './respond.ts';
import type { Refused } from './world/answers.ts';
import type { CallRequest } from './world.ts';

/** What serving a call needs; the console may exchange faults and rate limit while it runs. */
export interface CallService {
  readonly host: Host;
  readonly convention: Convention;
  readonly signer: Signer;
  readonly now: () => number;
  faults: Faults;
  rateLimit: RateLimit;
  limiter: Limiter;
}

interface Exchange {
  readonly service: CallService;
  readonly received: Received;
  readonly response: ServerResponse;
  readonly client: string;
}

/** Serves one call of the contract, from the judged message to the last byte of the answer. */
export async function serveCall(
  service: CallService,
  received: Received,
  response: ServerResponse,
): Promise<void> {
  const judged = judge(service.host.world(), received, service.convention, service.now());
  const client = judged.kind === 'call' ? judged.request.client : judged.client;
  const exchange: Exchange = { service, received, response, client };
  if (judged.kind === 'refused') {
    await refuse(exchange, judged);
    return;
  }
  const waitSeconds = service.limiter.take(client, service.now());
  if (waitSeconds > 0) {
    await tooMany(exchange, judged.request, waitSeconds);
    return;
  }
  const fault = service.faults.next(judged.request.operation);
  await (fault
    ? serveFaulty(exchange, judged.request, fault)
    : serveWell(exchange, judged.request));
}

async function refuse(
  exchange: Exchange,
  { answer, client, operation, signed }: Extract<Judged, { kind: 'refused' }>,
): Promise<void> {
  log(exchange, { client, operation, key: '' }, answer.result, { status: 200, performed: 0 });
  await deliver(exchange.response, signed ? sign(exchange, 200, answer) : plain(200, answer));
}

async function tooMany(exchange: Exchange, request: CallRequest, seconds: number): Promise<void> {
  const { retryAfter = 'seconds' } = exchange.service.rateLimit;
  const answer = traffic();
  log(exchange, factsOf(request), answer.result, { status: 429, performed: 0 });
  const reply = sign(exchange, 429, answer);
  await deliver(exchange.response, withRetryAfter(exchange, reply, { retryAfter, seconds }));
}

function traffic(): Refused {
  return resultOnly('REQUEST_TRAFFIC_EXCEED_LIMIT');
}

function resultOnly(resultCode: string, resultStatus?: Result['resultStatus']): Refused {
  const known = isResultCode(resultCode) ? resultCodes[resultCode].status : 'U';
  return { result: { resultStatus: resultStatus ?? known, resultCode } };
}

function isResultCode(text: string): text is ResultCode {
  return Object.hasOwn(resultCodes, text);
}

function withRetryAfter(
  { service }: Exchange,
  reply: Reply,
  { retryAfter, seconds }: { retryAfter: NonNullable<FaultRule['retryAfter']>; seconds: number },
): Reply {
  const header = retryAfterHeader(retryAfter, seconds, service.now());
  if (header === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, 'retry-after': header } };
}

async function serveWell(exchange: Exchange, request: CallRequest): Promise<void> {
  const answer = perform(exchange, request);
  log(exchange, factsOf(request), answer.result, { status: 200, performed: 1 });
  await settled(exchange, request.operation);
  await deliver(exchange.response, sign(exchange, 200, answer));
}

/** A write is answered only when it is on disk; the log of a read may follow. */
async function settled({ service: { host } }: Exchange, operation: Operation): Promise<void> {
  if (operation === 'createRelease' || operation.startsWith('patch')) await host.settle();
  else host.settleSoon();
}

function perform(
  { service: { host, now } }: Exchange,
  request: CallRequest,
  back = 0,
): { readonly result: Readonly<Result> } {
  return back > 0
    ? host.call(request, epochMs(now()), host.past(back))
    : host.call(request, epochMs(now()));
}

async function serveFaulty(
  exchange: Exchange,
  request: CallRequest,
  fault: FaultRule,
): Promise<void> {
  if (fault.effect === 'delay') await sleep(fault.delayMs ?? 100);
  const { performs } = effects[fault.effect];
  const back = fault.effect === 'staleList' ? (fault.back ?? 1) : 0;
  const answers = Array.from({ length: performs }, () => perform(exchange, request, back));
  const { reply, delivery, answer, status } = spoil(exchange, fault, answers[0]);
  const outcome = { status, fault: fault.effect, performed: performs };
  for (const each of performs === 2 ? answers : [answer])
    log(exchange, factsOf(request), each?.result, outcome);
  await settled(exchange, request.operation);
  await deliver(exchange.response, reply, delivery);
}

interface Spoilt {
  readonly reply: Reply;
  readonly delivery: Delivery;
  /** As the log has it; undefined where no result was sent. */
  readonly answer: { readonly result: Readonly<Result> } | undefined;
  readonly status: number;
}

const whole: Delivery = { kind: 'whole' };
const nothing: Reply = { status: 500, headers: {}, body: new Uint8Array() };

type Answered = { readonly result: Readonly<Result> };

/** What the other side gets instead of the answer. */
function spoil(exchange: Exchange, fault: FaultRule, answer: Answered = noAnswer): Spoilt {
  const good = (status = 200, sent: Answered = answer): Spoilt => ({
    ...{ reply: sign(exchange, status, sent), delivery: whole, answer: sent, status },
  });
  const bare = (status: number, type: string, text: string): Spoilt => ({
    reply: { status, headers: { 'content-type': type }, body: Buffer.from(text) },
    ...{ delivery: whole, answer: undefined, status },
  });
  switch (fault.effect) {
    case 'delay':
    case 'duplicate':
    case 'staleList':
      return good();
    case 'result':
      return good(200, resultOnly(fault.resultCode ?? 'UNKNOWN_EXCEPTION', fault.resultStatus));
    case 'unknown':
    case 'unknownApplied':
      return good(200, resultOnly('UNKNOWN_EXCEPTION'));
    case 'accepted':
      return good(200, resultOnly('ACCEPTED'));
    case 'dropBefore':
    case 'dropAfter':
      return { reply: nothing, delivery: { kind: 'cut' }, answer: undefined, status: 0 };
    case 'status':
    case 'errorApplied':
      return failing(exchange, fault);
    case 'tooMany':
      return slowDown(exchange, fault);
    case 'garbage':
      return bare(200, jsonType, '\u0000\u0001 not what you asked for \uFFFD');
    case 'errorBody':
      return bare(200, 'text/html', '<html><body><h1>502 Bad Gateway</h1></body></html>');
    default:
      return damaged(good(), fault);
  }
}

const noAnswer: Answered = { result: { resultStatus: 'U', resultCode: 'UNKNOWN_EXCEPTION' } };

function failing(exchange: Exchange, { status = 500, signed = false }: FaultRule): Spoilt {
  const answer = resultOnly('UNKNOWN_EXCEPTION');
  const reply = signed ? sign(exchange, status, answer) : plain(status, answer);
  return { reply, delivery: whole, answer: signed ? answer : undefined, status };
}

function slowDown(exchange: Exchange, fault: FaultRule): Spoilt {
  const { signed = true, retryAfter = 'seconds', retryAfterSeconds: seconds = 1 } = fault;
  const answer = traffic();
  const reply = signed ? sign(exchange, 429, answer) : plain(429, answer);
  return {
    reply: withRetryAfter(exchange, reply, { retryAfter, seconds }),
    ...{ delivery: whole, answer, status: 429 },
  };
}

/** The right answer with something wrong about it. */
function damaged(good: Spoilt, { effect, megabytes = 50 }: FaultRule): Spoilt {
  const { reply } = good;
  const { signature = '', ...unsigned } = reply.headers;
  switch (effect) {
    case 'truncated':
      return { ...good, delivery: { kind: 'truncated' } };
    case 'trickle':
      return { ...good, delivery: { kind: 'trickle' } };
    case 'hugeBody':
      return { ...good, delivery: { kind: 'padded', megabytes } };
    case 'badSignature':
      return {
        ...good,
        reply: { ...reply, headers: { ...unsigned, signature: forged(signature) } },
      };
    case 'missingSignature':
      return { ...good, reply: { ...reply, headers: unsigned } };
    case 'wrongType':
      return {
        ...good,
        reply: { ...reply, headers: { ...reply.headers, 'content-type': 'text/html' } },
      };
    default:
      return good;
  }
}

/** A signature of the right form that fits nothing. */
function forged(header: string): string {
  return header.replace(/(signature=)(..)/, (_, name: string, start: string) =>
    start === 'AA' ? `${name}BB` : `${name}AA`,
  );
}

const jsonType = 'application/json; charset=UTF-8';

function plain(status: number, answer: object): Reply {
  return {
    status,
    headers: { 'content-type': jsonType },
    body: Buffer.from(JSON.stringify(answer)),
  };
}

function sign({ service, received, client }: Exchange, status: number, answer: object): Reply {
  const { headers, body } = plain(status, answer);
  const time = formatMessageTime(epochMs(service.now()), 'iso8601');
  const path = signedPathOf(received.path, service.convention);
  const signature = service.signer.sign({ path, clientId: client, time, body });
  return {
    status,
    headers: { ...headers, 'client-id': client, 'response-time': time, signature },
    body,
  };
}

function log(
  { service }: Exchange,
  facts: CallFacts,
  result: Readonly<Result> | undefined,
  http: CallOutcome,
): void {
  const { resultStatus = '', resultCode = '' } = result ?? {};
  service.host.log({ at: service.now(), ...facts, resultStatus, resultCode, http });
}
