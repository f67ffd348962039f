import { Type } from 'typebox';
import { planFormatVersion } from '../plan/identity.ts';
import { causes } from '../words/reasons.ts';
import {
  closed,
  HeldWord,
  Id,
  literals,
  orNull,
  ProgramKeySchema,
  ReleaseKeySchema,
  ShownValue,
  StatusWord,
  Time,
} from './schema-parts.ts';

const Key = Type.Union([ReleaseKeySchema, ProgramKeySchema], {
  description: 'A release, or a program for its global configuration.',
});

/** A commit as outputs show it. */
const CommitSchema = Type.Object(
  {
    id: Type.String(),
    author: orNull(Type.String({ description: 'Name and address, as the commit says.' })),
    subject: orNull(Type.String()),
    at: orNull(Time),
  },
  closed,
);

const explained = {
  commit: orNull(CommitSchema),
  origin: orNull(Type.Object({ file: Type.String(), line: Type.Integer({ minimum: 1 }) }, closed)),
};

const Path = Type.String({
  description: 'Such as `merchantId`, `environmentVariables/NAME` or `mark`.',
});

const Attempt = Type.Object(
  {
    kind: Type.Literal('attempt'),
    at: Time,
    key: Key,
    action: Type.String({ description: '`create`, `update` or `adopt`.' }),
    result: literals(['applied', 'failed'], 'What became of it.'),
    code: orNull(Type.String({ description: 'Of a failure. New words may appear.' })),
    source: Type.String({ description: 'Whose wish it was.' }),
    ...explained,
    approvedBy: orNull(Type.String()),
    changeId: Id,
    requestId: Type.String(),
    fields: Type.Array(
      Type.Object(
        {
          path: Path,
          before: ShownValue,
          after: ShownValue,
          cause: literals(causes, 'Why it differed.'),
          ...explained,
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'A change that was carried out, or tried.' },
);

const Observed = Type.Object(
  {
    kind: Type.Literal('observed'),
    at: Time,
    lastSeenAt: orNull(Time),
    key: Key,
    marked: Type.Boolean({ description: 'Another run of Fairlead wrote it.' }),
    status: orNull(Type.Object({ before: orNull(StatusWord), after: orNull(StatusWord) }, closed)),
    fields: Type.Array(Type.Object({ path: Path, before: ShownValue, after: ShownValue }, closed)),
  },
  {
    ...closed,
    description:
      'A change on the platform that this controller did not make: it was as before at `lastSeenAt` and so at `at`.',
  },
);

const Decision = Type.Object(
  {
    kind: Type.Literal('decision'),
    at: Time,
    key: ProgramKeySchema,
    changeId: Id,
    held: Type.Array(
      Type.Object(
        { key: Key, path: Path, changeId: Id, reason: HeldWord, message: Type.String() },
        closed,
      ),
    ),
  },
  { ...closed, description: 'What was left undone since then.' },
);

const OrderGiven = Type.Object(
  {
    kind: Type.Literal('order'),
    at: Time,
    key: orNull(ProgramKeySchema),
    order: Type.Object({
      kind: literals(['approve', 'suspend', 'resume', 'used'], 'What was ordered.'),
      id: Type.String(),
      at: Time,
      by: Type.String({ description: 'User name of who ordered it.' }),
      ids: Type.Optional(Type.Array(Id)),
      asked: Type.Optional(Type.String()),
      program: Type.Optional(Type.String()),
      reason: Type.Optional(Type.String()),
      until: Type.Optional(Time),
    }),
  },
  { ...closed, description: 'What a person told the controller.' },
);

const CommitInForce = Type.Object(
  {
    kind: Type.Literal('commit'),
    at: Time,
    source: Type.String(),
    commit: CommitSchema,
    before: orNull(Type.String()),
    undeclared: Type.Optional(
      Type.Object(
        { programs: Type.Integer(), releases: Type.Integer() },
        { ...closed, description: 'What is no longer declared, and left alone.' },
      ),
    ),
  },
  { ...closed, description: 'A commit of a source came into force.' },
);

/** The JSON document of `history -o json`. */
export const HistorySchema = Type.Object(
  {
    formatVersion: Type.Literal(planFormatVersion),
    kind: Type.Literal('History'),
    hasMore: Type.Boolean({ description: 'There are older entries that answer, too.' }),
    entries: Type.Array(
      Type.Union([Attempt, Observed, Decision, OrderGiven, CommitInForce], {
        description: 'Newest first.',
      }),
    ),
  },
  { ...closed, title: 'History', description: 'What `fairlead history -o json` prints.' },
);
