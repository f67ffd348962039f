import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { githubAppRoutes, type GithubApp } from './github-app-routes.ts';
import { createGraphql } from './github-graphql.ts';
import { createState, type ForgeState, type StatePull, type Who } from './forge-state.ts';
import { type Description, type Json, publish } from './openapi.ts';
import { over } from './over.ts';
import {
  type Heard,
  pageOf,
  type Route,
  type Said,
  type Shape,
  type ShapeServer,
  startShape,
  tagOf,
} from './shape-server.ts';

const description = JSON.parse(
  readFileSync(new URL('../../fixtures/forges/github-openapi.json', import.meta.url), 'utf8'),
) as Description;

/** Once for all servers of a file: it costs more than a test. */
const published = publish(description);

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly commit: string;
  externalId: string;
  status: string;
  conclusion: string | null;
  readonly annotations: Json[];
}

export interface GithubShape extends ShapeServer {
  readonly state: ForgeState;
  readonly runs: CheckRun[];
  /** Uploaded files, unpacked. */
  readonly sarif: { readonly commit: string; readonly ref: string; readonly text: string }[];
  /** Most entries a page has, whatever is asked for. */
  cap: number;
  /** Tokens that a request may show, by who they are. */
  readonly tokens: Map<string, Who>;
  readonly app: GithubApp;
}

const logins = { ours: 'github-actions[bot]', stranger: 'octo-stranger' } as const;
const repositoryId = 42;

/** GitHub, as its published descriptions have it: an Enterprise Server at one address. */
export async function startGithub(): Promise<GithubShape> {
  const state = createState();
  const parts = {
    state,
    runs: [] as CheckRun[],
    sarif: [] as GithubShape['sarif'],
    cap: 100,
    tokens: new Map<string, Who>([['token-of-ours', 'ours']]),
    origin: '',
  };
  const app = githubAppRoutes(parts.tokens);
  const graphql = createGraphql(state, () => parts.cap);
  const shape: Shape = {
    apiPath: '/api/v3',
    published,
    missing: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' },
    routes: [
      ...pullRoutes(parts),
      ...commentRoutes(parts),
      ...statusRoutes(parts),
      ...runRoutes(parts),
      ...sarifRoutes(parts),
      ...app.routes,
    ],
    admit: (heard) => admit(heard, parts.tokens, app),
    beside: (pathname, heard, faults) =>
      pathname === '/api/graphql' && heard.method === 'POST'
        ? { status: 200, body: graphql(heard.body, whoIs(heard, parts.tokens), faults) }
        : undefined,
    headers: (heard, said) => etagOf(heard, said),
  };
  const server = await startShape(shape);
  parts.origin = server.url;
  return Object.assign(parts, server, { app });
}

type Parts = Pick<GithubShape, 'state' | 'runs' | 'sarif' | 'tokens'> & {
  cap: number;
  origin: string;
};

function whoIs({ headers }: Heard, tokens: ReadonlyMap<string, Who>): Who | undefined {
  return tokens.get(headers.authorization?.replace(/^Bearer /, '') ?? '');
}

function admit(heard: Heard, tokens: ReadonlyMap<string, Who>, app: GithubApp): Said | undefined {
  if (heard.headers['user-agent'] === undefined) return { status: 403, body: 'Request forbidden' };
  if (heard.path.includes('/graphql') || app.isForApps(heard)) {
    if (app.isForApps(heard)) return app.admit(heard);
  } else if (
    heard.headers['x-github-api-version'] !== '2022-11-28' ||
    heard.headers.accept !== 'application/vnd.github+json'
  ) {
    return { status: 400, body: { message: 'Version' } };
  }
  if (whoIs(heard, tokens)) return undefined;
  return {
    status: 401,
    body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest' },
  };
}

function etagOf({ method }: Heard, { status, body }: Said): Record<string, string> {
  const remaining = {
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600),
  };
  return method === 'GET' && status === 200 ? { ...remaining, etag: tagOf(body) } : remaining;
}

function found(pull: StatePull | undefined, answer: (pull: StatePull) => Said): Said {
  return pull ? answer(pull) : { status: 404, body: { message: 'Not Found' } };
}

