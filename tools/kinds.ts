import { ConfigProfile } from '../src/core/kinds/config-profile.ts';
import { GitSource } from '../src/core/kinds/git-source.ts';
import { MiniProgramRelease } from '../src/core/kinds/mini-program-release.ts';
import { MiniProgram } from '../src/core/kinds/mini-program.ts';
import { PlatformConnection } from '../src/core/kinds/platform-connection.ts';
import { RepositorySettings } from '../src/core/kinds/repository-settings.ts';
import { Settings } from '../src/core/kinds/settings.ts';

/** TypeBox definitions of what teams write, in reading order. */
export const declarationSchemas = { MiniProgram, MiniProgramRelease, ConfigProfile } as const;
/** TypeBox definitions of what administrators write, in reading order. */
export const settingsSchemas = { PlatformConnection, GitSource, Settings } as const;
/** `.fairlead.yaml`, which is no kind. */
export const repositorySchema = RepositorySettings;
