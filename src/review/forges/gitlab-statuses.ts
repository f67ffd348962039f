import { ReconcileError } from '../../core/words/errors.ts';
import type { CommitStatus } from '../../ports/forge.ts';
import { Statuses } from './generated/gitlab.js';
import type { GitlabProject } from './gitlab-project.ts';
import { listOf, pagesOf } from './shared-pages.ts';
import { bodyOf, isOurs, maxDescriptionLength } from './shared-read.ts';
import { clipped, encoded } from './shared-text.ts';

/** GitLab has no `error`; what is canceled lets nothing pass either, and is read back as what it was. */
const written = {
  pending: 'pending',
  success: 'success',
  failure: 'failed',
  error: 'canceled',
} as const satisfies Record<CommitStatus['state'], string>;

const read: Readonly<Record<string, CommitStatus['state']>> = {
  success: 'success',
  failed: 'failure',
  canceled: 'error',
};

/** The list has the newest of each name, jobs of pipelines among them. */
export async function gitlabStatuses(
  { ask, url, api }: GitlabProject,
  commit: string,
  signal: AbortSignal,
): Promise<readonly CommitStatus[]> {
  const call = {
    method: 'GET',
    url: `${url}/repository/commits/${encoded(commit)}/statuses?per_page=100`,
    what: 'read the statuses of the head',
    needs: 'scope read_api, role Reporter',
    repeat: 'always',
  } as const;
  const pages = pagesOf(ask, call, { api, signal });
  const all = await listOf(pages, (page) => bodyOf(Statuses, page, call));
  const newest = new Map(
    all
      .filter(({ name }) => isOurs(name))
      // One name may stand in pipelines of several refs.
      .toSorted((a, b) => a.id - b.id)
      .map((status) => [status.name, status]),
  );
  return [...newest.values()].map(({ name, status, description }) => ({
    context: name,
    state: read[status] ?? 'pending',
    description: description ?? '',
  }));
}

export async function gitlabPutStatus(
  project: GitlabProject,
  commit: string,
  { context, state, description }: CommitStatus,
  signal: AbortSignal,
): Promise<void> {
  const what = `set the status ${context}`;
  project.checkCanWrite(what);
  const ref = project.told.refs.get(commit);
  const answer = await project.ask(
    {
      method: 'POST',
      url: `${project.url}/statuses/${encoded(commit)}`,
      body: {
        state: written[state],
        name: context,
        description: clipped(description, maxDescriptionLength),
        // Without it GitLab takes any branch that has the commit, and a fork's has none.
        ...(ref === undefined ? {} : { ref }),
      },
      what,
      needs: 'scope api, role Developer',
      repeat: 'always',
      allow: [400],
    },
    signal,
  );
  if (answer.status !== 400) return;
  // "Cannot transition": it is in this state already, and GitLab moves only to another one.
  const present = (await gitlabStatuses(project, commit, signal)).find(
    (status) => status.context === context,
  );
  if (present?.state === state) return;
  throw new ReconcileError('ForgeRefused', `could not ${what}: the forge refuses (400)`, {
    nextStep: 'see that the commit is on the source branch still; a new push is reviewed anew',
    resultCode: '400',
  });
}
