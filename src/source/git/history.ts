import { ReconcileError } from '../../core/words/errors.ts';
import type { Access } from './access.ts';
import { parentsOf } from './commits.ts';
import { fetchObjects, inMirror, type Mirror } from './mirror.ts';
import type { Oid } from './strings.ts';

/** Two commits of one repository. */
export interface Ends {
  /** The last completed commit, or the one after which everything must be signed. */
  readonly base: Oid;
  readonly head: Oid;
}

/**
 * How `head` stands to `base`. forward: base is an ancestor of head. backward: head is one of base. apart: both come from
 * another commit. unknown: the history that is held does not tell.
 */
export type Relation = 'same' | 'forward' | 'backward' | 'apart' | 'unknown';

/** As far as the mirror holds history. */
async function relationOf(
  mirror: Mirror,
  { base, head }: Ends,
  signal: AbortSignal,
): Promise<Relation> {
  if (base === head) return 'same';
  // It fails where there is no common ancestor, and where the mirror does not hold both.
  const common = await orUndefined(signal, () =>
    inMirror(mirror, ['merge-base', base, head], signal),
  );
  const found = common?.trim();
  if (found === base) return 'forward';
  if (found === head) return 'backward';
  if (found !== undefined) return 'apart';
  // A commit names its parents even where the mirror was told that history ends with it.
  if ((await parents(mirror, head, signal)).includes(base)) return 'forward';
  if ((await parents(mirror, base, signal)).includes(head)) return 'backward';
  return 'unknown';
}

async function parents(mirror: Mirror, id: Oid, signal: AbortSignal): Promise<readonly Oid[]> {
  return (await orUndefined(signal, () => parentsOf(mirror, id, signal))) ?? [];
}

/** How many commits back are asked for, one after the other, until it can be told. */
const depths = [16, 128, 1024, 8192];

/**
 * How `head` stands to `base`, deepening the mirror in few bounded steps where it does not hold enough to tell.
 *
 * A remote that does not give more ends it: what is not known then stays unknown.
 */
export async function relate(
  mirror: Mirror,
  ends: Ends,
  { source, access }: { readonly source: string; readonly access: Access },
  signal: AbortSignal,
): Promise<Relation> {
  let relation = await relationOf(mirror, ends, signal);
  for (const depth of depths) {
    if (relation !== 'unknown') break;
    const fetched = await deepen(mirror, ends, { source, access, depth }, signal);
    if (!fetched) break;
    relation = await relationOf(mirror, ends, signal);
  }
  return relation;
}

/** Whether it brought anything: the base may be gone from the remote, then the head's history alone must tell. */
async function deepen(
  mirror: Mirror,
  { base, head }: Ends,
  {
    source,
    access,
    depth,
  }: { readonly source: string; readonly access: Access; readonly depth: number },
  signal: AbortSignal,
): Promise<boolean> {
  for (const ids of [[head, base], [head]]) {
    const fetch = { source, ids, reach: { depth }, access };
    if (await succeeds(signal, () => fetchObjects(mirror, fetch, signal))) return true;
  }
  return false;
}

/** @throws the signal's reason, and what is no failure of the world */
export async function orUndefined<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ReconcileError) return undefined;
    throw error;
  }
}

/** Whether it came through. @throws as `orUndefined` */
export async function succeeds(
  signal: AbortSignal,
  work: () => Promise<unknown>,
): Promise<boolean> {
  const done = await orUndefined(signal, async () => {
    await work();
    return true;
  });
  return done ?? false;
}
