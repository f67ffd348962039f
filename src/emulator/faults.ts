import { Type, type Static } from 'typebox';

import { operations, writeOperations, type Operation } from '../protocol/operations.ts';
import { resultCodes } from '../protocol/result-codes.ts';

/** What a fault does, and how often the platform performs the request under it. */
export const effects = {
  delay: { performs: 1, text: 'Answers late, by `delayMs`.' },
  status: { performs: 0, text: 'Answers HTTP `status` and does nothing.' },
  result: { performs: 0, text: 'Answers `resultCode` with `resultStatus` and does nothing.' },
  tooMany: { performs: 0, text: 'Answers 429 with a Retry-After of the form `retryAfter`.' },
  dropBefore: { performs: 0, text: 'Cuts the connection; the request is lost.' },
  dropAfter: { performs: 1, text: 'Performs the request, then cuts the connection.' },
  duplicate: { performs: 2, text: 'Performs the request twice; answers as to the first.' },
  unknown: { performs: 0, text: 'Answers U and does nothing.' },
  unknownApplied: { performs: 1, text: 'Performs the request and answers U.' },
  accepted: { performs: 1, text: 'Performs the request and answers A.' },
  errorApplied: { performs: 1, text: 'Performs the request and answers HTTP `status` (500).' },
  garbage: { performs: 1, text: 'Performs the request and answers bytes that mean nothing.' },
  truncated: { performs: 1, text: 'Performs the request and cuts the answer in the middle.' },
  trickle: {
    performs: 1,
    text: 'Performs the request and sends the answer a few bytes at a time.',
  },
  badSignature: { performs: 1, text: 'Performs the request; the answer’s signature is wrong.' },
  missingSignature: { performs: 1, text: 'Performs the request; the answer has no signature.' },
  errorBody: { performs: 1, text: 'Performs the request and answers 200 with a page of HTML.' },
  wrongType: { performs: 1, text: 'Performs the request; the answer calls itself text/html.' },
  hugeBody: { performs: 1, text: 'Performs the request and answers `megabytes` of spaces first.' },
  staleList: { performs: 1, text: 'Answers a read from the state `back` writes ago.' },
} as const satisfies Record<string, { readonly performs: 0 | 1 | 2; readonly text: string }>;

export type Effect = keyof typeof effects;

export const retryAfterForms = ['seconds', 'date', 'nonsense', 'huge', 'none'] as const;

export const FaultRule = Type.Object(
  {
    effect: Type.Enum(Object.keys(effects) as Effect[], { type: 'string' }),
    operation: Type.Optional(
      Type.Enum([...operations], { type: 'string', description: 'Default: every operation.' }),
    ),
    nth: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Strikes from the nth matching call on. Default 1.',
      }),
    ),
    times: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Strikes at most so often. Default: without end.' }),
    ),
    probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Default 1.' })),
    status: Type.Optional(
      Type.Integer({ minimum: 200, maximum: 599, description: 'Default 500.' }),
    ),
    signed: Type.Optional(
      Type.Boolean({
        description:
          'Whether an answer made by `status` or `tooMany` is signed by the platform, or comes from something in front of it. Default true for `tooMany`.',
      }),
    ),
    delayMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 600000, description: 'Default 100.' }),
    ),
    retryAfter: Type.Optional(Type.Enum([...retryAfterForms], { type: 'string' })),
    retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0, description: 'Default 1.' })),
    resultCode: Type.Optional(
      Type.Enum(Object.keys(resultCodes), {
        type: 'string',
        description: 'Default UNKNOWN_EXCEPTION.',
      }),
    ),
    resultStatus: Type.Optional(Type.Enum(['S', 'F', 'U', 'A'] as const, { type: 'string' })),
    back: Type.Optional(Type.Integer({ minimum: 1, description: 'Default 1.' })),
    megabytes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 256, description: 'Default 50.' }),
    ),
  },
  { additionalProperties: false },
);
export type FaultRule = Readonly<Static<typeof FaultRule>>;

export const FaultPlan = Type.Object(
  {
    seed: Type.Optional(Type.Integer({ minimum: 0, description: 'Default 1.' })),
    rules: Type.Array(FaultRule),
  },
  { additionalProperties: false },
);
export type FaultPlan = Static<typeof FaultPlan>;

/** Decides, call by call, what goes wrong. */
export interface Faults {
  next(operation: Operation): FaultRule | undefined;
}

/** The first rule that strikes counts. Same seed and same calls, same faults. */
export function createFaults({ seed = 1, rules }: FaultPlan): Faults {
  const random = seeded(seed);
  const tallies = rules.map((rule) => ({ rule, met: 0, struck: 0 }));
  return {
    next: (operation) =>
      tallies.find((tally) => {
        if (!matches(tally.rule, operation)) return false;
        tally.met += 1;
        if (!isDue(tally) || random() >= (tally.rule.probability ?? 1)) return false;
        tally.struck += 1;
        return true;
      })?.rule,
  };
}

interface FaultTally {
  readonly rule: FaultRule;
  readonly met: number;
  readonly struck: number;
}

const writes: readonly Operation[] = writeOperations;

/** A write always meets the present: what is answered from an old state is a read. */
function matches(rule: FaultRule, met: Operation): boolean {
  if (rule.effect === 'staleList' && writes.includes(met)) return false;
  return rule.operation === undefined || rule.operation === met;
}

function isDue({ rule: { nth = 1, times = Infinity }, met, struck }: FaultTally): boolean {
  return met >= nth && struck < times;
}

/** Uniform in [0, 1) from a 32-bit state (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
