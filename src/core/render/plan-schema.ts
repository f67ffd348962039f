import { type Static, Type } from 'typebox';
import { planFormatVersion } from '../plan/identity.ts';
import { actions, causes } from '../words/reasons.ts';
import {
  closed,
  Count,
  HashWord,
  HeldWord,
  Id,
  literals,
  OriginSchema,
  orNull,
  PlatformSchema,
  ProblemSchema,
  ProgramKeySchema,
  ReasonWord,
  ReleaseKeySchema,
  ShownValue,
  StatusWord,
  Time,
} from './schema-parts.ts';

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

/** The JSON document of `plan -o json`. */
export const PlanSchema = Type.Object(
  {
    formatVersion: Type.Literal(planFormatVersion),
    kind: Type.Literal('Plan'),
    planHash: HashWord,
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
