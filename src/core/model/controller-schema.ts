import { Type, type TSchema } from 'typebox';

/*
 * What a controller says of itself, as a reader takes it from a file. Open: a newer controller may say more, and may
 * use words for reasons and codes that this version does not know.
 */

const Text = Type.String();
const Moment = Type.Integer();
const Count = Type.Integer({ minimum: 0 });
const Id = Type.String({ pattern: '^c-[0-9a-f]{12}$' });
const Words = (words: readonly string[]) =>
  Type.Unsafe<string>({ type: 'string', enum: [...words] });
const Optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

const Commit = Type.Object({
  id: Text,
  author: Optional(Text),
  subject: Optional(Text),
  at: Optional(Moment),
  ref: Optional(Text),
});

const Trouble = Type.Object({ code: Text, message: Text, nextStep: Optional(Text) });

const Source = Type.Object({
  name: Text,
  url: Text,
  ref: Text,
  state: Words(['Reading', 'Ready', 'Failing', 'Rewound']),
  since: Moment,
  trouble: Optional(Trouble),
  changeId: Optional(Id),
  commit: Optional(Commit),
  completed: Optional(Text),
  documents: Count,
  problems: Type.Array(Text),
  problemCount: Count,
  undeclared: Optional(Type.Object({ programs: Count, releases: Count })),
  lookedAt: Optional(Moment),
  nextLookAt: Optional(Moment),
  credentialExpiresAt: Optional(Moment),
});

const Connection = Type.Object({
  name: Text,
  platform: Text,
  state: Words(['Starting', 'Ready', 'Failing', 'Suspended']),
  since: Moment,
  trouble: Optional(Trouble),
  sweptAt: Optional(Moment),
  nextSweepAt: Optional(Moment),
  sweepIntervalMs: Optional(Type.Number()),
  programs: Count,
  releases: Count,
  requestsPerSecond: Type.Number(),
  rateNow: Type.Number(),
  queued: Type.Object({ hot: Count, sweep: Count }),
  credentialExpiresAt: Optional(Moment),
});

const Held = Type.Object({
  where: Text,
  path: Text,
  reason: Text,
  message: Text,
  changeId: Id,
  change: Id,
  plan: Id,
});

const Blocked = Type.Object({ where: Text, reasons: Type.Array(Text), nextStep: Optional(Text) });

const Suspended = Type.Object({ reason: Text, by: Text, until: Optional(Moment) });

const Program = Type.Object({
  id: Text,
  key: Type.Object({ platform: Text, workspace: Text, miniProgram: Text }),
  names: Type.Array(Text),
  connection: Text,
  sources: Type.Array(Text),
  state: Words(['Unknown', 'InSync', 'Pending', 'Held', 'Blocked', 'Suspended', 'Failing']),
  since: Moment,
  message: Optional(Text),
  trouble: Optional(Trouble),
  suspended: Optional(Suspended),
  targets: Type.Object({ total: Count, done: Count }),
  held: Type.Array(Held),
  blocked: Type.Array(Blocked),
  changeId: Optional(Id),
  pendingSince: Optional(Moment),
  plannedAt: Optional(Moment),
  nextAt: Optional(Moment),
});

/** `ControllerStatus` of `controller.ts`. */
export const ControllerStatusSchema = Type.Object({
  formatVersion: Type.Literal(1),
  kind: Type.Literal('ControllerStatus'),
  version: Text,
  startedAt: Moment,
  at: Moment,
  config: Type.Object({ file: Text, loadedAt: Moment, trouble: Optional(Trouble) }),
  sources: Type.Array(Source),
  connections: Type.Array(Connection),
  programs: Type.Array(Program),
  suspended: Optional(Suspended),
  ledgerTrouble: Optional(Text),
});
