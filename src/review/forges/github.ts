import type { Forge } from '../../ports/forge.ts';
import { githubOwnComment, githubPutComment } from './github-comments.ts';
import { githubAnnotate } from './github-notes.ts';
import { githubOpenPulls, githubPull } from './github-pulls.ts';
import { githubRepository } from './github-repository.ts';
import { githubUploadSarif } from './github-sarif.ts';
import { githubPutStatus, githubStatuses } from './github-statuses.ts';
import type { ForgePorts, ForgeSettings } from './shared-settings.ts';
import { encodedPath } from './shared-text.ts';

/**
 * A repository on github.com, GitHub Enterprise Cloud or Server.
 *
 * @throws ReconcileError `SettingsInvalid`
 */
export function githubForge(settings: ForgeSettings, ports: ForgePorts): Forge {
  const repository = githubRepository(settings, ports);
  const { web, owner, name } = repository;
  return {
    name: 'github',
    maxCommentLength: 65_536,
    lineUrl: (commit, file, line) =>
      `${web}/${encodedPath(`${owner}/${name}`)}/blob/${commit}/${encodedPath(file)}#L${line}`,
    pull: (number, signal) => githubPull(repository, number, signal),
    openPulls: (baseBranch, signal) => githubOpenPulls(repository, baseBranch, signal),
    ownComment: (pull, marker, signal) => githubOwnComment(repository, pull, marker, signal),
    putComment: (pull, own, body, signal) =>
      githubPutComment(repository, { pull, own, body }, signal),
    statuses: (commit, signal) => githubStatuses(repository, commit, signal),
    putStatus: (commit, status, signal) => githubPutStatus(repository, commit, status, signal),
    annotate: (pull, notes, signal) => githubAnnotate(repository, pull, notes, signal),
    uploadSarif: (pull, sarif, signal) => githubUploadSarif(repository, pull, sarif, signal),
  };
}
