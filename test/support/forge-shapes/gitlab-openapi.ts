/*
 * The part of GitLab's REST API that the adapter uses, WRITTEN BY HAND from its documentation (docs.gitlab.com/api:
 * merge_requests, notes, commits, branches, projects, users). GitLab publishes an OpenAPI description in its own
 * repository, but no package of a registry holds it. So this file is only as true as its writer's reading; the fields
 * named here exist there, and the real server sends more.
 */
import type { Description, Json, Operation, Parameter } from './openapi.ts';

const text = { type: 'string' } as const;
const whole = { type: 'integer' } as const;
const flag = { type: 'boolean' } as const;
const maybe = (schema: Json): Json => ({ ...schema, nullable: true });
const oneOf = (...names: readonly string[]): Json => ({ type: 'string', enum: names });

/** An object whose members must all be there. */
function object(
  properties: Readonly<Record<string, Json>>,
  optional: Readonly<Record<string, Json>> = {},
): Json {
  return {
    type: 'object',
    required: Object.keys(properties),
    properties: { ...properties, ...optional },
  };
}

const user = object({ id: whole, username: text, name: text, state: text, web_url: text });
const mergeRequest = {
  id: whole,
  iid: whole,
  project_id: whole,
  title: text,
  description: maybe(text),
  state: oneOf('opened', 'closed', 'locked', 'merged'),
  created_at: text,
  updated_at: text,
  target_branch: text,
  source_branch: text,
  author: user,
  source_project_id: maybe(whole),
  target_project_id: whole,
  draft: flag,
  sha: text,
  merge_commit_sha: maybe(text),
  web_url: text,
};
const note = object({
  id: whole,
  body: text,
  author: user,
  created_at: text,
  updated_at: text,
  system: flag,
  noteable_id: whole,
  noteable_type: oneOf('MergeRequest'),
  noteable_iid: whole,
});
const status = object({
  id: whole,
  sha: text,
  ref: text,
  status: oneOf(
    'pending',
    'running',
    'success',
    'failed',
    'canceled',
    'skipped',
    'manual',
    'created',
  ),
  name: text,
  target_url: maybe(text),
  description: maybe(text),
  created_at: text,
  author: user,
});

const at = (name: string, schema: Json = whole): Parameter => ({
  name,
  in: 'path',
  required: true,
  schema,
});
const query = (name: string, schema: Json): Parameter => ({ name, in: 'query', schema });
const id = at('id', text);
const paging = [query('page', whole), query('per_page', { ...whole, maximum: 100 })];
const answer = (schema: Json): Json => ({ content: { 'application/json': { schema } } });
const body = (schema: Json): NonNullable<Operation['requestBody']> => ({
  content: { 'application/json': { schema } },
});
const list = (items: Json): Json => ({ type: 'array', items });

const noteBody = object(
  { body: { ...text, maxLength: 1_000_000 } },
  { internal: flag, created_at: text },
);

/** @see https://docs.gitlab.com/api/rest/ */
export const gitlabDescription: Description = {
  paths: {
    '/user': { get: { responses: { 200: answer(user) } } },
    '/projects/{id}': {
      get: {
        parameters: [id, query('statistics', flag), query('license', flag)],
        responses: {
          200: answer(
            object({
              id: whole,
              name: text,
              path_with_namespace: text,
              default_branch: text,
              visibility: oneOf('private', 'internal', 'public'),
              web_url: text,
            }),
          ),
        },
      },
    },
    '/projects/{id}/repository/branches/{branch}': {
      get: {
        parameters: [id, at('branch', text)],
        responses: {
          200: answer(
            object({
              name: text,
              merged: flag,
              protected: flag,
              commit: object({ id: text, title: text }),
            }),
          ),
        },
      },
    },
    '/projects/{id}/merge_requests': {
      get: {
        parameters: [
          ...[id, ...paging],
          query('state', oneOf('opened', 'closed', 'locked', 'merged', 'all')),
          query(
            'order_by',
            oneOf(
              'created_at',
              'updated_at',
              'title',
              'merged_at',
              'label_priority',
              'milestone_due',
              'popularity',
              'priority',
            ),
          ),
          query('sort', oneOf('asc', 'desc')),
          query('target_branch', text),
          query('source_branch', text),
        ],
        responses: { 200: answer(list(object(mergeRequest))) },
      },
    },
    '/projects/{id}/merge_requests/{iid}': {
      get: {
        parameters: [id, at('iid')],
        responses: {
          200: answer(
            object({
              ...mergeRequest,
              diff_refs: object({ base_sha: text, head_sha: text, start_sha: text }),
              head_pipeline: maybe(object({ id: whole, sha: text, ref: text, status: text })),
            }),
          ),
        },
      },
    },
    '/projects/{id}/merge_requests/{iid}/notes': {
      get: {
        parameters: [
          ...[id, at('iid'), ...paging],
          query('sort', oneOf('asc', 'desc')),
          query('order_by', oneOf('created_at', 'updated_at')),
        ],
        responses: { 200: answer(list(note)) },
      },
      post: {
        parameters: [id, at('iid')],
        requestBody: body(noteBody),
        responses: { 201: answer(note) },
      },
    },
    '/projects/{id}/merge_requests/{iid}/notes/{note_id}': {
      put: {
        parameters: [id, at('iid'), at('note_id')],
        requestBody: body(object({ body: { ...text, maxLength: 1_000_000 } })),
        responses: { 200: answer(note) },
      },
    },
    '/projects/{id}/repository/commits/{sha}/statuses': {
      get: {
        parameters: [
          ...[id, at('sha', text), ...paging],
          query('ref', text),
          query('stage', text),
          query('name', text),
          query('pipeline_id', whole),
          query('order_by', oneOf('id', 'pipeline_id')),
          query('sort', oneOf('asc', 'desc')),
          query('all', flag),
        ],
        responses: { 200: answer(list(status)) },
      },
    },
    '/projects/{id}/statuses/{sha}': {
      post: {
        parameters: [id, at('sha', text)],
        requestBody: body(
          object(
            { state: oneOf('pending', 'running', 'success', 'failed', 'canceled', 'skipped') },
            {
              ref: text,
              name: text,
              context: text,
              target_url: text,
              description: { ...text, maxLength: 255 },
              coverage: { type: 'number' },
              pipeline_id: whole,
            },
          ),
        ),
        responses: { 201: answer(status) },
      },
    },
  },
};
