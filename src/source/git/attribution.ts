import type { CommitInfo } from '../../core/model/controller.ts';
import type { Access } from './access.ts';
import { changedSince, parentsOf } from './commits.ts';
import type { CompletedCommit } from './completed.ts';
import { orUndefined, succeeds, type Relation } from './history.ts';
import { fetchObjects, type Mirror } from './mirror.ts';
import type { Oid } from './strings.ts';

interface Attributing {
  readonly mirror: Mirror;
  readonly content: { readonly source: string };
  readonly access: Access;
  readonly completed: CompletedCommit | undefined;
}

type Changers = Readonly<Record<string, CommitInfo>>;

/**
 * Who changed which file since the last completed commit: by file, the newest commit but `head`. Nothing where the
 * mirror does not hold what lies between: then the head stands for all of it.
 */
export async function attribute(
  job: Attributing,
  { head, relation }: { readonly head: Oid; readonly relation: Relation },
  signal: AbortSignal,
): Promise<Changers> {
  const { mirror, completed } = job;
  if (!completed || (relation !== 'forward' && relation !== 'apart')) return {};
  const parents = await parentsOf(mirror, head, signal);
  if (parents.length === 1 && parents[0] === completed.commit) return {};
  const ends = { base: completed.commit, head };
  return (await orUndefined(signal, () => changers(job, ends, signal))) ?? {};
}

async function changers(
  job: Attributing,
  ends: { readonly base: Oid; readonly head: Oid },
  signal: AbortSignal,
): Promise<Changers> {
  const { changedBy, cut } = await changedSince(job.mirror, ends, signal);
  if (cut.length === 0 || !(await fetchBefore(job, cut, signal))) return changedBy;
  return (await changedSince(job.mirror, ends, signal)).changedBy;
}

/** How many branches that were begun before the last completed commit, and how many commits of each, are told apart. */
const most = { branches: 8, commits: 8 };

/** What lies behind the ends of the history that is held. */
async function fetchBefore(
  { mirror, content: { source }, access }: Attributing,
  cut: readonly Oid[],
  signal: AbortSignal,
): Promise<boolean> {
  const ids = cut.slice(0, most.branches);
  const fetch = { source, ids, reach: { depth: most.commits }, access };
  return succeeds(signal, () => fetchObjects(mirror, fetch, signal));
}
