import type { ProgramId } from '../core/words/keys.ts';
import type { Resolved, Wish } from './declared.ts';
import type { LoopState, ProgramEntry, SourceEntry } from './state.ts';

/*
 * What `maxPrograms` counts. The baseline is how programs were wanted at the last completed commit; whatever is wanted
 * otherwise since belongs to the connection's batch, however many commits it came in. A batch ends, and the baseline
 * moves, when every program of it was judged and none was refused for the number of them: so no mass change passes in
 * slices.
 */

export interface Baseline {
  /** Digests by program at the last completed commit; undefined where none is known: then nothing is counted. */
  digests: Readonly<Record<string, string>> | undefined;
  /** It stands on disk as well. */
  isKept: boolean;
  /** Sources whose first declarations were taken up. */
  readonly met: Set<string>;
  /** By source not met yet, digests of its programs as it declared them at the commit that was completed before. */
  readonly bases: Map<string, Readonly<Record<string, string>>>;
}

/** Programs of one connection that are wanted otherwise than in the baseline. */
export interface Batch {
  readonly changed: Set<ProgramId>;
  /** Of these and of others that were wanted otherwise: not judged as they are wanted now. */
  readonly unjudged: Set<ProgramId>;
}

/** @param digests  what was kept on disk */
export function createBaseline(digests: Baseline['digests']): Baseline {
  return { digests, isKept: digests !== undefined, met: new Set(), bases: new Map() };
}

export function createBatch(): Batch {
  return { changed: new Set(), unjudged: new Set() };
}

/** Objects of a cluster come one by one and have no commit: of their programs nothing is counted. */
export function isCounted({ ports, sources }: LoopState, wish: Wish): boolean {
  return ports.objects === undefined || wish.sources.some((source) => sources.has(source));
}

/** Programs of a connection that changed since the last completed commit. */
export function programsInCommit(state: LoopState, wish: Wish): number | undefined {
  const { baseline, connections } = state;
  if (!isCounted(state, wish)) return undefined;
  return baseline.digests && connections.get(wish.desired.connection)?.batch.changed.size;
}

/** After everything was resolved: what is in the batches now. */
export function countBatches(state: LoopState): void {
  const { baseline, programs, sources, connections } = state;
  for (const source of sources.values()) meet(state, source);
  for (const [name, { batch }] of connections) {
    const isOurs = (id: ProgramId): boolean => {
      const wish = programs.get(id)?.wish;
      // Of a program that rests nothing is judged, and nothing written.
      return (
        wish?.desired.connection === name && wish.rests === undefined && isCounted(state, wish)
      );
    };
    for (const id of [...batch.changed, ...batch.unjudged]) if (!isOurs(id)) leave(batch, id);
    for (const [id, { wish }] of programs) {
      if (baseline.digests?.[id] === wish.desired.digest) leave(batch, id);
      else if (isOurs(id)) batch.changed.add(id);
    }
  }
  wakeRefused(state);
}

function leave({ changed, unjudged }: Batch, id: ProgramId): void {
  changed.delete(id);
  unjudged.delete(id);
}

/**
 * A source of which nothing was known has no earlier commit: its first declarations are the baseline. So it is at the
 * very first start, and when the administrator adds a source. Where a commit was completed before, it is how programs
 * were wanted at that one; where that commit is lost, everything counts as changed.
 */
function meet({ baseline, declared }: LoopState, { source, documents, base }: SourceEntry): void {
  const { name } = source;
  if (!documents || baseline.met.has(name)) return;
  baseline.met.add(name);
  // Also of programs that another process acts on now: they may be ours next.
  const now = digestsIn(declared, name);
  const { digests = {} } = baseline;
  const isKnown = Object.keys(now).some((id) => digests[id] !== undefined);
  const first = base === undefined ? now : (baseline.bases.get(name) ?? {});
  baseline.bases.delete(name);
  baseline.digests = { ...(isKnown ? {} : first), ...digests };
}

