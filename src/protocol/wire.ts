import { Type, type Static } from 'typebox';
import { environments } from '../core/words/environments.ts';
import { statuses } from '../core/words/statuses.ts';

/*
 * The bodies of the contract. Requests are closed (an unknown member is PARAM_ILLEGAL); responses are open, since a
 * platform may say more than we understand. docs/platform-api.md and the OpenAPI file are made from this file.
 */

const closed = { additionalProperties: false } as const;
const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const Id = Text(64);
// A union made by mapping has no static type of its own; an enum of a tuple has.
const EnvironmentName = Type.Enum(environments, { type: 'string' });
const StatusName = Type.Enum(statuses, { type: 'string' });
const Mark = Type.String({ minLength: 1, maxLength: 256, description: 'Opaque to the platform.' });
const RequestIdText = Type.String({ minLength: 1, maxLength: 64, description: 'Idempotency key.' });
const Revision = Type.String({
  minLength: 1,
  maxLength: 128,
  description:
    'Changes with configuration or status and nothing else; never returns to an earlier value.',
});
const IfMark = Type.String({
  pattern: '^(absent|[A-Za-z0-9_-]{43})$',
  description: 'SHA-256 (base64url) of the observed mark, or absent.',
});

export const Result = Type.Object({
  resultStatus: Type.Enum(['S', 'F', 'U', 'A'] as const, {
    type: 'string',
    description: 'S done, F failed for good, U unknown, A accepted and not yet done.',
  }),
  resultCode: Type.String({ minLength: 1, maxLength: 64, description: 'See the table of codes.' }),
  resultMessage: Type.Optional(
    Type.String({ maxLength: 256, description: 'For people; never interpreted.' }),
  ),
});
export type Result = Static<typeof Result>;

const strings = Type.Array(Text(2048));
const Variable = Type.Object({
  name: Text(128),
  value: Type.Optional(Type.String({ description: 'Absent where the platform hides values.' })),
});

/** A configuration as the platform reports it; an absent field is inherited, or not set at the global level. */
export const WireConfig = Type.Object({
  clientId: Type.Optional(Text(256)),
  merchantId: Type.Optional(Text(256)),
  serverDomains: Type.Optional(strings),
  wapUrls: Type.Optional(strings),
  testers: Type.Optional(strings),
  environmentVariables: Type.Optional(Type.Array(Variable)),
});
export type WireConfig = Static<typeof WireConfig>;

const newConfig = {
  clientId: Type.Optional(Text(256)),
  merchantId: Type.Optional(Text(256)),
  serverDomains: Type.Optional(strings),
  wapUrls: Type.Optional(strings),
  testers: Type.Optional(strings),
};
const VariableWrite = Type.Object({ name: Text(128), value: Type.String() }, closed);

/** The configuration entered when the target is selected. */
export const WireNewConfig = Type.Object(
  { ...newConfig, environmentVariables: Type.Optional(Type.Array(VariableWrite)) },
  closed,
);
export type WireNewConfig = Static<typeof WireNewConfig>;

const orNull = <S extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Array>>(
  schema: S,
) => Type.Optional(Type.Union([schema, Type.Null()]));
const patch = {
  clientId: orNull(Text(256)),
  merchantId: orNull(Text(256)),
  serverDomains: orNull(strings),
  wapUrls: orNull(strings),
  testers: orNull(strings),
};

/** Absent keeps, null inherits, a list replaces, variables are upserted or removed by name. */
export const WirePatch = Type.Object(
  {
    ...patch,
    environmentVariables: Type.Optional(
      Type.Object(
        {
          upsert: Type.Optional(Type.Array(VariableWrite)),
          remove: Type.Optional(Type.Array(Text(128))),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type WirePatch = Static<typeof WirePatch>;
export const WireGlobalPatch = Type.Object(patch, closed);
export type WireGlobalPatch = Static<typeof WireGlobalPatch>;

export const WireRelease = Type.Object({
  id: Id,
  workspace: Id,
  miniProgram: Id,
  version: Id,
  app: Id,
  environment: EnvironmentName,
  status: StatusName,
  revision: Revision,
  mark: Type.Optional(Mark),
  config: WireConfig,
  /** Effective configuration as it was at applying for release. */
  frozen: Type.Optional(WireConfig),
  testQrCode: Type.Optional(
    Type.String({
      maxLength: 2048,
      description: 'Content of the test QR code; changes with every effective change.',
    }),
  ),
});
export type WireRelease = Static<typeof WireRelease>;

export const WireMiniProgram = Type.Object({
  workspace: Id,
  miniProgram: Id,
  name: Type.Optional(Type.String()),
  type: Type.Optional(Type.Union([Type.Literal('DSL'), Type.Literal('H5+')])),
  domainsGranted: Type.Optional(
    Type.Boolean({ description: 'May edit server domains and WAP URLs. Absent: not known.' }),
  ),
  globalConfig: WireConfig,
  globalRevision: Revision,
  globalMark: Type.Optional(Mark),
});
export type WireMiniProgram = Static<typeof WireMiniProgram>;

export const WireTargetApp = Type.Object({
  app: Id,
  name: Type.Optional(Type.String()),
  environments: Type.Array(EnvironmentName),
  environmentVariables: Type.Optional(
    Type.Boolean({ description: 'Variables are enabled. Absent: not known.' }),
  ),
  pilotTesting: Type.Optional(
    Type.Boolean({ description: 'Releases pass through Pilot Testing.' }),
  ),
  sandboxReview: Type.Optional(Type.Boolean({ description: 'Sandbox releases need an approval.' })),
});
export type WireTargetApp = Static<typeof WireTargetApp>;

const paging = {
  pageSize: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10000, description: 'Pages may be smaller.' }),
  ),
  pageToken: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1024,
      description: '`nextPageToken` of the page before.',
    }),
  ),
};
const paged = {
  nextPageToken: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: 'Absent on the last page.' }),
  ),
};
const programKey = { workspace: Id, miniProgram: Id };
const releaseKey = { ...programKey, version: Id, app: Id, environment: EnvironmentName };
const condition = {
  /** Both may be left out by callers that do not care; Fairlead always sends them. */
  ifRevision: Type.Optional(Revision),
  ifMark: Type.Optional(IfMark),
  requestId: Type.Optional(RequestIdText),
};

