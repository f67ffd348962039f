import { Type, type Static } from 'typebox';
import { kindSchema, ObjectName } from './common.ts';

const SecretValue = Type.Object(
  {
    env: Type.Optional(Type.String({ minLength: 1, description: 'A variable of the process.' })),
    file: Type.Optional(
      Type.String({ minLength: 1, description: 'A path, relative to this file.' }),
    ),
  },
  { additionalProperties: false, description: 'Exactly one of env and file.' },
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
      allowFileUrls: Type.Optional(
        Type.Boolean({ description: 'Let GitSources use file URLs; for tests. Default false.' }),
      ),
    },
    { additionalProperties: false, description: 'What holds for the whole installation.' },
  ),
  "Settings of this installation. The administrator's, never a team's.",
);

export type Settings = Static<typeof Settings>;
