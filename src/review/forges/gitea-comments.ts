import type { OwnComment } from '../../ports/forge.ts';
import { Comment, Comments } from './generated/gitea.js';
import type { GiteaRepository } from './gitea-repository.ts';
import { createOnce } from './shared-once.ts';
import { listOf } from './shared-pages.ts';
import { bodyOf } from './shared-read.ts';
import { firstLine } from './shared-text.ts';
import type { ForgeAnswer, ForgeCall } from './shared-wire.ts';

const needs = 'write:issue';

export async function giteaOwnComment(
  repository: GiteaRepository,
  pull: number,
  marker: string,
  signal: AbortSignal,
): Promise<OwnComment | undefined> {
  const self = await repository.self(signal);
  const call = {
    method: 'GET',
    // Gitea gives all of them at once, oldest first.
    url: `${repository.url}/issues/${pull}/comments`,
    what: `read the comments of pull request ${pull}`,
    needs: 'read:issue',
    repeat: 'always',
  } as const;
  const pages = repository.pages(call, signal);
  const comments = await listOf(pages, (answer) => bodyOf(Comments, answer, call));
  const own = comments
    .filter(({ user, body }) => user?.id === self && body.startsWith(marker))
    .toSorted((a, b) => a.id - b.id)[0];
  return own && { id: String(own.id), body: own.body };
}

export async function giteaPutComment(
  repository: GiteaRepository,
  {
    pull,
    own,
    body,
  }: { readonly pull: number; readonly own: OwnComment | undefined; readonly body: string },
  signal: AbortSignal,
): Promise<OwnComment> {
  const edited = own && (await edit(repository, own.id, body, signal));
  if (edited) return edited;
  return createOnce(
    {
      create: () => create(repository, pull, body, signal),
      find: () => giteaOwnComment(repository, pull, firstLine(body), signal),
    },
    repository.clock,
    signal,
  );
}

/** Undefined: somebody deleted it meanwhile. */
async function edit(
  { ask, url }: GiteaRepository,
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
    allow: [404],
  } as const;
  const answer = await ask(call, signal);
  return answer.status === 404 ? undefined : ownComment(answer, call);
}

async function create(
  { ask, url }: GiteaRepository,
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
  return ownComment(await ask(call, signal), call);
}

function ownComment(answer: ForgeAnswer, call: Pick<ForgeCall, 'what'>): OwnComment {
  const { id, body } = bodyOf(Comment, answer, call);
  return { id: String(id), body };
}
