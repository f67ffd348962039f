import type { Forge } from '../../ports/forge.ts';
import { gitlabOwnComment, gitlabPutComment } from './gitlab-comments.ts';
import { gitlabProject } from './gitlab-project.ts';
import { gitlabOpenPulls, gitlabPull } from './gitlab-pulls.ts';
import { gitlabPutStatus, gitlabStatuses } from './gitlab-statuses.ts';
import type { ForgePorts, ForgeSettings } from './shared-settings.ts';
import { encodedPath } from './shared-text.ts';

/**
 * A project on gitlab.com or a GitLab of one's own. Notes come from a report file: see `codeQualityReport`.
 *
 * @throws ReconcileError `SettingsInvalid`
 */
export function gitlabForge(settings: ForgeSettings, ports: ForgePorts): Forge {
  const project = gitlabProject(settings, ports);
  return {
    name: 'gitlab',
    maxCommentLength: 1_000_000,
    lineUrl: (commit, file, line) =>
      `${project.web}/-/blob/${commit}/${encodedPath(file)}#L${line}`,
    pull: (number, signal) => gitlabPull(project, number, signal),
    openPulls: (baseBranch, signal) => gitlabOpenPulls(project, baseBranch, signal),
    ownComment: (pull, marker, signal) => gitlabOwnComment(project, pull, marker, signal),
    putComment: (pull, own, body, signal) => gitlabPutComment(project, { pull, own, body }, signal),
    statuses: (commit, signal) => gitlabStatuses(project, commit, signal),
    putStatus: (commit, status, signal) => gitlabPutStatus(project, commit, status, signal),
    annotate: async () => undefined,
    uploadSarif: async () => 'unsupported',
  };
}