function sample(name: string, status: number): unknown {
  const [method = '', path = ''] = name.split(' ');
  const operation = description.paths[path]?.[method];
  if (!operation) throw new Error(`not described: ${name}`);
  return published.sample({ name, operation, path: {} }, status);
}

function pullRoutes(parts: Parts): readonly Route[] {
  const one = 'get /repos/{owner}/{repo}/pulls/{pull_number}';
  const all = 'get /repos/{owner}/{repo}/pulls';
  const oneSample = sample(one, 200);
  const body = (pull: StatePull): unknown => over(oneSample, pullBody(pull, parts.state));
  return [
    {
      name: one,
      perform: ({ pull_number: number }) =>
        found(
          parts.state.pulls.find((pull) => String(pull.number) === number),
          (pull) => ({
            status: 200,
            body: body(pull),
          }),
        ),
    },
    {
      name: all,
      perform: (_, heard) => {
        const { query } = heard;
        const newestFirst = query.get('sort') === 'created' && query.get('direction') === 'desc';
        const open = parts.state.pulls.filter(
          ({ state, base }) => state === query.get('state') && base === query.get('base'),
        );
        const { items, link } = pageOf(newestFirst ? open.toReversed() : open, heard, parts);
        // What one has more than an entry of a list is allowed to be there.
        return { status: 200, body: items.map(body), ...(link ? { headers: { link } } : {}) };
      },
    },
  ];
}

function pullBody(pull: StatePull, { isPrivate, base }: ForgeState): object {
  const repository = { id: repositoryId, private: isPrivate };
  return {
    number: pull.number,
    title: pull.title,
    user: { login: logins[pull.author] },
    state: pull.state === 'merged' ? 'closed' : pull.state,
    merged: pull.state === 'merged',
    merged_at: pull.state === 'merged' ? pull.updatedAt : null,
    updated_at: pull.updatedAt,
    base: { ref: pull.base, sha: base, repo: repository },
    head: {
      ref: pull.branch,
      sha: pull.head,
      repo: { ...repository, id: pull.isFork ? 77 : repositoryId },
    },
  };
}

function commentRoutes({ state, tokens }: Parts): readonly Route[] {
  const create = 'post /repos/{owner}/{repo}/issues/{issue_number}/comments';
  const edit = 'patch /repos/{owner}/{repo}/issues/comments/{comment_id}';
  const createSample = sample(create, 201);
  const body = ({ id, body: text }: { id: number; body: string }): unknown =>
    over(createSample, { id, body: text });
  return [
    {
      name: create,
      perform: ({ issue_number: number }, heard) =>
        found(
          state.pulls.find((pull) => String(pull.number) === number),
          (pull) => {
            const text = (heard.body as { readonly body: string }).body;
            if (text.length > 65_536)
              return { status: 422, body: { message: 'Validation Failed' } };
            const author = whoIs(heard, tokens) ?? 'stranger';
            const comment = { id: state.nextId(), pull: pull.number, author, body: text };
            state.comments.push(comment);
            return { status: 201, body: body(comment) };
          },
        ),
    },
    {
      name: edit,
      perform: ({ comment_id: id }, heard) => {
        const comment = state.comments.find((one) => String(one.id) === id);
        if (!comment) return { status: 404, body: { message: 'Not Found' } };
        if (comment.author !== whoIs(heard, tokens))
          return { status: 403, body: { message: 'Forbidden' } };
        comment.body = (heard.body as { readonly body: string }).body;
        return { status: 200, body: body(comment) };
      },
    },
  ];
}

function statusRoutes(parts: Parts): readonly Route[] {
  const { state } = parts;
  const read = 'get /repos/{owner}/{repo}/commits/{ref}/status';
  const write = 'post /repos/{owner}/{repo}/statuses/{sha}';
  const [readSample, writeSample] = [sample(read, 200), sample(write, 201)];
  const itemSample = {
    url: 'text',
    avatar_url: null,
    id: 1,
    node_id: 'text',
    target_url: null,
    created_at: '2026-11-20T10:00:00Z',
    updated_at: '2026-11-20T10:00:00Z',
  };
  return [
    {
      name: read,
      perform: ({ ref }, heard) => {
        const newest = new Map(
          state.statuses
            .filter(({ commit }) => commit === ref)
            .map((status) => [status.context, status]),
        );
        const { items, link } = pageOf([...newest.values()], heard, parts);
        const statuses = items.map(({ context, state: said, description: text }) => ({
          ...itemSample,
          ...{ context, state: said, description: text },
        }));
        return {
          status: 200,
          body: over(readSample, { sha: ref, total_count: newest.size, statuses }),
          ...(link ? { headers: { link } } : {}),
        };
      },
    },
    {
      name: write,
      perform: ({ sha = '' }, heard) => {
        const wanted = heard.body as { context: string; state: string; description: string };
        if ([...wanted.description].length > 140)
          return { status: 422, body: { message: 'Validation Failed' } };
        state.statuses.push({ id: state.nextId(), commit: sha, ...wanted });
        return { status: 201, body: over(writeSample, wanted) };
      },
    },
  ];
}

