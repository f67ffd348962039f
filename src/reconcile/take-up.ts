import type { ProgramStatus } from '../core/model/controller.ts';
import type { ProgramId } from '../core/words/keys.ts';
import type { DocumentId } from '../core/words/places.ts';
import {
  countBatches,
  endJudged,
  isCounted,
  leaveToOthers,
  resolveBases,
  takeOverBaseline,
  unjudge,
} from './batch.ts';
import { setSource } from './conditions.ts';
import { fewest, hotLimit } from './hot-limit.ts';
import { ownerOf } from './owner.ts';
import { problemsShown, problemText } from './problem-text.ts';
import { show, type LoopState, type ProgramEntry, type SourceEntry } from './state.ts';
import { noteUndeclared, tellProblems } from './tell-source.ts';
import { altered, type Resolved, type Wish } from './declared.ts';

interface News {
  /** The commit is another one than before, and history hears of it. */
  readonly isTold: boolean;
  readonly before?: string;
}

/** Takes up what a source declares now, and wakes the programs that are wanted otherwise, and only those. */
export async function takeUp(state: LoopState, entry: SourceEntry, news: News): Promise<void> {
  if (entry.documents) state.declared.replace(entry.source.name, entry.documents);
  const programs = await resolveWhenTried(state, entry);
  await tell(state, entry, news, programs);
}

/**
 * Resolves once every source was tried: what another one claims must be known before anything is judged.
 *
 * @param looked  the source that was looked at, if one was
 * @returns how many programs are wanted otherwise
 */
export async function resolveWhenTried(state: LoopState, looked?: SourceEntry): Promise<number> {
  const sources = [...state.sources.values()];
  if (!state.isComplete) return 0;
  if (!sources.every(({ isTried, isAwaited }) => isTried || !isAwaited)) return 0;
  const woken = resolveChanged(state, looked);
  await endJudged(state);
  for (const { id, wish } of woken) {
    for (const name of wish.sources) state.sources.get(name)?.open.add(id);
  }
  for (const source of sources) await completeIfDone(state, source);
  return woken.length;
}

/** Resolves what changed, and queues what follows. @returns programs that are wanted otherwise */
function resolveChanged(
  state: LoopState,
  looked: SourceEntry | undefined,
): readonly ProgramEntry[] {
  const { declared, ports } = state;
  const resolved = together([...resolveBases(state), declared.resolve()]);
  const isFollowed = followedBefore(state, resolved);
  const woken = [...resolved.programs].flatMap((id) => {
    const wish = declared.programs.get(id);
    if (wish && isOurs(state, id)) return update(state, id, wish) ?? [];
    forget(state, id);
    return [];
  });
  ports.reports?.resolved(resolved);
  showProblems(state, resolved, looked);
  if (isFollowed || looked || woken.some((entry) => isCounted(state, entry.wish)))
    countBatches(state);
  wake(state, woken);
  if (ports.reports) for (const document of resolved.documents) judgeAnew(state, document);
  show(state);
  return woken;
}

function together(all: readonly Resolved[]): Resolved {
  return {
    programs: new Set(all.flatMap(({ programs }) => [...programs])),
    documents: new Set(all.flatMap(({ documents }) => [...documents])),
  };
}

/** Programs that some repository declared until now. */
function followedBefore(state: LoopState, { programs }: Resolved): boolean {
  return [...programs].some((id) => {
    const known = state.programs.get(id);
    return known !== undefined && isCounted(state, known.wish);
  });
}

function isOurs({ ports }: LoopState, id: ProgramId): boolean {
  return ports.shards === undefined || ports.shards.holder(id) !== undefined;
}

/**
 * An object says of which generation it speaks, and where its mistakes stand: it is judged again also where nothing is
 * wanted otherwise, by what is known of the platform.
 */
function judgeAnew(state: LoopState, document: DocumentId): void {
  for (const id of state.declared.programsOf(document)) {
    const entry = state.programs.get(id);
    // Of a program that is looked at anyway more has to be read.
    if (!entry || entry.touched.size > 0) continue;
    const connection = state.connections.get(entry.wish.desired.connection);
    if (!connection?.store.get(id)) continue;
    entry.isFresh = true;
    connection.queue.add(id, 'hot');
  }
}

/** Another share of the programs is ours: those that are not any more are forgotten, the others are looked at anew. */
export async function takeUpShards(state: LoopState): Promise<void> {
  state.ports.shards?.takenUp();
  for (const id of state.programs.keys()) if (!isOurs(state, id)) forget(state, id);
  const fresh = [...state.declared.programs].filter(
    ([id]) => !state.programs.has(id) && isOurs(state, id),
  );
  takeOverBaseline(state, fresh);
  const woken = fresh.flatMap(([id, wish]) => update(state, id, wish) ?? []);
  // Whoever held them may have left some of the commit undone.
  for (const entry of woken) reopen(state, entry);
  if (woken.some((entry) => isCounted(state, entry.wish))) countBatches(state);
  wake(state, woken);
  state.ports.reports?.taken();
  show(state);
  await endJudged(state);
  for (const source of state.sources.values()) await completeIfDone(state, source);
}

function reopen({ sources }: LoopState, { id, wish }: ProgramEntry): void {
  for (const name of wish.sources) {
    const source = sources.get(name);
    const { commit, completed } = source?.status ?? {};
    if (commit && commit.id !== completed) source?.open.add(id);
  }
}

