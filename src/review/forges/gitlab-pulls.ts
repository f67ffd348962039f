import type { PullRequest } from '../../ports/forge.ts';
import { Branch, MergeRequest, MergeRequests } from './generated/gitlab.js';
import type { GitlabProject } from './gitlab-project.ts';
import type { GitlabShapes } from './gitlab-shapes.ts';
import { listOf, pagesOf } from './shared-pages.ts';
import { bodyOf, momentOf } from './shared-read.ts';
import { encoded } from './shared-text.ts';

const needs = 'scope read_api, role Reporter';

/** Heads whose ref is remembered; reviews speak of the newest. */
const mostRefs = 1000;

export async function gitlabPull(
  project: GitlabProject,
  number: number,
  signal: AbortSignal,
): Promise<PullRequest> {
  const call = {
    method: 'GET',
    url: `${project.url}/merge_requests/${number}`,
    what: `read merge request ${number}`,
    needs,
    repeat: 'always',
  } as const;
  const merge = bodyOf(MergeRequest, await project.ask(call, signal), call);
  project.told.tips.set(merge.target_branch, merge.diff_refs.start_sha);
  const isPrivate = await project.isPrivate(signal);
  const pull = pullRequest(project, merge, { commit: merge.diff_refs.start_sha, isPrivate });
  // GitLab keeps statuses by pipeline: beside the one that counts, ours would stop nobody.
  const { head_pipeline: pipeline, sha } = merge;
  if (pipeline?.sha === sha) remember(project.told.refs, sha, pipeline.ref);
  return pull;
}

export async function gitlabOpenPulls(
  project: GitlabProject,
  baseBranch: string,
  signal: AbortSignal,
): Promise<readonly PullRequest[]> {
  const query = new URLSearchParams({
    state: 'opened',
    target_branch: baseBranch,
    order_by: 'created_at',
    sort: 'desc',
    per_page: '100',
  });
  const call = {
    method: 'GET',
    url: `${project.url}/merge_requests?${query.toString()}`,
    what: 'list the open merge requests',
    needs,
    repeat: 'always',
  } as const;
  const pages = pagesOf(project.ask, call, { api: project.api, signal });
  const merges = await listOf(pages, (page) => bodyOf(MergeRequests, page, call));
  if (merges.length === 0) return [];
  const isPrivate = await project.isPrivate(signal);
  const commit = await tipOf(project, baseBranch, signal);
  return merges.map((merge) => pullRequest(project, merge, { commit, isPrivate }));
}

/** The list does not say what each was compared with: the newest we know of the branch stands for it. */
async function tipOf(
  { ask, url, told }: GitlabProject,
  branch: string,
  signal: AbortSignal,
): Promise<string> {
  const known = told.tips.get(branch);
  if (known !== undefined) return known;
  const call = {
    method: 'GET',
    url: `${url}/repository/branches/${encoded(branch)}`,
    what: 'read the target branch',
    needs,
    repeat: 'always',
  } as const;
  return bodyOf(Branch, await ask(call, signal), call).commit.id;
}

function pullRequest(
  { told }: GitlabProject,
  merge: GitlabShapes['MergeRequests'][number],
  { commit, isPrivate }: { readonly commit: string; readonly isPrivate: boolean },
): PullRequest {
  const { iid: number, title, author, state } = merge;
  const isFork = merge.source_project_id !== merge.target_project_id;
  const fetchRef = `refs/merge-requests/${number}/head`;
  if (!told.refs.has(merge.sha))
    remember(told.refs, merge.sha, isFork ? fetchRef : merge.source_branch);
  return {
    ...{ number, title, isFork, isPrivate, fetchRef },
    author: author.username,
    // Locked: it is being merged.
    state: state === 'opened' || state === 'locked' ? 'open' : state,
    base: { branch: merge.target_branch, commit },
    head: { branch: merge.source_branch, commit: merge.sha },
    updatedAt: momentOf(merge.updated_at, { what: `read merge request ${number}` }),
  };
}

function remember(refs: Map<string, string>, commit: string, ref: string): void {
  refs.delete(commit);
  refs.set(commit, ref);
  const [oldest] = refs.keys();
  if (refs.size > mostRefs && oldest !== undefined) refs.delete(oldest);
}
