import { Type, type Static } from 'typebox';
import { AppId, EnvironmentName, kindSchema, layer } from './common.ts';

export const ConfigProfile = kindSchema(
  'ConfigProfile',
  Type.Object(
    {
      appliesTo: Type.Optional(
        Type.Object(
          {
            apps: Type.Optional(Type.Array(AppId, { minItems: 1, description: 'Target apps.' })),
            environments: Type.Optional(
              Type.Array(EnvironmentName, { minItems: 1, description: 'Environments.' }),
            ),
          },
          {
            additionalProperties: false,
            description: 'Both must match; what is omitted matches everything.',
          },
        ),
      ),
      ...layer,
    },
    { additionalProperties: false, description: 'Where it applies, and what it gives there.' },
  ),
  'A reusable fragment of release-specific configuration.',
);

export type ConfigProfile = Static<typeof ConfigProfile>;
