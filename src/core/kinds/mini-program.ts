import { Type, type Static } from 'typebox';
import {
  AppId,
  GlobalConfig,
  kindSchema,
  MiniProgramId,
  ObjectName,
  PolicySpec,
  ProfileNames,
  SuspendSpec,
  Targets,
  layer,
  WorkspaceId,
} from './common.ts';

const connection = Type.Optional(
  Type.Unsafe<string>({
    ...ObjectName,
    description: 'The PlatformConnection; "default" if omitted.',
  }),
);

const Instance = Type.Object(
  {
    apps: Type.Array(AppId, {
      minItems: 1,
      description: 'The target apps this console releases to.',
    }),
    connection,
    workspace: WorkspaceId,
    id: MiniProgramId,
    globalConfig: Type.Optional(GlobalConfig),
  },
  { additionalProperties: false },
);

export const MiniProgram = kindSchema(
  'MiniProgram',
  Type.Object(
    {
      connection,
      workspace: Type.Optional(WorkspaceId),
      id: Type.Optional(MiniProgramId),
      instances: Type.Optional(
        Type.Array(Instance, {
          minItems: 1,
          maxItems: 32,
          description:
            'Several consoles, instead of connection, workspace and id; every app stands in exactly one.',
        }),
      ),
      globalConfig: Type.Optional(GlobalConfig),
      profiles: Type.Optional(ProfileNames),
      ...layer,
      targets: Type.Optional(Targets),
      policy: Type.Optional(PolicySpec),
      suspend: Type.Optional(SuspendSpec),
    },
    {
      additionalProperties: false,
      description: 'Where it lives, what it gives all its releases, and where they go.',
    },
  ),
  'A mini program: where it lives, its global configuration, its standing targets and its policy.',
);

export type MiniProgram = Static<typeof MiniProgram>;
