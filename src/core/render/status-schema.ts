import { Type, type TProperties, type TSchema } from 'typebox';
import { planFormatVersion } from '../plan/identity.ts';
import {
  Count,
  HeldWord,
  Id,
  literals,
  orNull,
  ProgramKeySchema,
  ReasonWord,
  Time,
} from './schema-parts.ts';
import { stateOrder } from './status-document.ts';

/* Open: a newer controller says more. What is not known is absent, but for the keys of the document itself. */

const Text = Type.String();
const Optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

const Trouble = Type.Object({ code: Text, message: Text, nextStep: Optional(Text) });

/** What sources, connections and programs have in common. */
const standing = (words: readonly string[]): TProperties => ({
  state: literals(words, 'How it stands.'),
  since: Time,
  trouble: Optional(Trouble),
});

const Source = Type.Object({
  name: Text,
  url: Type.String({ description: 'Without any credential.' }),
  ref: Text,
  ...standing(['Reading', 'Ready', 'Failing', 'Rewound']),
  changeId: Optional(Id),
  commit: Optional(
    Type.Object({
      id: Text,
      author: Optional(Text),
      subject: Optional(Text),
      at: Optional(Time),
      ref: Optional(Type.String({ description: 'The tag by which it was found.' })),
    }),
  ),
  completed: Optional(Type.String({ description: 'The last commit that was acted on whole.' })),
  documents: Count('Documents that the source declares.'),
  problems: Type.Array(Text, { description: '`file:line: message`, the first of them.' }),
  problemCount: Count('All of them.'),
  undeclared: Optional(
    Type.Object(
      {
        programs: Count('Programs.'),
        releases: Count('Targets that no version is declared for any more.'),
      },
      { description: 'Declared since the controller started and not any more; left alone.' },
    ),
  ),
  lookedAt: Optional(Time),
  nextLookAt: Optional(Time),
  credentialExpiresAt: Optional(Time),
  reviews: Optional(
    Type.Object(
      {
        open: Count('Open pull requests into the branch.'),
        waiting: Count('Those whose last push has no verdict yet.'),
        reviewedAt: Optional(Time),
        trouble: Optional(Trouble),
      },
      { description: 'Of pull requests; absent where none are reviewed here.' },
    ),
  ),
});

const Connection = Type.Object({
  name: Text,
  platform: Text,
  ...standing(['Starting', 'Ready', 'Failing', 'Suspended']),
  sweptAt: Optional(Time),
  nextSweepAt: Optional(Time),
  programs: Count('Programs under watch.'),
  releases: Count('Release records under watch.'),
  requestsPerSecond: Type.Number(),
  rateNow: Type.Number({ description: 'Calls a second after what the platform answered.' }),
  queued: Type.Object({ hot: Count('Changed programs.'), sweep: Count('Others.') }),
  credentialExpiresAt: Optional(Time),
});

const Program = Type.Object({
  id: Text,
  key: ProgramKeySchema,
  names: Type.Array(Text, { description: 'Of its MiniProgram documents.' }),
  connection: Text,
  sources: Type.Array(Text),
  ...standing(stateOrder),
  message: Optional(Text),
  targets: Type.Object({ total: Count('Declared targets.'), done: Count('As declared.') }),
  held: Type.Array(
    Type.Object({
      where: Type.String({ description: '`2.5.0/megapay/Production`, or `global`.' }),
      path: Text,
      reason: HeldWord,
      message: Text,
      changeId: Id,
      change: Id,
      plan: Id,
    }),
  ),
  blocked: Type.Array(
    Type.Object({ where: Text, reasons: Type.Array(ReasonWord), nextStep: Optional(Text) }),
  ),
  changeId: Optional(Id),
  pendingSince: Optional(Time),
  plannedAt: Optional(Time),
  nextAt: Optional(Time),
});

const Summary = Type.Object({
  programs: Count('Programs that were asked for.'),
  byState: Type.Object(
    Object.fromEntries(stateOrder.map((state) => [state, Count('Programs of this state.')])),
  ),
  held: Count('Changes that wait for a person’s word, or for their policy.'),
  blocked: Count('Targets for which a person must act elsewhere.'),
  oldestPending: orNull(Type.Object({ program: Text, since: Time })),
  nextAt: orNull(Time),
});

/** The JSON document of `status -o json`. */
export const StatusSchema = Type.Object(
  {
    formatVersion: Type.Literal(planFormatVersion),
    kind: Type.Literal('Status'),
    running: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'Whether a controller runs on the state directory; null where nobody can tell.',
    }),
    stateDir: Text,
    writtenAt: orNull(Time),
    ageMs: orNull(Count('How old the rest is.')),
    summary: Summary,
    version: orNull(Text),
    startedAt: orNull(Time),
    config: orNull(Type.Object({ file: Text, loadedAt: Time, trouble: Optional(Trouble) })),
    suspended: orNull(Type.Object({ reason: Text, by: Text, until: Optional(Time) })),
    ledgerTrouble: orNull(Text),
    sources: Type.Array(Source),
    connections: Type.Array(Connection),
    programs: Type.Array(Program),
  },
  { title: 'Status', description: 'What `fairlead status -o json` prints.' },
);
