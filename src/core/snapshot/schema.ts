import { type Static, Type } from 'typebox';
import { apiVersion, PlatformId, Timestamp } from '../kinds/common.ts';
import { environments } from '../words/environments.ts';
import { statuses } from '../words/statuses.ts';

const closed = { additionalProperties: false } as const;
const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const Lines = Type.Array(Text(2048), { maxItems: 10_000 });
const EnvironmentName = Type.Enum(environments, { type: 'string' });
const StatusName = Type.Enum(statuses, { type: 'string' });
const FieldName = Type.String({
  pattern: '^(clientId|merchantId|serverDomains|wapUrls|testers|environmentVariables/.{1,128})$',
  description: 'A field, or environmentVariables/NAME.',
});

/** How a value came here: read through the platform's interface, from a console export, or seen and vouched for by a person. */
export const SnapshotSource = Type.Union(
  [
    Type.Literal('exported'),
    Type.Literal('imported'),
    Type.Object(
      {
        attested: Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 256, description: 'Who saw it.' }),
            time: Timestamp,
            changeId: Type.Optional(Type.String({ pattern: '^c-[0-9a-f]{12}$' })),
          },
          closed,
        ),
      },
      closed,
    ),
  ],
  { description: 'How it came here: exported, imported, or attested by a person.' },
);
export type SnapshotSource = Static<typeof SnapshotSource>;

const plainFields = {
  clientId: Type.Optional(Text(256)),
  merchantId: Type.Optional(Text(256)),
  serverDomains: Type.Optional(Lines),
  wapUrls: Type.Optional(Lines),
  testers: Type.Optional(Lines),
};

/** A literal that stands in the declarations anyway, or nothing but the fact that the variable is set. */
const Variable = Type.Union([
  Type.Object({ name: Text(128), value: Type.String({ maxLength: 4096 }) }, closed),
  Type.Object({ name: Text(128), set: Type.Literal(true) }, closed),
]);

const ReleaseValues = Type.Object(
  { ...plainFields, environmentVariables: Type.Optional(Type.Array(Variable, { maxItems: 64 })) },
  { ...closed, description: 'A field that is absent inherits, unless it stands in unknown.' },
);
export type SnapshotValues = Static<typeof ReleaseValues>;

const provenance = {
  unknown: Type.Optional(
    Type.Array(FieldName, {
      minItems: 1,
      description: 'Fields nobody has seen: neither set nor not set.',
    }),
  ),
  source: Type.Optional(SnapshotSource),
  sources: Type.Optional(
    Type.Record(FieldName, SnapshotSource, {
      description: 'Where single fields came here another way than the rest.',
    }),
  ),
};
const Mark = Type.Optional(Text(256));

const Global = Type.Object(
  { mark: Mark, config: Type.Object(plainFields, closed), ...provenance },
  closed,
);

const Release = Type.Object(
  {
    version: Text(64),
    app: Text(64),
    environment: EnvironmentName,
    status: StatusName,
    id: Type.Optional(Text(64)),
    mark: Mark,
    config: ReleaseValues,
    frozen: Type.Optional(ReleaseValues),
    ...provenance,
  },
  closed,
);
export type SnapshotRelease = Static<typeof Release>;

const TargetApp = Type.Object(
  {
    app: Text(64),
    name: Type.Optional(Type.String()),
    environments: Type.Array(EnvironmentName),
    environmentVariables: Type.Optional(Type.Boolean()),
    pilotTesting: Type.Optional(Type.Boolean()),
    sandboxReview: Type.Optional(Type.Boolean()),
  },
  closed,
);

/** The first document of a platform: what it is and when it was read. */
export const Snapshot = Type.Object(
  {
    apiVersion: Type.Literal(apiVersion),
    kind: Type.Literal('Snapshot'),
    platform: PlatformId,
    emulator: Type.Boolean({ description: 'The platform says of itself that it is an emulator.' }),
    observedAt: Timestamp,
    capabilities: Type.Object(
      {
        conditionalWrites: Type.Boolean(),
        requestIds: Type.Boolean(),
        marks: Type.Boolean(),
        increments: Type.Boolean(),
        frozen: Type.Boolean(),
        variables: Type.Union([Type.Literal('readable'), Type.Literal('hidden')]),
        maxPageSize: Type.Integer({ minimum: 1 }),
        maxIdsPerFilter: Type.Integer({ minimum: 0 }),
      },
      closed,
    ),
  },
  { ...closed, description: 'What a platform held when it was read, or what people attest of it.' },
);
export type Snapshot = Static<typeof Snapshot>;

/** A program, or a further part of its releases: one document is never too large to be read safely. */
export const SnapshotProgram = Type.Object(
  {
    apiVersion: Type.Literal(apiVersion),
    kind: Type.Literal('SnapshotProgram'),
    platform: PlatformId,
    workspace: Text(64),
    miniProgram: Text(64),
    complete: Type.Boolean({ description: 'Every release of the program stands here.' }),
    exists: Type.Optional(
      Type.Boolean({ description: 'false: the platform does not know the program.' }),
    ),
    name: Type.Optional(Type.String()),
    type: Type.Optional(Type.Union([Type.Literal('DSL'), Type.Literal('H5+')])),
    domainsGranted: Type.Optional(Type.Boolean()),
    global: Type.Optional(Global),
    versions: Type.Optional(Type.Array(Text(64))),
    targets: Type.Optional(Type.Array(TargetApp)),
    releases: Type.Optional(Type.Array(Release)),
  },
  { ...closed, description: 'What a snapshot knows of one program.' },
);
export type SnapshotProgram = Static<typeof SnapshotProgram>;
