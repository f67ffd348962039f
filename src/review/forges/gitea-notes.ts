import { safeInk } from '../../core/render/review-ink.ts';
import { digestOf } from '../../core/words/digests.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { LineNote, PullRequest } from '../../ports/forge.ts';
import { Review, ReviewComments, Reviews } from './generated/gitea.js';
import { linesShown } from './gitea-lines.ts';
import { type GiteaRepository, pageSize } from './gitea-repository.ts';
import type { GiteaShapes } from './gitea-shapes.ts';
import { unreadable } from './shared-failures.ts';
import { createOnce } from './shared-once.ts';
import { listOf } from './shared-pages.ts';
import { bodyOf } from './shared-read.ts';
import { clipped } from './shared-text.ts';

const reviewMarker = '<!-- fairlead:notes ';
const noteMarker = '<!-- fairlead:note -->';
const maxMessage = 2_000;

type Standing = GiteaShapes['Reviews'][number];

interface Place {
  readonly repository: GiteaRepository;
  readonly pull: PullRequest;
  /** Address of the pull request's reviews. */
  readonly reviews: string;
  readonly signal: AbortSignal;
}

/**
 * Notes as one review with comments at lines, in place of the reviews we left before. The new one is there before the
 * old ones go; the same one for the same head is not written again.
 */
export async function giteaAnnotate(
  repository: GiteaRepository,
  pull: PullRequest,
  notes: readonly LineNote[],
  signal: AbortSignal,
): Promise<void> {
  const reviews = `${repository.url}/pulls/${pull.number}/reviews`;
  const place: Place = { repository, pull, reviews, signal };
  const standing = (await ownReviews(place)).filter(({ body }) => body.startsWith(reviewMarker));
  const head = `${reviewMarker}${digestOf([pull.head.commit, notes])} -->`;
  const isKept = ({ body, commit_id }: Standing): boolean =>
    body.startsWith(head) && commit_id === pull.head.commit;
  const kept = standing.find(isKept) ?? (await leave(place, notes, { head, isKept }));
  for (const { id } of standing) if (id !== kept?.id) await remove(place, id);
}

interface Wanted {
  readonly head: string;
  readonly isKept: (review: Standing) => boolean;
}

/** Undefined: there is nothing to say at any line of the diff. */
async function leave(
  place: Place,
  notes: readonly LineNote[],
  { head, isKept }: Wanted,
): Promise<GiteaShapes['Review'] | undefined> {
  const placed = await placedNotes(place, notes);
  if (placed.length === 0) return undefined;
  const body = `${head}\n${summary(placed.length, notes.length - placed.length)}`;
  return createOnce(
    {
      create: () => create(place, placed, body),
      find: async () => (await ownReviews(place)).find(isKept),
    },
    place.repository.clock,
    place.signal,
  );
}

function summary(placed: number, left: number): string {
  const what = placed === 1 ? '1 remark at a line' : `${placed} remarks at lines`;
  const more =
    left === 0
      ? ''
      : ` ${left} more at lines that this pull request does not touch: see the comment.`;
  return `**Fairlead**: ${what} of this pull request.${more}`;
}

async function placedNotes(place: Place, notes: readonly LineNote[]): Promise<readonly LineNote[]> {
  const shown = notes.length === 0 ? undefined : await shownLines(place);
  return shown === undefined ? [] : notes.filter(({ file, line }) => shown.get(file)?.has(line));
}

/**
 * Undefined: too large to be read, or to be made in time. A pull request may bring anything, and the comment has what is
 * said here: it is not asked for twice.
 */
async function shownLines({
  repository: { ask, url },
  pull,
  signal,
}: Place): Promise<ReturnType<typeof linesShown> | undefined> {
  const call = {
    method: 'GET',
    url: `${url}/pulls/${pull.number}.diff`,
    what: `read what pull request ${pull.number} changes`,
    needs: 'read:repository',
    repeat: 'unsent',
    reads: 'text',
  } as const;
  try {
    const { body } = await ask(call, signal);
    if (body !== undefined && typeof body !== 'string') throw unreadable(call);
    return linesShown(body ?? '');
  } catch (error) {
    if (error instanceof ReconcileError && error.code === 'OutcomeUnknown') return undefined;
    throw error;
  }
}

async function ownReviews({ repository, reviews, signal }: Place): Promise<readonly Standing[]> {
  const self = await repository.self(signal);
  const call = {
    method: 'GET',
    url: `${reviews}?limit=${pageSize}`,
    what: 'read our remarks',
    needs: 'read:repository',
    repeat: 'always',
  } as const;
  const pages = repository.pages(call, signal);
  const all = await listOf(pages, (answer) => bodyOf(Reviews, answer, call));
  return all.filter(({ user }) => user?.id === self);
}

async function create(
  place: Place,
  notes: readonly LineNote[],
  body: string,
): Promise<GiteaShapes['Review']> {
  await clearDrafts(place);
  const call = {
    method: 'POST',
    url: place.reviews,
    body: {
      event: 'COMMENT',
      body,
      commit_id: place.pull.head.commit,
      comments: notes.map((note) => ({
        path: note.file,
        new_position: note.line,
        body: noteText(note),
      })),
    },
    what: 'leave remarks at lines',
    needs: 'write:repository',
    repeat: 'unsent',
  } as const;
  return bodyOf(Review, await place.repository.ask(call, place.signal), call);
}

/**
 * Gitea makes a review remark by remark and publishes it at the end: one that broke off lies there as a draft, and the
 * next review of the same account would publish it.
 */
async function clearDrafts(place: Place): Promise<void> {
  const drafts = (await ownReviews(place)).filter(({ state }) => state === 'PENDING');
  for (const draft of drafts) {
    if (draft.body !== '' || !(await isOurs(place, draft)))
      throw new ReconcileError(
        'ForgeRefused',
        'could not leave remarks at lines: somebody with the same account is writing a review',
        { nextStep: 'give Fairlead a token of an account of its own' },
      );
    await remove(place, draft.id);
  }
}

async function isOurs({ repository, reviews, signal }: Place, { id }: Standing): Promise<boolean> {
  const call = {
    method: 'GET',
    url: `${reviews}/${id}/comments`,
    what: 'read our remarks',
    needs: 'read:repository',
    repeat: 'always',
  } as const;
  const comments = bodyOf(ReviewComments, await repository.ask(call, signal), call);
  return comments.every(({ body }) => body.startsWith(noteMarker));
}

async function remove({ repository: { ask }, reviews, signal }: Place, id: number): Promise<void> {
  const call = {
    method: 'DELETE',
    url: `${reviews}/${id}`,
    what: 'take back earlier remarks',
    needs: 'write:repository',
    repeat: 'always',
    allow: [404],
  } as const;
  await ask(call, signal);
}

const marks = { notice: 'ℹ️', warning: '⚠️', error: '⛔' } as const;

function noteText({ level, title, message }: LineNote): string {
  const said = [title, clipped(message, maxMessage)].map(safeInk.code);
  return `${noteMarker}\n${marks[level]} ${said.join(': ')}`;
}
