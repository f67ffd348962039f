import { resultCodes, type ResultCode } from '../protocol/result-codes.ts';
import type { Result } from '../protocol/wire.ts';
import type { Effect, FaultRule } from './faults.ts';
import { retryAfterHeader } from './rate-limit.ts';
import {
  jsonType,
  plainReply,
  type Addressee,
  type Answered,
  type Delivered,
  type Delivery,
  type Reply,
  type Voice,
} from './reply.ts';

/** What is sent under a fault, and what of it counts as an answer in the log. */
export interface Spoilt extends Delivered {
  /** Undefined where no result was sent. */
  readonly answer: Answered | undefined;
}

interface Case {
  readonly voice: Voice;
  readonly to: Addressee;
  readonly fault: FaultRule;
  /** What the platform would have said. */
  readonly answer: Answered;
}

/** What the other side gets instead of the answer. */
export function spoil(
  voice: Voice,
  to: Addressee,
  { fault, answer }: { readonly fault: FaultRule; readonly answer: Answered | undefined },
): Spoilt {
  const given = answer ?? resultOnly('UNKNOWN_EXCEPTION');
  return spoilers[fault.effect]({ voice, to, fault, answer: given });
}

const whole: Delivery = { kind: 'whole' };

const spoilers: Readonly<Record<Effect, (of: Case) => Spoilt>> = {
  delay: signed,
  duplicate: signed,
  staleList: signed,
  result: ({ fault, ...rest }) => {
    const { resultCode = 'UNKNOWN_EXCEPTION', resultStatus } = fault;
    return signed({ ...rest, answer: resultOnly(resultCode, resultStatus) });
  },
  unknown: (of) => signed({ ...of, answer: resultOnly('UNKNOWN_EXCEPTION') }),
  unknownApplied: (of) => signed({ ...of, answer: resultOnly('UNKNOWN_EXCEPTION') }),
  accepted: (of) => signed({ ...of, answer: resultOnly('ACCEPTED') }),
  dropBefore: cut,
  dropAfter: cut,
  status: failing,
  errorApplied: failing,
  tooMany: ({ voice, to, fault }) => {
    const { signed: isSigned = true, retryAfter = 'seconds', retryAfterSeconds = 1 } = fault;
    return tooManyReply(voice, to, { retryAfter, seconds: retryAfterSeconds, signed: isSigned });
  },
  garbage: () => bare(jsonType, '\u0000\u0001 not what you asked for \uFFFD'),
  errorBody: () => bare('text/html', '<html><body><h1>502 Bad Gateway</h1></body></html>'),
  truncated: (of) => ({ ...signed(of), delivery: { kind: 'truncated' } }),
  trickle: (of) => ({ ...signed(of), delivery: { kind: 'trickle' } }),
  hugeBody: (of) => ({
    ...signed(of),
    delivery: { kind: 'padded', megabytes: of.fault.megabytes ?? 50 },
  }),
  badSignature: (of) =>
    withHeaders(of, ({ signature = '', ...rest }) => ({ ...rest, signature: forged(signature) })),
  missingSignature: (of) => withHeaders(of, ({ signature: _, ...rest }) => rest),
  wrongType: (of) => withHeaders(of, (headers) => ({ ...headers, 'content-type': 'text/html' })),
};

function signed({ voice, to, answer }: Pick<Case, 'voice' | 'to' | 'answer'>): Spoilt {
  return { reply: voice.sign(to, { status: 200, answer }), delivery: whole, answer };
}

function cut(): Spoilt {
  const reply: Reply = { status: 500, headers: {}, body: new Uint8Array() };
  return { reply, delivery: { kind: 'cut' }, answer: undefined };
}

function bare(type: string, text: string): Spoilt {
  const reply = { status: 200, headers: { 'content-type': type }, body: Buffer.from(text) };
  return { reply, delivery: whole, answer: undefined };
}

function failing({ voice, to, fault }: Case): Spoilt {
  const { status = 500, signed: isSigned = false } = fault;
  const answer = resultOnly('UNKNOWN_EXCEPTION');
  const reply = isSigned ? voice.sign(to, { status, answer }) : plainReply(status, answer);
  return { reply, delivery: whole, answer: isSigned ? answer : undefined };
}

type HeaderEdit = (headers: Reply['headers']) => Reply['headers'];

function withHeaders(of: Case, edit: HeaderEdit): Spoilt {
  const good = signed(of);
  return { ...good, reply: { ...good.reply, headers: edit(good.reply.headers) } };
}

/** A signature of the right form that fits nothing. */
function forged(header: string): string {
  return header.replace(/(signature=)(..)/, (_, name: string, start: string) =>
    start === 'AA' ? `${name}BB` : `${name}AA`,
  );
}

/** 429 with the traffic code and a Retry-After. */
export function tooManyReply(
  voice: Voice,
  to: Addressee,
  how: {
    readonly retryAfter: NonNullable<FaultRule['retryAfter']>;
    readonly seconds: number;
    readonly signed: boolean;
  },
): Spoilt {
  const answer = resultOnly('REQUEST_TRAFFIC_EXCEED_LIMIT');
  const reply = how.signed ? voice.sign(to, { status: 429, answer }) : plainReply(429, answer);
  const header = retryAfterHeader(how.retryAfter, how.seconds, voice.now());
  const headers = { ...reply.headers, ...(header !== undefined && { 'retry-after': header }) };
  return { reply: { ...reply, headers }, delivery: whole, answer };
}

function resultOnly(resultCode: string, resultStatus?: Result['resultStatus']): Answered {
  const known = isResultCode(resultCode) ? resultCodes[resultCode].status : 'U';
  return { result: { resultStatus: resultStatus ?? known, resultCode } };
}

function isResultCode(text: string): text is ResultCode {
  return Object.hasOwn(resultCodes, text);
}
