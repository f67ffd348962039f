import { Type, type Static } from 'typebox';
import { kindSchema, ObjectName } from './common.ts';
import { KeyFrom } from './platform-connection.ts';

const SecretValue = Type.Object(
  {
    env: Type.Optional(Type.String({ minLength: 1, description: 'A variable of the process.' })),
    file: Type.Optional(
      Type.String({ minLength: 1, description: 'A path, relative to this file.' }),
    ),
    encrypted: Type.Optional(
      Type.Object(
        {
          file: Type.String({
            minLength: 1,
            maxLength: 1024,
            description: 'A document that sops encrypted, by its path in the source.',
          }),
          key: Type.String({
            minLength: 1,
            maxLength: 1024,
            description: 'Where the value stands in it: names joined with dots.',
          }),
        },
        {
          additionalProperties: false,
          description: 'A value in an encrypted document of the source that declares.',
        },
      ),
    ),
  },
  { additionalProperties: false, description: 'Exactly one of env, file and encrypted.' },
);

const SecretMapping = Type.Object(
  {
    name: ObjectName,
    for: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          'Who may use it: "cli" and GitSource names. Required as soon as a GitSource stands in the file.',
      }),
    ),
    keys: Type.Record(Type.String(), SecretValue, {
      description: 'Where each key of the secret is kept.',
    }),
  },
  { additionalProperties: false },
);

const AgeIdentity = Type.Object(
  {
    ...KeyFrom.properties,
    for: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          'Whose documents it opens: "cli" and GitSource names. Omitted, everybody\'s. Required where several sources have encrypted documents: one could copy another\'s.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** How often things happen by themselves. */
const Intervals = Type.Object(
  {
    sweepSeconds: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 604_800,
        description: 'How often the platform is read whole to find drift. Default 300.',
      }),
    ),
    sweepSchedule: Type.Optional(
      Type.String({
        minLength: 9,
        maxLength: 128,
        description: 'A cron expression of five fields in place of sweepSeconds.',
      }),
    ),
    timeZone: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Of sweepSchedule. Default UTC.' }),
    ),
    secretSeconds: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 86_400,
        description: 'How often secrets are read again to find a rotation. Default 60.',
      }),
    ),
    relistSeconds: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 86_400,
        description:
          'run --kubernetes: after how long objects are listed anew, which finds what a watch left out. Default 900.',
      }),
    ),
    silenceSeconds: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 3600,
        description:
          'run --kubernetes: a watch that says nothing for so long is begun anew; an API server speaks once a minute. Default 70.',
      }),
    ),
  },
  { additionalProperties: false, description: 'How often things happen by themselves.' },
);

const Webhook = Type.Object(
  {
    name: ObjectName,
    form: Type.Union(
      [
        Type.Literal('github'),
        Type.Literal('gitlab'),
        Type.Literal('gitea'),
        Type.Literal('generic'),
      ],
      {
        description:
          'Who calls. generic: X-Signature-256: sha256=HEX of the body, X-Delivery: an id.',
      },
    ),
    secret: KeyFrom,
    sources: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description: 'GitSources that are looked at after a call. Omitted, all.',
      }),
    ),
  },
  { additionalProperties: false },
);

const Server = Type.Object(
  {
    listen: Type.Optional(
      Type.String({
        pattern: '^(\\[[0-9a-fA-F:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$',
        description: 'HOST:PORT of health, metrics and webhooks; --listen goes before it.',
      }),
    ),
    webhooks: Type.Optional(
      Type.Array(Webhook, { description: 'Served at /webhooks/NAME; only a hint to look now.' }),
    ),
  },
  { additionalProperties: false, description: 'What `fairlead run` serves.' },
);

const LeaseSeconds = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0.1, maximum: 3600, description }));

const Leases = Type.Object(
  {
    durationSeconds: LeaseSeconds(
      'A Lease that was not renewed for so long may be taken. Default 15.',
    ),
    renewSeconds: LeaseSeconds(
      'A controller that could not renew for so long stops by itself. Default 10.',
    ),
    retrySeconds: LeaseSeconds('Between two renewals. Default 2.'),
  },
  {
    additionalProperties: false,
    description:
      'run --kubernetes: how soon another process takes over. A call to a platform takes half a duration at most.',
  },
);

export const Settings = kindSchema(
  'Settings',
  Type.Object(
    {
      installation: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 128,
          description: 'Name of this installation, carried in marks. Default "default".',
        }),
      ),
      takeOver: Type.Optional(
        Type.Array(Type.String({ minLength: 1 }), {
          description:
            'Installations whose records this one takes over; "unknown" stands for marks nobody can read.',
        }),
      ),
      secrets: Type.Optional(
        Type.Array(SecretMapping, { description: 'Secrets that declarations may name.' }),
      ),
      ageIdentities: Type.Optional(
        Type.Array(AgeIdentity, {
          maxItems: 16,
          description: 'age private keys (AGE-SECRET-KEY-1...) that open encrypted documents.',
        }),
      ),
      intervals: Type.Optional(Intervals),
      workers: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 64,
          description:
            'Programs of a connection under way at a time, for each shard; as many more at most while declarations change. Default 8.',
        }),
      ),
      mirrorMebibytes: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1_048_576,
          description:
            'What the mirror of a repository may take on disk; with run --kubernetes, all mirrors of a namespace together. A fetch that passes it is ended. Default 512.',
        }),
      ),
      leases: Type.Optional(Leases),
      server: Type.Optional(Server),
      allowFileUrls: Type.Optional(
        Type.Boolean({ description: 'Let GitSources use file URLs; for tests. Default false.' }),
      ),
    },
    { additionalProperties: false, description: 'What holds for the whole installation.' },
  ),
  "Settings of this installation. The administrator's, never a team's.",
);

export type Settings = Static<typeof Settings>;
