import type { OwnComment } from '../../ports/forge.ts';
import { Note, Notes } from './generated/gitlab.js';
import type { GitlabProject } from './gitlab-project.ts';
import { unreadable } from './shared-failures.ts';
import { createOnce } from './shared-once.ts';
import { pagesOf } from './shared-pages.ts';
import { bodyOf } from './shared-read.ts';
import { firstLine } from './shared-text.ts';
import type { ForgeAnswer, ForgeCall } from './shared-wire.ts';

const needs = 'scope api, role Reporter';

/** Looks at pages only until it is found: ours is among the first of a merge request. */
export async function gitlabOwnComment(
  { ask, url, api, ownId }: GitlabProject,
  pull: number,
  marker: string,
  signal: AbortSignal,
): Promise<OwnComment | undefined> {
  const own = await ownId(signal);
  const query = 'sort=asc&order_by=created_at&per_page=100';
  const call = {
    method: 'GET',
    url: `${url}/merge_requests/${pull}/notes?${query}`,
    what: `read the comments of merge request ${pull}`,
    needs: 'scope read_api, role Reporter',
    repeat: 'always',
  } as const;
  for await (const page of pagesOf(ask, call, { api, signal })) {
    const found = bodyOf(Notes, page, call).find(
      ({ author, body }) => author.id === own && body.startsWith(marker),
    );
    if (found) return { id: String(found.id), body: found.body };
  }
  return undefined;
}

interface Wanted {
  readonly pull: number;
  readonly own: OwnComment | undefined;
  readonly body: string;
}

export async function gitlabPutComment(
  project: GitlabProject,
  { pull, own, body }: Wanted,
  signal: AbortSignal,
): Promise<OwnComment> {
  project.checkCanWrite(`comment on merge request ${pull}`);
  const wanted = { pull, own, body: withoutQuickActions(body) };
  const edited = own && (await edit(project, wanted, own.id, signal));
  if (edited) return edited;
  return createOnce(
    {
      create: () => create(project, wanted, signal),
      find: () => gitlabOwnComment(project, pull, firstLine(wanted.body), signal),
    },
    project.clock,
    signal,
  );
}

/**
 * A line that begins with `/close` would close the merge request with our rights.
 *
 * @see https://docs.gitlab.com/user/project/quick_actions/
 */
function withoutQuickActions(body: string): string {
  return body.replace(/^([ \t]*)\//gm, '$1&#47;');
}

/** Undefined: somebody deleted it meanwhile. */
async function edit(
  { ask, url }: GitlabProject,
  { pull, body }: Wanted,
  id: string,
  signal: AbortSignal,
): Promise<OwnComment | undefined> {
  const call = {
    method: 'PUT',
    url: `${url}/merge_requests/${pull}/notes/${id}`,
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
  { ask, url }: GitlabProject,
  { pull, body }: Wanted,
  signal: AbortSignal,
): Promise<OwnComment> {
  const call = {
    method: 'POST',
    url: `${url}/merge_requests/${pull}/notes`,
    body: { body },
    what: `comment on merge request ${pull}`,
    needs,
    repeat: 'unsent',
  } as const;
  return ownComment(await ask(call, signal), call);
}

function ownComment({ body }: ForgeAnswer, call: Pick<ForgeCall, 'what'>): OwnComment {
  if (!Note(body)) throw unreadable(call);
  return { id: String(body.id), body: body.body };
}
