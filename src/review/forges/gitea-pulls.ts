import type { PullRequest } from '../../ports/forge.ts';
import { Pull, Pulls } from './generated/gitea.js';
import { type GiteaRepository, pageSize } from './gitea-repository.ts';
import type { GiteaShapes } from './gitea-shapes.ts';
import { listOf } from './shared-pages.ts';
import { bodyOf, momentOf } from './shared-read.ts';

const needs = 'read:repository';

export async function giteaPull(
  { ask, url }: GiteaRepository,
  number: number,
  signal: AbortSignal,
): Promise<PullRequest> {
  const call = {
    method: 'GET',
    url: `${url}/pulls/${number}`,
    what: `read pull request ${number}`,
    needs,
    repeat: 'always',
  } as const;
  return pullRequest(bodyOf(Pull, await ask(call, signal), call));
}

/** Filtered and sorted here as well: older versions know no `base_branch`. */
export async function giteaOpenPulls(
  { pages, url }: GiteaRepository,
  baseBranch: string,
  signal: AbortSignal,
): Promise<readonly PullRequest[]> {
  const query = new URLSearchParams({
    state: 'open',
    base_branch: baseBranch,
    limit: String(pageSize),
  });
  const call = {
    method: 'GET',
    url: `${url}/pulls?${query.toString()}`,
    what: 'list the open pull requests',
    needs,
    repeat: 'always',
  } as const;
  const listed = await listOf(pages(call, signal), (answer) => bodyOf(Pulls, answer, call));
  const byNumber = new Map(
    listed
      .filter(({ base }) => base.ref === baseBranch)
      // One that was opened between two pages pushes another onto both.
      .map((pull) => [pull.number, pullRequest(pull)]),
  );
  return [...byNumber.values()].toSorted((a, b) => b.number - a.number);
}

function pullRequest(pull: GiteaShapes['Pull']): PullRequest {
  const { number, title, base, head } = pull;
  return {
    number,
    title,
    author: pull.user?.login ?? 'Ghost',
    state: pull.merged ? 'merged' : pull.state,
    base: { branch: base.ref, commit: base.sha },
    head: { branch: head.ref, commit: head.sha },
    isFork: head.repo_id !== base.repo_id,
    isPrivate: base.repo.private,
    fetchRef: `refs/pull/${number}/head`,
    updatedAt: momentOf(pull.updated_at, { what: `read pull request ${number}` }),
  };
}
