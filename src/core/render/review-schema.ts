import { type Static, Type } from 'typebox';
import { planFormatVersion } from '../plan/identity.ts';
import { environments } from '../words/environments.ts';
import {
  closed,
  Count,
  HashWord,
  Id,
  literals,
  OriginSchema,
  orNull,
  PlatformSchema,
  ProblemSchema,
  ProgramKeySchema,
  ReleaseKeySchema,
  ShownValue,
  StatusWord,
  Time,
} from './schema-parts.ts';

const Commit = Type.Object(
  {
    revision: Type.String({ description: 'As it was given.' }),
    commit: Type.String(),
    author: Type.String({ description: 'As the commit says; nobody has checked it.' }),
  },
  closed,
);

/** Who tests is nobody's business in a pull request: their number stands where another field has its value. */
const ReviewValue = Type.Union([
  ShownValue,
  Type.Object({ state: Type.Literal('counted'), count: Count('Testers.') }, closed),
]);

const FieldSchema = Type.Object(
  {
    path: Type.String({ description: 'Field name, or `environmentVariables/NAME`.' }),
    live: orNull(ReviewValue),
    before: ReviewValue,
    after: ReviewValue,
    added: orNull(Count('Entries a list gains; null for no list, or one that cannot be seen.')),
    removed: orNull(Count('Entries a list loses.')),
    new: Type.Array(Type.String(), { description: 'Domains and URLs this program never had.' }),
    fate: literals(
      ['goes', 'held', 'locked', 'declared'],
      'What becomes of it; `declared` where no platform was asked.',
    ),
    reason: orNull(Type.String({ description: 'Why it does not go. New words may appear.' })),
    secret: orNull(Type.String({ description: 'NAME/KEY of the secret it takes its value from.' })),
    changeId: orNull(Id),
    origins: Type.Array(OriginSchema),
  },
  closed,
);

const effects = [
  ...['create', 'update', 'adopt', 'held', 'blocked', 'waiting', 'settled'],
  ...['declared', 'undeclared', 'dropped'],
] as const;

