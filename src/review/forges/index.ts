import type { Forge } from '../../ports/forge.ts';
import { giteaForge } from './gitea.ts';
import { githubForge } from './github.ts';
import { gitlabForge } from './gitlab.ts';
import type { ForgePorts, ForgeSettings } from './shared-settings.ts';

const forges = { github: githubForge, gitlab: gitlabForge, gitea: giteaForge } as const;

/**
 * The forge of a repository. Asks nothing yet.
 *
 * @throws ReconcileError `SettingsInvalid` for an address, repository or credential that cannot be one
 */
export function openForge(settings: ForgeSettings, ports: ForgePorts): Forge {
  return forges[settings.name](settings, ports);
}

export { githubGitTokens } from './github-repository.ts';
export { codeQualityReport } from './gitlab-code-quality.ts';
export type { ForgeCredential, ForgePorts, ForgeSettings } from './shared-settings.ts';
