import type { Forge } from '../../ports/forge.ts';
import { giteaOwnComment, giteaPutComment } from './gitea-comments.ts';
import { giteaAnnotate } from './gitea-notes.ts';
import { giteaOpenPulls, giteaPull } from './gitea-pulls.ts';
import { giteaRepository } from './gitea-repository.ts';
import { giteaPutStatus, giteaStatuses } from './gitea-statuses.ts';
import type { ForgePorts, ForgeSettings } from './shared-settings.ts';
import { encodedPath } from './shared-text.ts';

/**
 * A repository on Gitea, or on Forgejo, which has the same API.
 *
 * @throws ReconcileError `SettingsInvalid`
 */
export function giteaForge(settings: ForgeSettings, ports: ForgePorts): Forge {
  const repository = giteaRepository(settings, ports);
  const { web, owner, name } = repository;
  return {
    name: 'gitea',
    // Gitea takes a hundred times as much. Nobody reads more, and GitHub's limit is one that everybody knows.
    maxCommentLength: 65_536,
    lineUrl: (commit, file, line) =>
      `${web}/${encodedPath(`${owner}/${name}`)}/src/commit/${commit}/${encodedPath(file)}#L${line}`,
    pull: (number, signal) => giteaPull(repository, number, signal),
    openPulls: (baseBranch, signal) => giteaOpenPulls(repository, baseBranch, signal),
    ownComment: (pull, marker, signal) => giteaOwnComment(repository, pull, marker, signal),
    putComment: (pull, own, body, signal) =>
      giteaPutComment(repository, { pull, own, body }, signal),
    statuses: (commit, signal) => giteaStatuses(repository, commit, signal),
    putStatus: (commit, status, signal) => giteaPutStatus(repository, commit, status, signal),
    annotate: (pull, notes, signal) => giteaAnnotate(repository, pull, notes, signal),
    uploadSarif: async (_pull, _sarif, signal) => {
      signal.throwIfAborted();
      return 'unsupported';
    },
  };
}
