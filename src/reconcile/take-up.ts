import type { ProgramStatus } from '../core/model/controller.ts';
import type { ProgramId } from '../core/words/keys.ts';
import type { Problem } from '../core/words/problems.ts';
import { countBatches, unjudge } from './batch.ts';
import { setSource } from './conditions.ts';
import { problemsShown, problemText } from './problem-text.ts';
import { show, type LoopState, type ProgramEntry, type SourceEntry } from './state.ts';
import { noteUndeclared, tellProblems } from './tell-source.ts';
import { altered, wishesOf, type Wish } from './declared.ts';

/** More changed programs than this are cheaper to read by one sweep, where no sweep told how many calls it takes. */
const hotAtMost = 3;

interface News {
  /** The commit is another one than before, and history hears of it. */
  readonly isTold: boolean;
  readonly before?: string;
}

/**
 * Takes up what a source declares now: resolves everything, wakes the programs that are wanted otherwise, and only
 * those.
 */
export async function takeUp(state: LoopState, entry: SourceEntry, news: News): Promise<void> {
  const programs = await resolveWhenTried(state);
  await tell(state, entry, news, programs);
}

/**
 * Resolves once every source was tried: what another one claims must be known before anything is judged.
 *
 * @returns how many programs are wanted otherwise
 */
export async function resolveWhenTried(state: LoopState): Promise<number> {
  const sources = [...state.sources.values()];
  if (!sources.every(({ isTried }) => isTried)) return 0;
  const woken = resolveAll(state);
  for (const { id, wish } of woken) {
    for (const name of wish.sources) state.sources.get(name)?.open.add(id);
  }
  for (const source of sources) await completeIfDone(state, source);
  return woken.length;
}

/** Resolves what is in force, and queues what follows. @returns programs that are wanted otherwise */
function resolveAll(state: LoopState): readonly ProgramEntry[] {
  const { ports, settings, sources } = state;
  const declared = [...sources.values()].flatMap(({ documents }) => documents ?? []);
  state.wishes = wishesOf(declared, settings.trust, ports.clock.wall());
  showProblems(state);
  forgetUndeclared(state);
  const woken = [...state.wishes.programs].flatMap(([id, wish]) => update(state, id, wish) ?? []);
  countBatches(state);
  wake(state, woken);
  show(state);
  return woken;
}

/** Problems that show only when everything is resolved belong to the source whose file they stand in. */
function showProblems(state: LoopState): void {
  const { problems } = state.wishes;
  const errors = Map.groupBy(
    problems.filter(({ severity }) => severity === 'error'),
    (problem) => sourceOf(state, problem),
  );
  for (const entry of state.sources.values()) {
    const own = errors.get(entry.source.name) ?? [];
    setSource(state, entry, {
      problems: own.slice(0, problemsShown).map(problemText),
      problemCount: own.length,
    });
    tellProblems(state, entry);
    noteUndeclared(state, entry);
  }
}

/** By its commit, where sources have several: two sources may hold files of one name. */
function sourceOf({ sources }: LoopState, { origin }: Problem): string | undefined {
  const all = [...sources.values()];
  if (!origin || !('file' in origin)) return all[0]?.source.name;
  const { commit, file } = origin;
  const holds = all.find(
    ({ documents }) =>
      documents !== undefined &&
      (commit === undefined || documents.commit === commit) &&
      [...documents.documents, ...documents.invalid].some(
        (document) => document.origin.kind === 'file' && document.origin.file === file,
      ),
  );
  return (holds ?? all.find(({ status }) => status.commit?.id === commit) ?? all[0])?.source.name;
}

function forgetUndeclared(state: LoopState): void {
  for (const [id, { wish }] of state.programs) {
    if (state.wishes.programs.has(id)) continue;
    state.programs.delete(id);
    forgetOn(state, id, wish.desired.connection);
    for (const source of state.sources.values()) source.open.delete(id);
  }
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
    isOpen: true,
    rounds: 0,
    refused: undefined,
    isMass: false,
  };
}

/** Few programs are read by themselves, at once; many by one sweep. */
function wake(state: LoopState, woken: readonly ProgramEntry[]): void {
  const groups = Map.groupBy(woken, ({ wish }) => wish.desired.connection);
  for (const [name, members] of groups) {
    const connection = state.connections.get(name);
    if (!connection) continue;
    if (connection.sweepCalls === undefined || members.length > hotLimit(connection.sweepCalls)) {
      connection.wake();
    } else {
      for (const { id } of members) connection.queue.add(id, 'hot');
    }
  }
}

function hotLimit(sweepCalls: number): number {
  return Math.max(hotAtMost, sweepCalls);
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

/** A commit is completed when every program it touched was acted on. */
async function completeIfDone(state: LoopState, entry: SourceEntry): Promise<void> {
  const { commit, completed } = entry.status;
  if (entry.open.size > 0 || !commit || completed === commit.id) return;
  await entry.source.completed(commit.id);
  setSource(state, entry, { completed: commit.id });
}

/** Every source whose newest commit touched the program: one thing less to do. */
export async function acted(state: LoopState, id: ProgramId): Promise<void> {
  for (const entry of state.sources.values()) {
    if (entry.open.delete(id)) await completeIfDone(state, entry);
  }
}
