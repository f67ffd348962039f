import { Type, type Static } from 'typebox';
import { EnvironmentName, kindSchema, Moment, ObjectName, PlatformId } from './common.ts';

const Names = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { minItems: 1, description });

/** A value the administrator keeps elsewhere: in a file beside the settings, a variable of the process, or a Secret of the controller's namespace. */
export const KeyFrom = Type.Object(
  {
    file: Type.Optional(
      Type.String({ minLength: 1, description: 'A path, relative to the settings file.' }),
    ),
    env: Type.Optional(Type.String({ minLength: 1, description: 'A variable of the process.' })),
    secretKeyRef: Type.Optional(
      Type.Object(
        { name: ObjectName, key: Type.String({ minLength: 1, description: 'The key in it.' }) },
        { additionalProperties: false, description: "A Secret of the controller's namespace." },
      ),
    ),
  },
  { additionalProperties: false, description: 'Exactly one of file, env and secretKeyRef.' },
);

export const Grant = Type.Object(
  {
    namespaces: Type.Optional(Names('Kubernetes namespaces; "*" is every one.')),
    namespaceSelector: Type.Optional(
      Type.Object(
        {
          matchLabels: Type.Record(Type.String(), Type.String(), {
            description: 'Labels the namespace has.',
          }),
        },
        { additionalProperties: false, description: 'Namespaces by label.' },
      ),
    ),
    sources: Type.Optional(Names('GitSources by name.')),
    cli: Type.Optional(
      Type.Literal(true, { description: 'Plain files given to the command line.' }),
    ),
    workspaces: Type.Optional(Names('Workspaces that may be declared; omitted, all.')),
    miniPrograms: Type.Optional(Names('Mini program ids; omitted, all.')),
    environments: Type.Optional(
      Type.Array(EnvironmentName, { minItems: 1, description: 'Omitted, all.' }),
    ),
  },
  { additionalProperties: false },
);

const Threshold = (description: string) =>
  Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Literal('off')], { description }));
const Always = (description: string) =>
  Type.Optional(Type.Union([Type.Literal('ask'), Type.Literal('off')], { description }));

export const GatesSpec = Type.Object(
  {
    maxChanges: Threshold('Most changes of one program in a plan. Default 50.'),
    maxPercent: Threshold(
      'Most percent of at least 10 existing releases whose effective configuration changes. Default 30.',
    ),
    maxPrograms: Threshold('Most programs one commit may change. Default 20.'),
    clearTesters: Always('Clearing all testers. Default ask.'),
    clearDomains: Always('Clearing all server domains or WAP URLs. Default ask.'),
    productionPayee: Always('Changing a set merchant or client id in Production. Default ask.'),
  },
  { additionalProperties: false, description: 'Seat belts; each may be off.' },
);

const Routes = Type.Object(
  Object.fromEntries(
    [
      'getPlatform',
      'listMiniPrograms',
      'listVersions',
      'listTargets',
      'listReleases',
      'getRelease',
      'createRelease',
      'patchReleaseConfig',
      'patchGlobalConfig',
    ].map((name) => [
      name,
      Type.Optional(
        Type.String({ pattern: '^[A-Za-z0-9._~/-]+$', description: `Route of ${name}.` }),
      ),
    ]),
  ),
  {
    additionalProperties: false,
    description: 'Route names behind the prefix, where a tenant has other ones.',
  },
);

export const PlatformConnection = kindSchema(
  'PlatformConnection',
  Type.Object(
    {
      platformId: PlatformId,
      driver: Type.Union([Type.Literal('http'), Type.Literal('emulator')], {
        description:
          'http speaks the contract of docs/platform-api.md; emulator starts the local platform.',
      }),
      endpoint: Type.Optional(
        Type.String({
          pattern: '^https?://',
          maxLength: 2048,
          description: 'Scheme, host and port. https unless loopback.',
        }),
      ),
      pathPrefix: Type.Optional(
        Type.String({
          pattern: '^/([A-Za-z0-9._~-]+/)*$',
          description: 'Path before the routes. Default /api/.',
        }),
      ),
      routes: Type.Optional(Routes),
      signedPath: Type.Optional(
        Type.Union([Type.Literal('full'), Type.Literal('withoutPrefix')], {
          description: 'Which path is signed. Default full.',
        }),
      ),
      signatureEncoding: Type.Optional(
        Type.Union(
          [Type.Literal('urlEncodedBase64'), Type.Literal('base64'), Type.Literal('base64url')],
          {
            description:
              'How signatures are sent; all three are understood. Default urlEncodedBase64.',
          },
        ),
      ),
      requestTime: Type.Optional(
        Type.Union([Type.Literal('iso8601'), Type.Literal('epochMs')], {
          description: 'Form of Request-Time. Default iso8601.',
        }),
      ),
      clientId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 128,
          description: 'Our client id at the platform.',
        }),
      ),
      keyVersion: Type.Optional(
        Type.Integer({ minimum: 1, description: 'Version of our key. Default 1.' }),
      ),
      privateKey: Type.Optional(KeyFrom),
      platformPublicKey: Type.Optional(KeyFrom),
      fingerprintKey: Type.Optional(KeyFrom),
      previousFingerprintKeys: Type.Optional(
        Type.Array(KeyFrom, { maxItems: 4, description: 'Keys of before a rotation.' }),
      ),
      credentialExpiresAt: Type.Optional(
        Moment('When our key ends at the platform; shown in status and metrics.'),
      ),
      caFile: Type.Optional(
        Type.String({ minLength: 1, description: 'Extra certificate authorities, PEM.' }),
      ),
      dataDir: Type.Optional(
        Type.String({ minLength: 1, description: 'driver emulator: where its data live.' }),
      ),
      worldFile: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'driver emulator: the world a new data directory starts with.',
        }),
      ),
      timeoutSeconds: Type.Optional(
        Type.Number({
          minimum: 0.1,
          maximum: 300,
          description: 'Deadline of one call. Default 30.',
        }),
      ),
      requestsPerSecond: Type.Optional(
        Type.Number({ minimum: 0.1, maximum: 1000, description: 'Rate budget. Default 10.' }),
      ),
      maxWriters: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 16,
          description: 'Writes of one program at a time. Default 4.',
        }),
      ),
      grants: Type.Optional(
        Type.Array(Grant, { description: 'Who may declare what through this connection.' }),
      ),
      gates: Type.Optional(GatesSpec),
      suspend: Type.Optional(
        Type.Object(
          {
            reason: Type.String({ minLength: 1, description: 'Why; shown wherever the plan is.' }),
          },
          {
            additionalProperties: false,
            description: 'Plan and report; write nothing through this connection.',
          },
        ),
      ),
    },
    {
      additionalProperties: false,
      description: 'How the platform is reached, how fast, and who may declare what.',
    },
  ),
  "How to reach a platform, and who may declare what there. The administrator's, never a team's.",
);

export type PlatformConnection = Static<typeof PlatformConnection>;
export type GrantSpec = Static<typeof Grant>;
export type GatesSpec = Static<typeof GatesSpec>;
export type KeyFrom = Static<typeof KeyFrom>;
