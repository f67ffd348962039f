import { Type, type Static } from 'typebox';
import {
  EnvironmentName,
  kindSchema,
  layer,
  ObjectName,
  ProfileNames,
  SuspendSpec,
  Targets,
  Version,
} from './common.ts';

export const MiniProgramRelease = kindSchema(
  'MiniProgramRelease',
  Type.Object(
    {
      miniProgram: Type.Unsafe<string>({
        ...ObjectName,
        description: 'The MiniProgram it is a version of.',
      }),
      version: Version,
      environments: Type.Optional(
        Type.Array(EnvironmentName, {
          minItems: 1,
          maxItems: 4,
          uniqueItems: true,
          description: 'All standing targets of these environments; omitted, none.',
        }),
      ),
      profiles: Type.Optional(ProfileNames),
      ...layer,
      targets: Type.Optional(Targets),
      suspend: Type.Optional(SuspendSpec),
    },
    {
      additionalProperties: false,
      description: 'Which version goes where, and what differs there.',
    },
  ),
  'One version, the targets it goes to and what differs there.',
);

export type MiniProgramRelease = Static<typeof MiniProgramRelease>;
