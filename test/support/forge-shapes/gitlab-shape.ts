import {
  createState,
  type ForgeState,
  type StateComment,
  type StatePull,
  type StateStatus,
  type Who,
} from './forge-state.ts';
import { gitlabDescription } from './gitlab-openapi.ts';
import { publish } from './openapi.ts';
import {
  type Heard,
  pageOf,
  type Route,
  type Said,
  type ShapeServer,
  startShape,
  tagOf,
} from './shape-server.ts';

const published = publish(gitlabDescription);

export interface GitlabShape extends ShapeServer {
  readonly state: ForgeState;
  /** Most entries a page has, whatever is asked for. */
  cap: number;
  /** Tokens by who they are. */
  readonly tokens: Map<string, Who>;
  /** Tokens of jobs: known, and good for nothing we do. */
  readonly jobTokens: Set<string>;
}

const users = {
  ours: {
    id: 90,
    username: 'project_5_bot_ab12',
    name: 'fairlead',
    state: 'active',
    web_url: 'https://example.com',
  },
  stranger: {
    id: 91,
    username: 'lab-stranger',
    name: 'Stranger',
    state: 'active',
    web_url: 'https://example.com',
  },
} as const;
const projectId = 5;
const moment = '2026-11-20T10:00:00.000Z';
const missing = { status: 404, body: { message: '404 Not Found' } };

type Parts = Pick<GitlabShape, 'state' | 'tokens' | 'jobTokens'> & { cap: number; origin: string };

/** A GitLab of one's own below a path, in the shapes of `gitlab-openapi.ts`. */
export async function startGitlab(): Promise<GitlabShape> {
  const parts: Parts = {
    state: createState(),
    cap: 100,
    tokens: new Map<string, Who>([['token-of-ours', 'ours']]),
    jobTokens: new Set(['token-of-job']),
    origin: '',
  };
  const server = await startShape({
    apiPath: '/gitlab/api/v4',
    published,
    missing: { error: '404 Not Found' },
    routes: [
      ...projectRoutes(parts),
      ...mergeRoutes(parts),
      ...noteRoutes(parts),
      ...statusRoutes(parts),
    ],
    admit: (heard) => admit(heard, parts),
    headers: ({ method }, { status, body }) => ({
      'ratelimit-remaining': '1999',
      'ratelimit-reset': String(Math.floor(Date.now() / 1000) + 60),
      ...(method === 'GET' && status === 200 ? { etag: tagOf(body) } : {}),
    }),
  });
  parts.origin = server.url;
  return Object.assign(parts, server);
}

function whoIs({ headers }: Heard, { tokens }: Parts): Who | undefined {
  return tokens.get(String(headers['private-token'] ?? ''));
}

/** A wrong project is not found; so is everything for a job's token. */
function admit(heard: Heard, parts: Parts): Said | undefined {
  if (parts.jobTokens.has(String(heard.headers['job-token'] ?? '')))
    return { status: 401, body: { message: '401 Unauthorized' } };
  if (!whoIs(heard, parts)) return { status: 401, body: { message: '401 Unauthorized' } };
  const project = /\/projects\/([^/?]+)/.exec(heard.path)?.[1];
  return project === undefined || project === 'acme%2Fshops%2Fwallets' ? undefined : missing;
}

function listed<T>(
  items: readonly T[],
  heard: Heard,
  parts: Parts,
  form: (item: T) => unknown,
): Said {
  const page = pageOf(items, heard, parts);
  return {
    status: 200,
    body: page.items.map(form),
    headers: {
      'x-next-page': page.next === undefined ? '' : String(page.next),
      ...(page.link === undefined ? {} : { link: page.link }),
    },
  };
}

function projectRoutes(parts: Parts): readonly Route[] {
  return [
    {
      name: 'get /user',
      perform: (_, heard) => ({ status: 200, body: users[whoIs(heard, parts) ?? 'stranger'] }),
    },
    {
      name: 'get /projects/{id}',
      perform: ({ id }) => ({
        status: 200,
        body: {
          id: projectId,
          name: 'wallets',
          path_with_namespace: id,
          default_branch: 'main',
          visibility: parts.state.isPrivate ? 'private' : 'public',
          web_url: 'https://example.com',
        },
      }),
    },
    {
      name: 'get /projects/{id}/repository/branches/{branch}',
      perform: ({ branch }) => ({
        status: 200,
        body: {
          name: branch,
          merged: false,
          protected: true,
          commit: { id: parts.state.base, title: 'base' },
        },
      }),
    },
  ];
}

function mergeRoutes(parts: Parts): readonly Route[] {
  const { state } = parts;
  return [
    {
      name: 'get /projects/{id}/merge_requests',
      perform: (_, heard) => {
        const { query } = heard;
        const fitting = state.pulls.filter(
          (pull) =>
            stateOf(pull) === query.get('state') &&
            pull.base === (query.get('target_branch') ?? pull.base),
        );
        const newestFirst = query.get('sort') !== 'asc';
        return listed(newestFirst ? fitting.toReversed() : fitting, heard, parts, mergeBody);
      },
    },
    {
      name: 'get /projects/{id}/merge_requests/{iid}',
      perform: ({ iid }) => {
        const pull = state.pulls.find(({ number }) => String(number) === iid);
        if (!pull) return missing;
        const diffRefs = { base_sha: state.base, head_sha: pull.head, start_sha: state.base };
        return {
          status: 200,
          body: { ...mergeBody(pull), diff_refs: diffRefs, head_pipeline: pipelineOf(pull) },
        };
      },
    },
  ];
}