const TargetSchema = Type.Object(
  {
    key: Type.Union([ReleaseKeySchema, ProgramKeySchema]),
    program: Type.String({ description: 'What people call the program.' }),
    name: Type.String({ description: 'Name of the document.' }),
    effect: Type.String({
      description: `What becomes of the target: ${effects.map((one) => `\`${one}\``).join(', ')}.`,
    }),
    status: orNull(StatusWord),
    reasons: Type.Array(Type.String()),
    nextStep: orNull(Type.String()),
    undo: orNull(Type.String()),
    live: orNull(Type.Object({ version: Type.String(), status: StatusWord }, closed)),
    changeId: orNull(Id),
    fields: Type.Array(FieldSchema, { description: 'What the pull request changes.' }),
    riding: Type.Array(Type.String(), { description: 'Fields that were pending before.' }),
    reach: Type.Array(ReleaseKeySchema, {
      description: 'Records that a global configuration reaches at once.',
    }),
    origins: Type.Array(OriginSchema),
  },
  closed,
);

export const verdicts = [
  'nothing',
  'changes',
  'waiting',
  'held',
  'blocked',
  'invalid',
  'unjudged',
] as const;

const StatusSchema = Type.Object(
  {
    context: Type.String({ description: 'Such as `fairlead/production`; `fairlead/plan` is all.' }),
    environment: orNull(literals(environments, 'Null: all.')),
    verdict: literals(verdicts, 'The worst of it.'),
    state: literals(
      ['success', 'failure', 'error'],
      'What a forge shows, by the rules that the base branch has; `error`: there is no verdict.',
    ),
    sentence: Type.String({ description: 'Counts in words, at most 140 characters.' }),
  },
  closed,
);

const AnnotationSchema = Type.Object(
  {
    file: Type.String(),
    line: Type.Integer({ minimum: 1 }),
    column: Type.Integer({ minimum: 1 }),
    level: literals(['error', 'warning', 'notice'], 'How loud.'),
    title: Type.String(),
    message: Type.String({ description: 'Plain text, part of it written by others.' }),
  },
  closed,
);

const LineSchema = Type.Object(
  {
    file: Type.String(),
    line: Type.Integer({ minimum: 1 }),
    fields: Type.Array(Type.String()),
    environments: Type.Array(literals(environments, 'Where it counts.')),
    apps: Type.Array(Type.String()),
    programs: Type.Array(Type.String()),
  },
  closed,
);

const OthersSchema = Type.Object(
  {
    isListed: Type.Boolean({ description: 'False: the forge did not say which there are.' }),
    overlaps: Type.Array(
      Type.Object(
        {
          pull: Type.Integer({ minimum: 1 }),
          key: Type.Union([ReleaseKeySchema, ProgramKeySchema]),
          kind: literals(
            ['claim', 'fields'],
            '`claim`: both declare it for the first time; `fields`: both change these, to different values.',
          ),
          fields: Type.Array(Type.String()),
        },
        closed,
      ),
    ),
    unread: Type.Array(Type.Integer({ minimum: 1 }), { description: 'Could not be read.' }),
    tooLarge: Type.Array(Type.Integer({ minimum: 1 }), {
      description: 'Not read: it would cost more than a review spends on others.',
    }),
    left: Count('Older ones that nobody looked at.'),
  },
  { ...closed, description: 'What other open pull requests into the branch want of the same.' },
);

const PublishedSchema = Type.Object(
  {
    pull: Type.Integer({ minimum: 1 }),
    comment: literals(
      ['created', 'edited', 'unchanged', 'superseded', 'failed'],
      '`superseded`: the pull request moved on, and nothing more was written.',
    ),
    statuses: Type.Array(
      Type.Object(
        {
          context: Type.String(),
          state: literals(['pending', 'success', 'failure', 'error'], 'As it was set.'),
          description: Type.String(),
        },
        closed,
      ),
      { description: 'Those that were written; the others stood there already.' },
    ),
    annotations: literals(['written', 'unchanged', 'failed'], 'Remarks at lines.'),
    sarif: literals(['uploaded', 'unsupported', 'unchanged', 'failed'], 'Code scanning.'),
    unwritten: Type.Array(
      Type.Object(
        {
          what: literals(['comment', 'statuses', 'annotations', 'sarif'], 'What is missing.'),
          code: Type.String(),
          message: Type.String(),
          nextStep: orNull(Type.String()),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'What was written to the pull request, with `--forge`.' },
);

/** The JSON document of `review -o json`. */
export const ReviewSchema = Type.Object(
  {
    formatVersion: Type.Literal(planFormatVersion),
    kind: Type.Literal('Review'),
    headline: Type.String({ description: 'The first line, as plain text.' }),
    sentences: Type.Array(Type.String()),
    base: Commit,
    head: Commit,
    mergeBase: Type.String(),
    against: literals(
      ['platform', 'snapshot', 'declarations'],
      'What the declarations were held against; `declarations`: against each other alone.',
    ),
    observedAt: orNull(Time),
    platforms: Type.Array(PlatformSchema),
    planHash: orNull(HashWord),
    changeId: orNull(Id),
    apiCalls: Type.Object({ reads: Count('Calls made.') }, closed),
    targets: Type.Array(TargetSchema),
    ridesAlong: Type.Array(
      Type.Object(
        {
          key: Type.Union([ReleaseKeySchema, ProgramKeySchema]),
          program: Type.String(),
          fields: Type.Array(Type.String()),
        },
        closed,
      ),
      { description: 'Pending before, and made with the pull request or without it.' },
    ),
    untouched: Type.Object({ targets: Count('Declared.'), programs: Count('Declared.') }, closed),
    unjudged: Type.Array(
      Type.Object(
        {
          key: ProgramKeySchema,
          name: Type.String(),
          code: Type.String(),
          message: Type.String(),
          nextStep: orNull(Type.String()),
        },
        closed,
      ),
      { description: 'Programs without a verdict.' },
    ),
    secretsNotCompared: Count('Secrets whose value nobody looked at.'),
    problems: Type.Array(ProblemSchema, { description: 'That the pull request brings.' }),
    olderProblems: Type.Object({ errors: Count('Errors.'), warnings: Count('Warnings.') }, closed),
    others: orNull(OthersSchema),
    statuses: Type.Array(StatusSchema),
    annotations: Type.Array(AnnotationSchema),
    lines: Type.Array(LineSchema, {
      description: 'What each line decides: for finding who must look at it.',
    }),
    published: Type.Optional(PublishedSchema),
  },
  { ...closed, title: 'Review', description: 'What `fairlead review -o json` prints.' },
);

export type ReviewDocument = Static<typeof ReviewSchema>;