/** Request and response body of each operation. A response other than `S` holds `result` alone. */
export const messages = {
  getPlatform: {
    request: Type.Object({}, closed),
    response: Type.Object({
      result: Result,
      platformId: Id,
      emulator: Type.Optional(
        Type.Boolean({ description: 'True: nothing here reaches users. Default false.' }),
      ),
      capabilities: Type.Object({
        conditionalWrites: Type.Boolean({ description: '`ifRevision` and `ifMark` are honoured.' }),
        requestIds: Type.Boolean({
          description: 'A repeated `requestId` is answered from memory for at least 24 hours.',
        }),
        marks: Type.Boolean({ description: 'Marks are stored and returned.' }),
        increments: Type.Boolean({ description: 'Lists of releases give and take a cursor.' }),
        frozen: Type.Boolean({ description: '`frozen` is reported.' }),
        variables: Type.Enum(['readable', 'hidden'] as const, {
          type: 'string',
          description: 'Whether values of environment variables are reported.',
        }),
        maxPageSize: Type.Integer({ minimum: 1, description: 'Most items of a page.' }),
        maxIdsPerFilter: Type.Integer({ minimum: 1, description: 'Most ids of one filter.' }),
      }),
      caller: Type.Object({
        client: Type.String({ description: 'Client-Id of the caller.' }),
        workspaces: Type.Array(
          Type.Object({
            id: Id,
            rights: Type.Array(Type.String({ description: 'In the words of the platform.' })),
          }),
        ),
      }),
    }),
  },
  listMiniPrograms: {
    request: Type.Object(
      { workspace: Id, miniPrograms: Type.Optional(Type.Array(Id)), ...paging },
      closed,
    ),
    response: Type.Object({ result: Result, miniPrograms: Type.Array(WireMiniProgram), ...paged }),
  },
  listVersions: {
    request: Type.Object({ ...programKey, ...paging }, closed),
    response: Type.Object({ result: Result, versions: Type.Array(Id), ...paged }),
  },
  listTargets: {
    request: Type.Object({ ...programKey, ...paging }, closed),
    response: Type.Object({ result: Result, targets: Type.Array(WireTargetApp), ...paged }),
  },
  listReleases: {
    request: Type.Object(
      {
        workspace: Id,
        miniPrograms: Type.Optional(Type.Array(Id)),
        versions: Type.Optional(Type.Array(Id)),
        statuses: Type.Optional(Type.Array(StatusName)),
        cursor: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 1024,
            description: 'Only what changed since the list that gave it.',
          }),
        ),
        ...paging,
      },
      closed,
    ),
    response: Type.Object({
      result: Result,
      releases: Type.Array(WireRelease),
      cursor: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 1024,
          description: 'On the last page: lists later changes.',
        }),
      ),
      ...paged,
    }),
  },
  getRelease: {
    request: Type.Object(releaseKey, closed),
    response: Type.Object({
      result: Result,
      release: Type.Union([WireRelease, Type.Null()], { description: 'null: no such record.' }),
    }),
  },
  createRelease: {
    request: Type.Object(
      {
        ...releaseKey,
        config: WireNewConfig,
        mark: Type.Optional(Mark),
        requestId: Type.Optional(RequestIdText),
      },
      closed,
    ),
    response: Type.Object({ result: Result, release: WireRelease }),
  },
  patchReleaseConfig: {
    request: Type.Object(
      { ...releaseKey, patch: WirePatch, mark: Type.Optional(Mark), ...condition },
      closed,
    ),
    response: Type.Object({ result: Result, release: WireRelease }),
  },
  patchGlobalConfig: {
    request: Type.Object(
      { ...programKey, patch: WireGlobalPatch, mark: Type.Optional(Mark), ...condition },
      closed,
    ),
    response: Type.Object({ result: Result, miniProgram: WireMiniProgram }),
  },
} as const;

export type RequestOf<O extends keyof typeof messages> = Static<(typeof messages)[O]['request']>;
export type ResponseOf<O extends keyof typeof messages> = Static<(typeof messages)[O]['response']>;