function pipelineOf({ head, pipeline }: StatePull): object | null {
  return pipeline === undefined ? null : { id: 900, sha: head, ref: pipeline, status: 'running' };
}

function stateOf({ state }: StatePull): string {
  return state === 'open' ? 'opened' : state;
}

function mergeBody(pull: StatePull): object {
  return {
    id: pull.number + 5000,
    iid: pull.number,
    project_id: projectId,
    title: pull.title,
    description: null,
    state: stateOf(pull),
    created_at: moment,
    updated_at: pull.updatedAt,
    target_branch: pull.base,
    source_branch: pull.branch,
    author: users[pull.author],
    source_project_id: pull.isFork ? 77 : projectId,
    target_project_id: projectId,
    draft: false,
    sha: pull.head,
    merge_commit_sha: null,
    web_url: 'https://example.com',
  };
}

function noteRoutes(parts: Parts): readonly Route[] {
  const { state } = parts;
  const notes = '/projects/{id}/merge_requests/{iid}/notes';
  return [
    {
      name: `get ${notes}`,
      perform: ({ iid }, heard) => {
        const all = state.comments.filter(({ pull }) => String(pull) === iid);
        const isOldestFirst = heard.query.get('sort') === 'asc';
        return listed(isOldestFirst ? all : all.toReversed(), heard, parts, noteBody);
      },
    },
    {
      name: `post ${notes}`,
      perform: ({ iid }, heard) => {
        const pull = state.pulls.find(({ number }) => String(number) === iid);
        if (!pull) return missing;
        const body = kept(heard.body);
        const author = whoIs(heard, parts) ?? 'stranger';
        const comment = { id: state.nextId(), pull: pull.number, author, body };
        state.comments.push(comment);
        return { status: 201, body: noteBody(comment) };
      },
    },
    {
      name: `put ${notes}/{note_id}`,
      perform: ({ note_id: id }, heard) => {
        const comment = state.comments.find((one) => String(one.id) === id);
        if (!comment) return missing;
        if (comment.author !== whoIs(heard, parts))
          return { status: 403, body: { message: '403 Forbidden' } };
        comment.body = kept(heard.body);
        return { status: 200, body: noteBody(comment) };
      },
    },
  ];
}

/** Looking for quick actions, GitLab takes away what nobody sees. */
function kept(body: unknown): string {
  return (body as { readonly body: string }).body.replaceAll('\r', '').trimEnd();
}

function noteBody({ id, pull, author, body }: StateComment): object {
  return {
    ...{ id, body },
    author: users[author],
    created_at: moment,
    updated_at: moment,
    system: false,
    noteable_id: pull + 5000,
    noteable_type: 'MergeRequest',
    noteable_iid: pull,
  };
}

interface WantedStatus {
  readonly state: string;
  readonly name: string;
  readonly description: string;
  readonly ref?: string;
}

function statusRoutes(parts: Parts): readonly Route[] {
  const { state } = parts;
  return [
    {
      name: 'get /projects/{id}/repository/commits/{sha}/statuses',
      perform: ({ sha }, heard) => {
        const newest = new Map(
          state.statuses
            .filter(({ commit }) => commit === sha)
            .map((status) => [status.context, status]),
        );
        return listed([...newest.values()], heard, parts, statusBody);
      },
    },
    {
      name: 'post /projects/{id}/statuses/{sha}',
      perform: ({ sha = '' }, heard) => putStatus(state, sha, heard.body as WantedStatus),
    },
  ];
}

/** What is under way moves to another state only; what is done is followed by a new one. */
function putStatus(state: ForgeState, commit: string, wanted: WantedStatus): Said {
  const hasBranch = state.pulls.some(({ head, isFork }) => head === commit && !isFork);
  if (wanted.ref === undefined && !hasBranch)
    return { status: 404, body: { message: '404 References for commit Not Found' } };
  const present = state.statuses.findLast(
    (status) =>
      status.commit === commit && status.context === wanted.name && status.ref === wanted.ref,
  );
  if (present?.state === wanted.state && /^(?:pending|running)$/.test(wanted.state))
    return {
      status: 400,
      body: { message: `Cannot transition status via :enqueue from :${wanted.state}` },
    };
  const { name: context, state: said, description } = wanted;
  const ref = wanted.ref ?? 'some-branch';
  const status = { id: state.nextId(), commit, context, state: said, description, ref };
  state.statuses.push(status);
  return { status: 201, body: statusBody(status) };
}

function statusBody({
  id,
  commit,
  context,
  state,
  description,
  ref = 'change',
}: StateStatus): object {
  return {
    ...{ id, description },
    ref,
    sha: commit,
    status: state,
    name: context,
    target_url: null,
    created_at: moment,
    author: users.ours,
  };
}
