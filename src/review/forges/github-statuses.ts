import type { CommitStatus } from '../../ports/forge.ts';
import { Statuses } from './generated/github.js';
import type { GithubRepository } from './github-repository.ts';
import { listOf, pagesOf } from './shared-pages.ts';
import { bodyOf, isOurs, maxDescriptionLength } from './shared-read.ts';
import { clipped, encoded } from './shared-text.ts';

/** The combined status has the newest of each context, where the list of statuses has them all. */
export async function githubStatuses(
  { ask, url, api }: GithubRepository,
  commit: string,
  signal: AbortSignal,
): Promise<readonly CommitStatus[]> {
  const call = {
    method: 'GET',
    url: `${url}/commits/${encoded(commit)}/status?per_page=100`,
    what: 'read the statuses of the head',
    needs: 'Commit statuses: read',
    repeat: 'always',
  } as const;
  const pages = pagesOf(ask, call, { api, signal });
  const all = await listOf(pages, (page) => bodyOf(Statuses, page, call).statuses);
  return all
    .filter(({ context }) => isOurs(context))
    .map(({ context, state, description }) => ({ context, state, description: description ?? '' }));
}

/** A second identical one changes nothing: the newest of a context counts. */
export async function githubPutStatus(
  { ask, url }: GithubRepository,
  commit: string,
  { context, state, description }: CommitStatus,
  signal: AbortSignal,
): Promise<void> {
  await ask(
    {
      method: 'POST',
      url: `${url}/statuses/${encoded(commit)}`,
      body: { context, state, description: clipped(description, maxDescriptionLength) },
      what: `set the status ${context}`,
      needs: 'Commit statuses: write',
      repeat: 'always',
    },
    signal,
  );
}
