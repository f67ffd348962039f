import type { ConfigProfile } from './config-profile.ts';
import type { GitSource } from './git-source.ts';
import type { MiniProgramRelease } from './mini-program-release.ts';
import type { MiniProgram } from './mini-program.ts';
import type { PlatformConnection } from './platform-connection.ts';
import type { Settings } from './settings.ts';

export { apiVersion } from './api-version.ts';

/** Kinds a team writes. */
export const declarationKinds = ['MiniProgram', 'ConfigProfile', 'MiniProgramRelease'] as const;
/** Kinds that are the administrator's. */
export const settingsKinds = ['PlatformConnection', 'GitSource', 'Settings'] as const;

export interface Kinds {
  readonly MiniProgram: MiniProgram;
  readonly ConfigProfile: ConfigProfile;
  readonly MiniProgramRelease: MiniProgramRelease;
  readonly PlatformConnection: PlatformConnection;
  readonly GitSource: GitSource;
  readonly Settings: Settings;
}

export type KindName = keyof Kinds;
export type DeclarationKind = (typeof declarationKinds)[number];
export type {
  ConfigProfile,
  GitSource,
  MiniProgram,
  MiniProgramRelease,
  PlatformConnection,
  Settings,
};