interface RunBody {
  readonly name: string;
  readonly head_sha: string;
  readonly external_id?: string;
  readonly status?: string;
  readonly conclusion?: string;
  readonly output?: { readonly annotations?: readonly Json[] };
}

function runRoutes(parts: Parts): readonly Route[] {
  const names = {
    list: 'get /repos/{owner}/{repo}/commits/{ref}/check-runs',
    create: 'post /repos/{owner}/{repo}/check-runs',
    read: 'get /repos/{owner}/{repo}/check-runs/{check_run_id}',
    update: 'patch /repos/{owner}/{repo}/check-runs/{check_run_id}',
  };
  const runSample = sample(names.create, 201);
  const body = (run: CheckRun): unknown =>
    over(runSample, {
      id: run.id,
      name: run.name,
      head_sha: run.commit,
      external_id: run.externalId,
      status: run.status,
      conclusion: run.conclusion,
      output: { annotations_count: run.annotations.length },
    });
  const add = (run: CheckRun, { status, conclusion, output }: RunBody, done: number): Said => {
    const annotations = output?.annotations ?? [];
    if (annotations.length > 50) return { status: 422, body: { message: 'Too many annotations' } };
    run.annotations.push(...annotations);
    run.status = conclusion === undefined ? (status ?? run.status) : 'completed';
    run.conclusion = conclusion ?? run.conclusion;
    return { status: done, body: body(run) };
  };
  const byId = (id: string | undefined) => parts.runs.find((run) => String(run.id) === id);
  const missing = { status: 404, body: { message: 'Not Found' } };
  return [
    {
      name: names.list,
      perform: ({ ref }, heard) => {
        const named = parts.runs.filter(
          ({ commit, name }) => commit === ref && name === heard.query.get('check_name'),
        );
        // `latest` is the newest of a name.
        const shown = heard.query.get('filter') === 'latest' ? named.slice(-1) : named;
        return { status: 200, body: { total_count: shown.length, check_runs: shown.map(body) } };
      },
    },
    {
      name: names.create,
      perform: (_, heard) => {
        const wanted = heard.body as RunBody;
        const run: CheckRun = {
          id: parts.state.nextId(),
          name: wanted.name,
          commit: wanted.head_sha,
          externalId: wanted.external_id ?? '',
          status: 'queued',
          conclusion: null,
          annotations: [],
        };
        parts.runs.push(run);
        return add(run, wanted, 201);
      },
    },
    {
      name: names.read,
      perform: ({ check_run_id: id }) => {
        const run = byId(id);
        return run ? { status: 200, body: body(run) } : missing;
      },
    },
    {
      name: names.update,
      perform: ({ check_run_id: id }, heard) => {
        const run = byId(id);
        return run ? add(run, heard.body as RunBody, 200) : missing;
      },
    },
  ];
}

function sarifRoutes({ sarif }: Parts): readonly Route[] {
  return [
    {
      name: 'post /repos/{owner}/{repo}/code-scanning/sarifs',
      perform: (_, heard) => {
        const { commit_sha: commit, ref, sarif: packed } = heard.body as Record<string, string>;
        const text = gunzipSync(Buffer.from(packed ?? '', 'base64')).toString('utf8');
        sarif.push({ commit: commit ?? '', ref: ref ?? '', text });
        return {
          status: 202,
          body: { id: '47177e22-5596-11eb-80a1-c1e54ef945c6', url: 'https://example.com' },
        };
      },
    },
  ];
}
