import { Type, type Static } from 'typebox';

import { environments } from '../../core/words/environments.ts';
import { statuses } from '../../core/words/statuses.ts';
import { WireNewConfig } from '../../protocol/wire.ts';

/*
 * The world file: what people write by hand and what a dump writes. Members that a dump alone needs are optional, and
 * made up deterministically where they are missing.
 */

const closed = { additionalProperties: false } as const;
const Id = Type.String({ minLength: 1, maxLength: 64 });
const Ids = Type.Array(Id);
const Count = Type.Integer({ minimum: 0 });
const Mark = Type.String({ minLength: 1, maxLength: 256 });

const AppEntry = Type.Object(
  {
    id: Id,
    name: Type.Optional(Type.String({ description: 'Default: the id.' })),
    environments: Type.Optional(
      Type.Array(Type.Enum(environments, { type: 'string' }), {
        minItems: 1,
        description: 'Default: Production alone.',
      }),
    ),
    pilotTesting: Type.Optional(Type.Boolean({ description: 'Default false.' })),
    sandboxReview: Type.Optional(Type.Boolean({ description: 'Default false.' })),
    environmentVariables: Type.Optional(Type.Boolean({ description: 'Default false.' })),
  },
  closed,
);

const ClientEntry = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 128 }),
    publicKeyFile: Type.Optional(
      Type.String({ description: 'SPKI, PEM; relative to the world file.' }),
    ),
    publicKey: Type.Optional(Type.String({ description: 'SPKI, PEM.' })),
    keyVersion: Type.Optional(Type.Integer({ minimum: 1, description: 'Default 1.' })),
  },
  closed,
);

const ReleaseEntry = Type.Object(
  {
    version: Id,
    app: Id,
    environment: Type.Enum(environments, { type: 'string' }),
    status: Type.Optional(
      Type.Enum(statuses, { type: 'string', description: 'Default NewVersionCreated.' }),
    ),
    config: Type.Optional(WireNewConfig),
    mark: Type.Optional(Mark),
    frozen: Type.Optional(WireNewConfig),
    percentage: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    testQrCode: Type.Optional(Type.String()),
    id: Type.Optional(Id),
    seq: Type.Optional(Count),
    revision: Type.Optional(Count),
    changed: Type.Optional(Count),
    inherits: Type.Optional(WireNewConfig),
  },
  closed,
);

const ProgramEntry = Type.Object(
  {
    id: Id,
    name: Type.Optional(Type.String({ description: 'Default: the id.' })),
    type: Type.Optional(Type.Enum(['DSL', 'H5+'] as const, { description: 'Default DSL.' })),
    domainsGranted: Type.Optional(
      Type.Boolean({
        description: 'Whether it may edit server domains and WAP URLs. Default false.',
      }),
    ),
    variablesFeature: Type.Optional(
      Type.Boolean({
        description: 'Whether it has the feature of environment variables. Default true.',
      }),
    ),
    admins: Type.Optional(Ids),
    developers: Type.Optional(Ids),
    versions: Type.Optional(Ids),
    globalConfig: Type.Optional(Type.Omit(WireNewConfig, ['environmentVariables'], closed)),
    globalMark: Type.Optional(Mark),
    globalRevision: Type.Optional(Count),
    releases: Type.Optional(Type.Array(ReleaseEntry)),
  },
  closed,
);

const WorkspaceEntry = Type.Object(
  {
    id: Id,
    admins: Type.Optional(
      Type.Array(Type.String(), { description: 'Default: every client of the file.' }),
    ),
    miniPrograms: Type.Optional(Type.Array(ProgramEntry)),
  },
  closed,
);

const ApprovalEntry = Type.Object(
  {
    id: Id,
    category: Type.Enum(['Release', 'Removal'] as const),
    release: Id,
    status: Type.Enum(['InReview', 'Approved', 'Rejected', 'Withdrawn'] as const),
    submittedBy: Type.String(),
    createdAt: Type.Integer(),
    completedAt: Type.Optional(Type.Integer()),
    reason: Type.Optional(Type.String()),
  },
  closed,
);

export const WorldFile = Type.Object(
  {
    platformId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Default emulator.' }),
    ),
    apps: Type.Optional(Type.Array(AppEntry)),
    clients: Type.Optional(
      Type.Array(ClientEntry, { minItems: 1, description: 'Default: one, fairlead-ci.' }),
    ),
    workspaces: Type.Optional(Type.Array(WorkspaceEntry)),
    approvals: Type.Optional(Type.Array(ApprovalEntry)),
    switches: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    counter: Type.Optional(Count),
  },
  closed,
);

export type WorldFile = Static<typeof WorldFile>;
export type AppEntry = Static<typeof AppEntry>;
export type ProgramEntry = Static<typeof ProgramEntry>;
export type ReleaseEntry = Static<typeof ReleaseEntry>;
export type WorkspaceEntry = Static<typeof WorkspaceEntry>;
