import type { PullRequest } from '../../ports/forge.ts';
import { Pull, Pulls } from './generated/github.js';
import type { GithubRepository } from './github-repository.ts';
import type { GithubShapes } from './github-shapes.ts';
import { listOf, pagesOf } from './shared-pages.ts';
import { bodyOf, momentOf } from './shared-read.ts';

const needs = 'Pull requests: read';

export async function githubPull(
  { ask, url }: GithubRepository,
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

export async function githubOpenPulls(
  { ask, url, api }: GithubRepository,
  baseBranch: string,
  signal: AbortSignal,
): Promise<readonly PullRequest[]> {
  const query = new URLSearchParams({
    state: 'open',
    base: baseBranch,
    sort: 'created',
    direction: 'desc',
    per_page: '100',
  });
  const call = {
    method: 'GET',
    url: `${url}/pulls?${query.toString()}`,
    what: 'list the open pull requests',
    needs,
    repeat: 'always',
  } as const;
  const pages = pagesOf(ask, call, { api, signal });
  return (await listOf(pages, (page) => bodyOf(Pulls, page, call))).map(pullRequest);
}

function pullRequest(pull: GithubShapes['Pull']): PullRequest {
  const { number, title, base, head } = pull;
  return {
    number,
    title,
    // A deleted account is shown so by GitHub itself.
    author: pull.user?.login ?? 'ghost',
    state: pull.merged_at === null ? pull.state : 'merged',
    base: { branch: base.ref, commit: base.sha },
    head: { branch: head.ref, commit: head.sha },
    isFork: head.repo?.id !== base.repo.id,
    isPrivate: base.repo.private,
    fetchRef: `refs/pull/${number}/head`,
    updatedAt: momentOf(pull.updated_at, { what: `read pull request ${number}` }),
  };
}
