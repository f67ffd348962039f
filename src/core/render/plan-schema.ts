import { type Static, type TSchema, Type } from 'typebox';
import type { ChangeId, PlanHash } from '../model/plan.ts';
import { planFormatVersion } from '../plan/identity.ts';
import { environments } from '../words/environments.ts';
import { actions, causes, type HeldReason, type Reason } from '../words/reasons.ts';
import { statuses } from '../words/statuses.ts';

const closed = { additionalProperties: false } as const;

const literals = <const T extends readonly string[]>(words: T, description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...words], description });

const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const Count = (description: string) => Type.Integer({ minimum: 0, description });

const Id = Type.Unsafe<ChangeId>({
  type: 'string',
  pattern: '^c-[0-9a-f]{12}$',
  description: 'Id of a change, for `--allow` and `approve`.',
});

const Time = Type.String({
  pattern: String.raw`^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
  description: 'UTC, RFC 3339.',
});

/** Open on purpose: readers accept reasons they do not know. */
const ReasonWord = Type.Unsafe<Reason>({
  type: 'string',
  description: 'Why it cannot be written, such as `ConfigLocked`. New words may appear.',
});

const HeldWord = Type.Unsafe<HeldReason>({
  type: 'string',
  description:
    'Why it is not written although it could be, such as `GateRefused`. New words may appear.',
});

const Value = Type.Union([Type.String(), Type.Array(Type.String())]);

const ShownValue = Type.Union(
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

const ProgramKeySchema = Type.Object(programKey, closed);

const ReleaseKeySchema = Type.Object(
  {
    ...programKey,
    version: Type.String(),
    app: Type.String(),
    environment: literals(environments, 'The environment of the target app.'),
  },
  closed,
);

const StatusWord = literals(statuses, 'Status of the release record.');

const FieldSchema = Type.Object(
  {
    path: Type.String({
      description:
        'Field name, `environmentVariables/NAME`, or `mark` for the note Fairlead keeps on the record.',
    }),
    before: ShownValue,
    after: ShownValue,
    sensitive: Type.Boolean(),
    cause: literals(causes, 'Why the field differs.'),
    changeId: Id,
    locked: orNull(ReasonWord),
    held: orNull(HeldWord),
    surplus: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Observed entries that stay although undeclared.' }),
    ),
    origins: Type.Array(OriginSchema),
  },
  closed,
);

const ChangeSchema = Type.Object(
  {
    key: Type.Union([ReleaseKeySchema, ProgramKeySchema]),
    name: Type.String({ description: 'Name of the document, for people.' }),
    action: literals(actions, 'What the plan does with it.'),
    status: orNull(StatusWord),
    reasons: Type.Array(ReasonWord),
    nextStep: orNull(Type.String()),
    undo: orNull(Type.String()),
    changeId: Id,
    fields: Type.Array(FieldSchema),
    origins: Type.Array(OriginSchema),
  },
  closed,
);

const SummarySchema = Type.Object(
  {
    create: Count('Records to be created.'),
    adopt: Count('Equal records that get our mark.'),
    update: Count('Records to be written.'),
    unchanged: Count('Records that are as declared.'),
    settled: Count('Differences that take effect with the next version.'),
    waiting: Count('Possible soon by itself.'),
    blocked: Count('A person can act.'),
    held: Count('Changes of which a field is held.'),
    global: Count('Changes of global configuration.'),
    undeclared: Count('Fields set by hand that nobody declares.'),
    unverified: Count('Fields whose secret could not be compared here.'),
    unmanaged: orNull(
      Count('Records of ours that nobody declares any more; null if not looked for.'),
    ),
  },
  { ...closed, description: 'The first seven partition the declared releases.' },
);

const PlatformSchema = Type.Object(
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

/** The JSON document of `plan -o json`. */
export const PlanSchema = Type.Object(
  {
    formatVersion: Type.Literal(planFormatVersion),
    kind: Type.Literal('Plan'),
    planHash: Type.Unsafe<PlanHash>({
      type: 'string',
      minLength: 1,
      description: 'Equal plans, equal hash: keys, preconditions and values, nothing else.',
    }),
    changeId: Id,
    observedAt: Time,
    platforms: Type.Array(PlatformSchema),
    summary: SummarySchema,
    apiCalls: Type.Object({ reads: Count('Calls made.'), writes: Count('Calls to come.') }, closed),
    global: Type.Array(ChangeSchema),
    changes: Type.Array(ChangeSchema),
    undeclared: Type.Array(
      Type.Object(
        { key: Type.Union([ReleaseKeySchema, ProgramKeySchema]), path: Type.String() },
        closed,
      ),
    ),
    unmanaged: orNull(
      Type.Array(Type.Object({ key: ReleaseKeySchema, status: StatusWord }, closed)),
    ),
    problems: Type.Array(ProblemSchema),
  },
  { ...closed, title: 'Plan', description: 'What `fairlead plan -o json` prints.' },
);

export type PlanDocument = Static<typeof PlanSchema>;
export type ChangeDocument = PlanDocument['changes'][number];
export type FieldDocument = ChangeDocument['fields'][number];
export type ProblemDocument = Static<typeof ProblemSchema>;
export type OriginDocument = Static<typeof OriginSchema>;
