import type { ProgramId } from '../core/words/keys.ts';
import type { Resolved, Wish } from './declared.ts';
import type { LoopState, ProgramEntry, SourceEntry } from './state.ts';

/*
 * What `maxPrograms` counts. The baseline is how programs were wanted at the last completed commit; whatever is wanted
 * otherwise since belongs to the connection's batch, however many commits it came in and whichever process acts on it. A
 * batch ends, and the baseline moves, when every program of ours in it was judged and none was refused for the number of
 * them: so no mass change passes in slices. Programs of others are counted until whoever acts on them says the same.
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
  /** Also of other processes. */
  readonly changed: Set<ProgramId>;
  /** Of ours: not judged as they are wanted now. */
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
  const { baseline, declared, sources, connections } = state;
  for (const source of sources.values()) meet(state, source);
  for (const [name, { batch }] of connections) {
    const isIn = (id: ProgramId): boolean => {
      const wish = declared.programs.get(id);
      // Of a program that rests nothing is judged, and nothing written.
      return (
        wish?.desired.connection === name && wish.rests === undefined && isCounted(state, wish)
      );
    };
    for (const id of [...batch.changed, ...batch.unjudged]) if (!isIn(id)) leave(batch, id);
    for (const [id, { desired }] of declared.programs) {
      if (baseline.digests?.[id] === desired.digest) leave(batch, id);
      else if (isIn(id)) batch.changed.add(id);
    }
  }
  wakeRefused(state);
}

/** Programs of others that they judged as we want them now, too: nothing of them is left to count. @returns whether any */
export function settleOthers(state: LoopState): boolean {
  const { baseline, connections, declared } = state;
  const { shards } = state.ports;
  if (!shards || !baseline.digests) return false;
  const isJudged = (id: ProgramId, name: string): boolean => {
    const commit = state.sources.get(name)?.status.commit?.id;
    const { judged, done } = shards.said(id);
    return commit !== undefined && (judged[name] === commit || done[name] === commit);
  };
  const digests: [ProgramId, string][] = [];
  for (const { batch } of connections.values())
    for (const id of batch.changed) {
      const wish = declared.programs.get(id);
      if (!wish || state.programs.has(id)) continue;
      if (wish.sources.every((name) => isJudged(id, name))) digests.push([id, wish.desired.digest]);
    }
  baseline.digests = { ...baseline.digests, ...Object.fromEntries(digests) };
  return digests.length > 0;
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

/** The program is not ours any more, and not ours to judge. */
export function leaveToOthers(state: LoopState, { id, wish }: ProgramEntry): void {
  state.connections.get(wish.desired.connection)?.batch.unjudged.delete(id);
}

/** Batches of which the last programs that were not judged are gone. */
export async function endJudged(state: LoopState): Promise<void> {
  for (const [name, { batch }] of state.connections) {
    const hasOurs = [...batch.changed].some((id) => state.programs.has(id));
    if (hasOurs && batch.unjudged.size === 0) await end(state, name, batch);
  }
}

/** Every program of ours in the batch was judged: how these are wanted now is where the next commit is counted from. */
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
  for (const id of changed) if (programs.has(id)) changed.delete(id);
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
