import { createHash } from 'node:crypto';

import { visible } from '../../core/render/visible.ts';
import type { LineNote, PullRequest } from '../../ports/forge.ts';
import { CheckRun, CheckRuns } from './generated/github.js';
import type { GithubRepository } from './github-repository.ts';
import type { GithubShapes } from './github-shapes.ts';
import { unreadable } from './shared-failures.ts';
import { createOnce } from './shared-once.ts';
import { bodyOf } from './shared-read.ts';
import { clipped, inert } from './shared-text.ts';
import type { ForgeCall } from './shared-wire.ts';

/** One request takes so many; the next ones are added to them. @see GitHub, REST API, "Update a check run" */
const notesPerRequest = 50;
const runName = 'Fairlead notes';
const needs = 'Checks: write (of a workflow or an App; a token of a person cannot)';

const levels = { notice: 'notice', warning: 'warning', error: 'failure' } as const;

type Run = GithubShapes['CheckRuns']['check_runs'][number];

/**
 * Notes as a check run at the head, neutral: statuses judge. GitHub shows the newest run of a name, so other notes for
 * the same head replace the earlier ones, and the same notes are not written again.
 */
export async function githubAnnotate(
  repository: GithubRepository,
  { head }: PullRequest,
  notes: readonly LineNote[],
  signal: AbortSignal,
): Promise<void> {
  const digest = createHash('sha256').update(JSON.stringify(notes)).digest('hex');
  const newest = await newestRun(repository, head.commit, signal);
  if (newest === undefined && notes.length === 0) return;
  if (
    newest?.external_id === digest &&
    newest.output.annotations_count >= notes.length &&
    newest.status === 'completed'
  )
    return;
  const parts = chunks(notes);
  const run = await createOnce(
    {
      create: () => startRun(repository, { commit: head.commit, digest, notes, parts }, signal),
      find: async () => {
        const found = await newestRun(repository, head.commit, signal);
        return found?.external_id === digest && found.id !== newest?.id ? found : undefined;
      },
    },
    repository.clock,
    signal,
  );
  await addRest(repository, { id: run.id, notes, parts }, signal);
}

function chunks(notes: readonly LineNote[]): readonly (readonly LineNote[])[] {
  const count = Math.max(1, Math.ceil(notes.length / notesPerRequest));
  return Array.from({ length: count }, (_, i) =>
    notes.slice(i * notesPerRequest, (i + 1) * notesPerRequest),
  );
}

async function newestRun(
  { ask, url }: GithubRepository,
  commit: string,
  signal: AbortSignal,
): Promise<Run | undefined> {
  const query = new URLSearchParams({ check_name: runName, filter: 'latest', per_page: '1' });
  const call = {
    method: 'GET',
    url: `${url}/commits/${commit}/check-runs?${query.toString()}`,
    what: 'read the notes at the head',
    needs: 'Checks: read',
    repeat: 'always',
  } as const;
  return bodyOf(CheckRuns, await ask(call, signal), call).check_runs[0];
}

interface Notes {
  readonly notes: readonly LineNote[];
  readonly parts: readonly (readonly LineNote[])[];
}

async function startRun(
  { ask, url }: GithubRepository,
  { commit, digest, notes, parts }: Notes & { readonly commit: string; readonly digest: string },
  signal: AbortSignal,
): Promise<Pick<Run, 'id'>> {
  const call = {
    method: 'POST',
    url: `${url}/check-runs`,
    body: {
      name: runName,
      head_sha: commit,
      external_id: digest,
      ...progress(0, parts),
      output: output(notes, parts[0] ?? []),
    },
    what: 'leave notes at the head',
    needs,
    repeat: 'unsent',
  } as const;
  return run((await ask(call, signal)).body, call);
}

/** The parts after the first. Before each the run is asked how many it has where it is not known whether the last one came. */
async function addRest(
  repository: GithubRepository,
  { id, notes, parts }: Notes & { readonly id: number },
  signal: AbortSignal,
): Promise<void> {
  for (const [index, part] of parts.entries()) {
    if (index === 0) continue;
    const wanted = Math.min((index + 1) * notesPerRequest, notes.length);
    await createOnce(
      {
        create: () =>
          addPart(
            repository,
            { id, body: { ...progress(index, parts), output: output(notes, part) } },
            signal,
          ),
        find: async () => {
          const found = await readRun(repository, id, signal);
          return found.output.annotations_count >= wanted ? found : undefined;
        },
      },
      repository.clock,
      signal,
    );
  }
}

async function addPart(
  { ask, url }: GithubRepository,
  { id, body }: { readonly id: number; readonly body: object },
  signal: AbortSignal,
): Promise<Pick<Run, 'id'>> {
  const call = {
    method: 'PATCH',
    url: `${url}/check-runs/${id}`,
    body,
    what: 'leave more notes at the head',
    needs,
    // A second time would add the notes a second time.
    repeat: 'unsent',
  } as const;
  return run((await ask(call, signal)).body, call);
}

async function readRun({ ask, url }: GithubRepository, id: number, signal: AbortSignal) {
  const call = {
    method: 'GET',
    url: `${url}/check-runs/${id}`,
    what: 'read our notes',
    needs: 'Checks: read',
    repeat: 'always',
  } as const;
  return bodyOf(CheckRun, await ask(call, signal), call);
}

function run(body: unknown, call: Pick<ForgeCall, 'what'>): GithubShapes['CheckRun'] {
  if (!CheckRun(body)) throw unreadable(call);
  return body;
}

/** Complete with the last part: until then nobody reads half of it as the whole. */
function progress(index: number, parts: Notes['parts']): Readonly<Record<string, string>> {
  return index === parts.length - 1
    ? { status: 'completed', conclusion: 'neutral' }
    : { status: 'in_progress' };
}

function output(notes: readonly LineNote[], part: readonly LineNote[]): object {
  const count = notes.length === 1 ? '1 note' : `${notes.length} notes`;
  return {
    title: count,
    summary:
      'Notes of Fairlead at the lines they are about. They decide nothing: see the statuses.',
    annotations: part.map(annotation),
  };
}

/** Title and message are shown as plain text. */
function annotation({ file, line, level, title, message }: LineNote): object {
  return {
    path: file,
    start_line: line,
    end_line: line,
    annotation_level: levels[level],
    title: clipped(visible(title), 255),
    message: clipped(inert(message), 16_000),
  };
}
