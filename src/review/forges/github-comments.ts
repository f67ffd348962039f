import { ReconcileError } from '../../core/words/errors.ts';
import type { OwnComment } from '../../ports/forge.ts';
import { Comment, Comments } from './generated/github.js';
import { graphqlErrors } from './github-dialect.ts';
import type { GithubRepository } from './github-repository.ts';
import { unreadable } from './shared-failures.ts';
import { createOnce } from './shared-once.ts';
import { mostPages } from './shared-pages.ts';
import { bodyOf } from './shared-read.ts';
import { firstLine } from './shared-text.ts';
import type { ForgeCall } from './shared-wire.ts';

const needs = 'Pull requests: write';

/**
 * GraphQL alone says for every kind of token whether we wrote a comment: REST cannot tell an App's installation or a
 * workflow's token who it is.
 */
const ownCommentsQuery = `query ownComments($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $after) {
        nodes { fullDatabaseId viewerDidAuthor body }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

export async function githubOwnComment(
  repository: GithubRepository,
  pull: number,
  marker: string,
  signal: AbortSignal,
): Promise<OwnComment | undefined> {
  let after: string | null = null;
  let pages = 0;
  do {
    pages += 1;
    if (pages > mostPages) throw unreadable({ what: `read the comments of pull request ${pull}` });
    const page = await commentPage(repository, { pull, after }, signal);
    const own = page.nodes.find((node) => node.viewerDidAuthor && node.body.startsWith(marker));
    if (own) return { id: own.fullDatabaseId, body: own.body };
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return undefined;
}

async function commentPage(
  { ask, graphql, owner, name }: GithubRepository,
  { pull, after }: { readonly pull: number; readonly after: string | null },
  signal: AbortSignal,
) {
  const call: ForgeCall = {
    method: 'POST',
    url: graphql,
    body: { query: ownCommentsQuery, variables: { owner, name, number: pull, after } },
    what: `read the comments of pull request ${pull}`,
    needs: 'Pull requests: read',
    repeat: 'always',
  };
  const answer = await ask(call, signal);
  const errors = graphqlErrors(answer.body);
  if (errors.length > 0) throw graphqlFailure(errors, call);
  return bodyOf(Comments, answer, call).data.repository.pullRequest.comments;
}

/** GraphQL refuses with status 200 and the type of an error. */
function graphqlFailure(types: readonly string[], call: ForgeCall): ReconcileError {
  const text = `could not ${call.what}`;
  if (types.includes('NOT_FOUND'))
    return new ReconcileError('ForgeNotFound', `${text}: there is no such thing`, {
      nextStep: `see the repository's name; or the token may not see it, then give it the right ${call.needs}`,
    });
  if (types.some((type) => type === 'FORBIDDEN' || type === 'INSUFFICIENT_SCOPES'))
    return new ReconcileError('ForgeRefused', `${text}: the forge refuses`, {
      nextStep: `give the token the right ${call.needs}`,
    });
  return unreadable(call);
}

export async function githubPutComment(
  repository: GithubRepository,
  {
    pull,
    own,
    body,
  }: { readonly pull: number; readonly own: OwnComment | undefined; readonly body: string },
  signal: AbortSignal,
): Promise<OwnComment> {
  const edited = own && (await edit(repository, own.id, body, signal));
  if (edited) return edited;
  const marker = firstLine(body);
  return createOnce(
    {
      create: () => create(repository, pull, body, signal),
      find: () => githubOwnComment(repository, pull, marker, signal),
    },
    repository.clock,
    signal,
  );
}

/** Undefined: somebody deleted it meanwhile. */
async function edit(
  { ask, url }: GithubRepository,
  id: string,
  body: string,
  signal: AbortSignal,
): Promise<OwnComment | undefined> {
  const call = {
    method: 'PATCH',
    url: `${url}/issues/comments/${id}`,
    body: { body },
    what: 'edit our comment',
    needs,
    repeat: 'always',
    allow: [404, 410],
  } as const;
  const answer = await ask(call, signal);
  return answer.status === 200 ? ownComment(answer.body, call) : undefined;
}

async function create(
  { ask, url }: GithubRepository,
  pull: number,
  body: string,
  signal: AbortSignal,
): Promise<OwnComment> {
  const call = {
    method: 'POST',
    url: `${url}/issues/${pull}/comments`,
    body: { body },
    what: `comment on pull request ${pull}`,
    needs,
    repeat: 'unsent',
  } as const;
  return ownComment((await ask(call, signal)).body, call);
}

function ownComment(body: unknown, call: Pick<ForgeCall, 'what'>): OwnComment {
  if (!Comment(body)) throw unreadable(call);
  return { id: String(body.id), body: body.body };
}
