import { Type, type Static } from 'typebox';
import { AppId, EnvironmentName, kindSchema, layer } from './common.ts';

export const ConfigProfile = kindSchema(
  'ConfigProfile',
  Type.Object(
    {
      appliesTo: Type.Optional(
        Type.Object(
          {
            apps: Type.Optional(Type.Array(AppId, { minItems: 1 })),
            environments: Type.Optional(Type.Array(EnvironmentName, { minItems: 1 })),
          },
          { additionalProperties: false, description: 'Both must match; what is omitted matches everything.' },
        ),
      ),
      ...layer,
    },
    { additionalProperties: false },
  ),
  'A reusable fragment of release-specific configuration.',
);

export type ConfigProfile = Static<typeof ConfigProfile>;