/** Problems that show only when everything is resolved belong to the source whose document they stand in. */
function showProblems(
  state: LoopState,
  { documents }: Resolved,
  looked: SourceEntry | undefined,
): void {
  const touched = new Set([...documents].map(sourceOf));
  // What another source declares may have been resolved only now: each was waited for.
  const isTold = (entry: SourceEntry): boolean =>
    looked && !state.ports.objects ? true : entry === looked || touched.has(entry.source.name);
  for (const entry of [...state.sources.values()].filter(isTold)) {
    const errors = state.declared.errorsIn(entry.source.name);
    setSource(state, entry, {
      problems: errors.slice(0, problemsShown).map(problemText),
      problemCount: errors.length,
    });
    tellProblems(state, entry);
    noteUndeclared(state, entry);
  }
}

/** `source|...`, by the form of document ids. */
function sourceOf(document: DocumentId): string {
  return document.slice(0, document.indexOf('|'));
}

function forget(state: LoopState, id: ProgramId): void {
  const entry = state.programs.get(id);
  if (!entry) return;
  state.programs.delete(id);
  forgetOn(state, id, entry.wish.desired.connection);
  leaveToOthers(state, entry);
  for (const source of state.sources.values()) source.open.delete(id);
}

function forgetOn({ connections }: LoopState, id: ProgramId, name: string): void {
  const connection = connections.get(name);
  connection?.queue.drop(id);
  connection?.store.drop(id);
}

/** @returns the entry, if the program is wanted otherwise than before */
function update(state: LoopState, id: ProgramId, wish: Wish): ProgramEntry | undefined {
  const known = state.programs.get(id);
  const { releases, isAltered } = altered(known?.wish.desired, wish.desired);
  const isRestNews = known !== undefined && known.wish.rests !== wish.rests;
  const entry = known ?? newEntry(state, id, wish);
  const connection = wish.desired.connection;
  const isMoved = entry.status.connection !== connection;
  if (isMoved) forgetOn(state, id, entry.status.connection);
  entry.wish = wish;
  state.programs.set(id, entry);
  if (!isAltered && !isRestNews && !isMoved) return undefined;
  // Planned by the next pass or sweep whatever it is about: a global configuration touches no release.
  entry.isOpen = true;
  if (isMoved) entry.isFresh = false;
  unjudge(state, entry);
  for (const release of releases) entry.touched.add(release);
  const { names } = wish.desired;
  entry.status = { ...entry.status, connection, names, sources: wish.sources };
  return entry;
}

function newEntry({ ports }: LoopState, id: ProgramId, { desired, sources }: Wish): ProgramEntry {
  const status: ProgramStatus = {
    ...{ id, sources, key: desired.key, names: desired.names, connection: desired.connection },
    state: 'Unknown',
    since: ports.clock.wall(),
    targets: { total: desired.releases.length, done: 0 },
    held: [],
    blocked: [],
  };
  return {
    ...{ id, status, wish: { desired, sources }, held: '' },
    touched: new Set(),
    isFresh: false,
    answeredMs: Number.NEGATIVE_INFINITY,
    isOpen: true,
    rounds: 0,
    refused: undefined,
    isMass: false,
  };
}

/** Few programs are read by themselves, at once; many by one sweep, but for those of whoever wants few of them. */
function wake(state: LoopState, woken: readonly ProgramEntry[]): void {
  const groups = Map.groupBy(woken, ({ wish }) => wish.desired.connection);
  for (const [name, members] of groups) {
    const connection = state.connections.get(name);
    if (!connection) continue;
    const limit = hotLimit(connection.sweepCalls, connection.connection.rateNow());
    const few = fewest(members, limit, ({ wish }) => ownerOf(wish.desired));
    for (const { id } of few) connection.queue.add(id, 'hot');
    if (few.length < members.length) connection.wake();
  }
}

async function tell(
  { ports, told }: LoopState,
  { source, status, documents }: SourceEntry,
  { isTold, before }: News,
  programs: number,
): Promise<void> {
  const { commit } = status;
  if (!isTold || !commit) return;
  told.commits.set(source.name, commit.id);
  const at = ports.clock.wall();
  ports.telemetry.emit({
    kind: 'commit',
    source: source.name,
    commit,
    documents: documents?.documents.length ?? 0,
    programs,
  });
  await ports.ledger.append({
    kind: 'commit',
    at,
    source: source.name,
    commit,
    ...(before === undefined ? {} : { before }),
    ...(status.undeclared ? { undeclared: status.undeclared } : {}),
  });
}

/** A commit is completed when every program it touched was acted on, whoever acts on it. */
export async function completeIfDone(state: LoopState, entry: SourceEntry): Promise<void> {
  const { commit, completed } = entry.status;
  if (entry.open.size > 0 || !commit || completed === commit.id) return;
  if (!isDoneByOthers(state, entry.source, commit.id)) return;
  await entry.source.completed(commit.id);
  setSource(state, entry, { completed: commit.id });
}

function isDoneByOthers(
  { ports }: LoopState,
  source: SourceEntry['source'],
  commit: string,
): boolean {
  if (!ports.shards || source.completedAnywhere?.() === commit) return true;
  return ports.shards.others().every(({ done }) => done[source.name] === commit);
}

/** Every source whose newest commit touched the program: one thing less to do. */
export async function acted(state: LoopState, id: ProgramId): Promise<void> {
  for (const entry of state.sources.values()) {
    if (entry.open.delete(id)) await completeIfDone(state, entry);
  }
}
