import type { ChangeId } from '../../core/model/plan.ts';
import type { CommitInfo } from '../../core/model/controller.ts';
import type { Look, SourceCommit } from '../../ports/controller.ts';
import type { Access } from './access.ts';
import type { Found } from './ask.ts';
import { attribute } from './attribution.ts';
import { commitInfo, type DatedCommit } from './commits.ts';
import type { CompletedCommit } from './completed.ts';
import { readContent, type Content } from './content.ts';
import { relate, succeeds, type Ends, type Relation } from './history.ts';
import { fetchObjects, holds, keepOnly, keptRefs, type Mirror, type Reach } from './mirror.ts';
import { judgeMove, type Rewound } from './rewind.ts';
import { deepen } from './signing/deepen.ts';
import { oid, tagPrefix, type Oid } from './strings.ts';
import { hasLittleRoom, tidy } from './tidy.ts';

/** Throws `SourceRefused` unless everything is signed that has to be. */
export type Verify = (
  commits: {
    readonly head: Oid;
    readonly base: Oid | undefined;
    readonly tagObject: Oid | undefined;
    /** The full name of the ref. */
    readonly name: string;
    /** Brings older history; false when there is no more. */
    readonly fetchMore: (signal: AbortSignal) => Promise<boolean>;
  },
  signal: AbortSignal,
) => Promise<void>;

/** One look that found something new, for as long as it lasts. */
export interface Bringing {
  readonly mirror: Mirror;
  readonly content: Content;
  /** For people. */
  readonly ref: string;
  readonly access: Access;
  readonly completed: CompletedCommit | undefined;
  /** What is in force: acted on in part, and newer than what was completed. */
  readonly given: CompletedCommit | undefined;
  readonly allowed: ReadonlySet<ChangeId>;
  readonly signatures: Signatures | undefined;
}

export interface Signatures {
  readonly verify: Verify;
  /** Where history must be held back to. */
  readonly since: Oid | undefined;
  readonly tag: boolean;
}

/**
 * Brings a commit into the mirror, judges whether it may come into force, and reads it.
 *
 * @throws ReconcileError `SourceUnavailable`, `SourceRefused`
 */
export async function bring(job: Bringing, found: Found, signal: AbortSignal): Promise<Look> {
  const { mirror, content, completed, given } = job;
  const head = found.commit;
  const refs = await keptRefs(mirror, signal);
  const kept = [head, ...idsOf(found.tagObject, completed?.commit, given?.commit)];
  // First of all: commits that are refused, one after the other, are not to pile up either.
  const isTight = await hasLittleRoom(mirror);
  await keepOnly(mirror, { source: content.source, refs, isTight }, kept, signal);
  await tidy(mirror, { isTight }, signal);
  await fetchHead(job, { found, refs }, signal);
  const info = await commitInfo(mirror, head, signal);
  const rewound = await judged(job, info, signal);
  if (rewound && !job.allowed.has(rewound.changeId)) return rewound;
  await verify(job, found, signal);
  const [documents, changedBy] = await allOf(
    readContent(mirror, content, info, signal),
    changes(job, head, signal),
  );
  return { kind: 'changed', source: sourceCommit(documents, withTag(info, found), changedBy) };
}

export function sourceCommit(
  documents: SourceCommit['documents'],
  commit: CommitInfo,
  changedBy: SourceCommit['changedBy'],
): SourceCommit {
  return { documents, commit, changedBy, encrypted: documents.encrypted ?? {} };
}

/** A tag may be one of many; a branch is the one that was asked for. */
function withTag(commit: CommitInfo, { name }: Found): CommitInfo {
  return name.startsWith(tagPrefix) ? { ...commit, ref: name.slice(tagPrefix.length) } : commit;
}

/** Both, or the failure of one when the other has ended, too: nothing is left at work in the mirror. */
async function allOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

function idsOf(...ids: readonly (Oid | undefined)[]): readonly Oid[] {
  return ids.filter((id) => id !== undefined);
}

/**
 * One fetch in the common case: what is newer than the last completed commit, which brings its descendants with their
 * history and nothing older. A server that cannot, or a head that is older, is asked for the head alone.
 */
async function fetchHead(
  job: Bringing,
  { found, refs }: { readonly found: Found; readonly refs: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const { mirror, content, access } = job;
  const completed = job.completed ?? job.given;
  const { source } = content;
  const tag = job.signatures?.tag === true ? idsOf(found.tagObject) : [];
  const ids = [found.commit, ...tag];
  const held = await Promise.all(ids.map((id) => holds(mirror, { source, refs }, id, signal)));
  if (held.every(Boolean)) return;
  const fetch = (reach: Reach) => fetchObjects(mirror, { source, ids, reach, access }, signal);
  if (completed) {
    const sinceSeconds = Math.floor(completed.committedAt / 1000);
    if (await succeeds(signal, () => fetch({ sinceSeconds }))) return;
  }
  await fetch({ depth: 1 });
}

/** Against what is in force; where that is not known, against what was completed. */
async function judged(
  job: Bringing,
  to: DatedCommit,
  signal: AbortSignal,
): Promise<Rewound | undefined> {
  const from = job.given ?? job.completed;
  if (!from) return undefined;
  const relation = await relationTo(job, { base: from.commit, head: oid(to.id) }, signal);
  return judgeMove({ source: job.content.source, ref: job.ref, from, to, relation });
}

async function changes(
  job: Bringing,
  head: Oid,
  signal: AbortSignal,
): Promise<SourceCommit['changedBy']> {
  if (!job.completed) return {};
  const relation = await relationTo(job, { base: job.completed.commit, head }, signal);
  return attribute(job, { head, relation }, signal);
}

function relationTo(
  { mirror, content, access }: Bringing,
  ends: Ends,
  signal: AbortSignal,
): Promise<Relation> {
  return relate(mirror, ends, { source: content.source, access }, signal);
}

/** History must be held as far back as it is to be signed. */
async function verify(job: Bringing, found: Found, signal: AbortSignal): Promise<void> {
  const { mirror, content, access, completed, signatures } = job;
  if (!signatures) return;
  const base = completed?.commit;
  const head = found.commit;
  const back = base ?? signatures.since;
  if (!signatures.tag && back !== undefined)
    await relate(mirror, { base: back, head }, { source: content.source, access }, signal);
  const { tagObject, name } = found;
  const frame = { mirror, source: content.source, head, access };
  const fetchMore = deepen({ ...frame, completedAt: completed?.committedAt });
  await signatures.verify({ head, base, tagObject, name, fetchMore }, signal);
}