function digestsIn(declared: LoopState['declared'], source: string): Record<string, string> {
  const own = [...declared.programs].filter(([, { sources }]) => sources.includes(source));
  return Object.fromEntries(own.map(([id, { desired }]) => [id, desired.digest]));
}

/**
 * How programs were wanted at the commits that were completed before we ran, among everything else as it is now. What
 * sources declare now stands again afterwards, and is to be resolved.
 */
export function resolveBases({ baseline, declared, sources }: LoopState): readonly Resolved[] {
  return [...sources.values()].flatMap(({ source: { name }, base, documents }) => {
    if (baseline.met.has(name) || baseline.bases.has(name)) return [];
    if (!documents || base === undefined || base === 'lost') return [];
    declared.replace(name, base);
    const resolved = declared.resolve();
    baseline.bases.set(name, digestsIn(declared, name));
    declared.replace(name, documents);
    return [resolved];
  });
}

/** Programs come from another process: of sources whose commit it completed, nothing of them is left to count. */
export function takeOverBaseline(
  { baseline, sources }: LoopState,
  fresh: readonly (readonly [ProgramId, Wish])[],
): void {
  const isCompleted = (name: string): boolean => {
    const entry = sources.get(name);
    const commit = entry?.status.commit?.id;
    return !entry || (commit !== undefined && entry.source.completedAnywhere?.() === commit);
  };
  if (!baseline.digests) return;
  const done = fresh.filter(([, wish]) => wish.sources.every(isCompleted));
  const digests = done.map(([id, { desired }]) => [id, desired.digest] as const);
  baseline.digests = { ...baseline.digests, ...Object.fromEntries(digests) };
}

/** The program is wanted otherwise: what was judged of it does not count any more. */
export function unjudge(state: LoopState, { id, wish }: ProgramEntry): void {
  if (isCounted(state, wish))
    state.connections.get(wish.desired.connection)?.batch.unjudged.add(id);
}

/** The program was decided as it is wanted now, and not refused for the number of programs. */
export async function judged(state: LoopState, { id, wish }: ProgramEntry): Promise<void> {
  if (!isCounted(state, wish)) return;
  const batch = state.connections.get(wish.desired.connection)?.batch;
  batch?.unjudged.delete(id);
  if (!batch || batch.unjudged.size > 0) return;
  await end(state, wish.desired.connection, batch);
}

/** Every program of the batch was judged: how all are wanted now is where the next commit is counted from. */
async function end(
  { baseline, programs, declared, ports }: LoopState,
  connection: string,
  { changed }: Batch,
): Promise<void> {
  const { digests = {} } = baseline;
  const kept = [...declared.programs].flatMap(([id, wish]) => {
    const isJudged =
      programs.has(id) && wish.desired.connection === connection && wish.rests === undefined;
    const digest = isJudged ? wish.desired.digest : digests[id];
    return digest === undefined ? [] : [[id, digest] as const];
  });
  changed.clear();
  const next = Object.fromEntries(kept);
  const isNews =
    kept.length !== Object.keys(digests).length || kept.some(([id]) => next[id] !== digests[id]);
  baseline.digests = next;
  if (isNews || !baseline.isKept) await ports.completed.write(next);
  baseline.isKept = true;
}

/** Whether the gate refuses for the number of programs right now. */
export function isMass(state: LoopState, { wish }: ProgramEntry): boolean {
  const { connection } = wish.desired;
  const count = programsInCommit(state, wish);
  const limit = state.connections.get(connection)?.connection.gates.maxPrograms ?? 'off';
  return count !== undefined && limit !== 'off' && count > limit;
}

/** Fewer programs are changed now: what was refused for their number is judged anew. */
function wakeRefused(state: LoopState): void {
  for (const entry of state.programs.values()) {
    if (!entry.isMass || isMass(state, entry)) continue;
    entry.isMass = false;
    state.connections.get(entry.wish.desired.connection)?.queue.add(entry.id, 'sweep');
  }
}
