import { type TSchema, Type } from 'typebox';
import type { ChangeId, PlanHash } from '../model/plan.ts';
import { environments } from '../words/environments.ts';
import type { HeldReason, Reason } from '../words/reasons.ts';
import { statuses } from '../words/statuses.ts';

export const closed = { additionalProperties: false } as const;

export const literals = <const T extends readonly string[]>(words: T, description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...words], description });

export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const Id = Type.Unsafe<ChangeId>({
  type: 'string',
  pattern: '^c-[0-9a-f]{12}$',
  description: 'Id of a change, for `--allow` and `approve`.',
});

export const HashWord = Type.Unsafe<PlanHash>({
  type: 'string',
  pattern: '^[0-9A-Za-z_-]{43}$',
  description: 'Equal plans, equal hash: keys, preconditions and values, nothing else.',
});

export const Time = Type.String({
  pattern: String.raw`^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
  description: 'UTC, RFC 3339.',
});

/** Open on purpose: readers accept reasons they do not know. */
export const ReasonWord = Type.Unsafe<Reason>({
  type: 'string',
  description: 'Why it cannot be written, such as `ConfigLocked`. New words may appear.',
});

export const HeldWord = Type.Unsafe<HeldReason>({
  type: 'string',
  description:
    'Why it is not written although it could be, such as `GateRefused`. New words may appear.',
});

const Value = Type.Union([Type.String(), Type.Array(Type.String())]);

export const ShownValue = Type.Union(
  [
    Type.Object({ state: Type.Literal('value'), value: Value }, closed),
    Type.Object({ state: Type.Literal('inherited'), value: Type.Optional(Value) }, closed),
    Type.Object(
      {
        state: Type.Literal('secret'),
        fingerprint: Type.String({ description: 'Tells two secrets apart; tells nothing else.' }),
      },
      closed,
    ),
    Type.Object(
      { state: literals(['unset', 'unverified', 'unknown'], 'There is no value to show.') },
      closed,
    ),
  ],
  { description: 'A value as it may be shown; never a secret.' },
);

export const OriginSchema = Type.Union(
  [
    Type.Object(
      {
        file: Type.String(),
        line: Type.Integer({ minimum: 1 }),
        column: Type.Integer({ minimum: 1 }),
        commit: Type.Optional(Type.String()),
      },
      closed,
    ),
    Type.Object(
      {
        object: Type.Object(
          {
            kind: Type.String(),
            namespace: Type.Optional(Type.String()),
            name: Type.String(),
            generation: Type.Optional(Type.Integer()),
          },
          closed,
        ),
        path: Type.String({ description: 'JSON Pointer into the object.' }),
      },
      closed,
    ),
  ],
  { description: 'Where it was written: a file, or an object of a cluster.' },
);

const programKey = {
  platform: Type.String(),
  workspace: Type.String(),
  miniProgram: Type.String(),
};

export const ProgramKeySchema = Type.Object(programKey, closed);

export const ReleaseKeySchema = Type.Object(
  {
    ...programKey,
    version: Type.String(),
    app: Type.String(),
    environment: literals(environments, 'The environment of the target app.'),
  },
  closed,
);

export const StatusWord = literals(statuses, 'Status of the release record.');

export const PlatformSchema = Type.Object(
  {
    connection: Type.String(),
    platform: Type.String(),
    driver: Type.String(),
    emulator: Type.Boolean({ description: 'True: no real platform was asked.' }),
    attestedAt: orNull(Time),
  },
  closed,
);

export const ProblemSchema = Type.Object(
  {
    rule: Type.String(),
    severity: literals(['error', 'warning', 'info'], 'How bad it is.'),
    message: Type.String(),
    nextStep: Type.Optional(Type.String()),
    origin: orNull(OriginSchema),
    related: Type.Optional(Type.Array(OriginSchema)),
  },
  closed,
);
