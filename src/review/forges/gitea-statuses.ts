import type { CommitStatus } from '../../ports/forge.ts';
import { Statuses } from './generated/gitea.js';
import { type GiteaRepository, pageSize } from './gitea-repository.ts';
import { listOf } from './shared-pages.ts';
import { bodyOf, isOurs, maxDescriptionLength } from './shared-read.ts';
import { clipped, encoded } from './shared-text.ts';

/** Others that Gitea knows (`warning`, `skipped`) are none that we set: never as good as one of ours. */
const states: Readonly<Record<string, CommitStatus['state']>> = {
  pending: 'pending',
  success: 'success',
  failure: 'failure',
  error: 'error',
};

/** The combined status has the newest of each context, where the list of statuses has them all. */
export async function giteaStatuses(
  { pages, url }: GiteaRepository,
  commit: string,
  signal: AbortSignal,
): Promise<readonly CommitStatus[]> {
  const call = {
    method: 'GET',
    url: `${url}/commits/${encoded(commit)}/status?limit=${pageSize}`,
    what: 'read the statuses of the head',
    needs: 'read:repository',
    repeat: 'always',
  } as const;
  const listed = await listOf(
    pages(call, signal),
    (answer) => bodyOf(Statuses, answer, call).statuses ?? [],
  );
  return listed
    .filter(({ context }) => isOurs(context))
    .map(({ context, status, description }) => ({
      context,
      state: states[status] ?? 'error',
      description,
    }));
}

/** A second identical one changes nothing: the newest of a context counts. */
export async function giteaPutStatus(
  { ask, url }: GiteaRepository,
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
      needs: 'write:repository',
      repeat: 'always',
    },
    signal,
  );
}
