import type { ObservedProgram } from '../core/model/observed.ts';
import type { ProgramId } from '../core/words/keys.ts';
import { epochMs, type EpochMs } from '../core/words/time.ts';
import { observeEach } from '../engine/read.ts';
import type { ReadPorts } from '../ports/index.ts';
import { createBell, sleepUntilRung } from './bell.ts';
import type { ReconcileError } from '../core/words/errors.ts';
import { failureOf, setConnection, setProgram, troubleOf } from './conditions.ts';
import { show, type ConnectionEntry, type LoopState, type ProgramEntry } from './state.ts';

/** Sweeps that follow each other at once, because somebody asked, are at least so far apart. */
const restMs = 1_000;
/** After a failed sweep the next one comes sooner than its schedule says, if that is far away. */
const firstRetryMs = 5_000;
const longestRetryMs = 300_000;

/** Reads the platform behind a connection for ever: when a sweep is due, and when many programs are wanted otherwise. */
export async function sweepAlways(
  state: LoopState,
  entry: ConnectionEntry,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = state.ports;
  let failures: Failures = { count: 0, atLeastMs: 0 };
  for (;;) {
    const { rung, ring } = createBell();
    entry.wake = ring;
    const begun = clock.wall();
    const isIdle = membersOf(state, entry).length === 0;
    const failure = isIdle ? undefined : await sweepOnce(state, entry, signal);
    signal.throwIfAborted();
    failures = failure
      ? { count: failures.count + 1, atLeastMs: failure.retryAfterMs ?? 0 }
      : { count: 0, atLeastMs: 0 };
    const due = dueAfter(state, begun, failures);
    setConnection(state, entry, {
      nextSweepAt: due,
      ...(failure ? {} : { sweepIntervalMs: due - begun }),
    });
    // Begun at once: a clock that is set back during the rest must not make it a wait of hours.
    const waited = sleepUntilRung(rung, { clock, at: due }, signal);
    await Promise.all([clock.sleep(restMs, signal), waited]);
  }
}

/** Failed sweeps in a row, and how long the platform asked us to wait. */
interface Failures {
  readonly count: number;
  readonly atLeastMs: number;
}

function dueAfter(
  { ports, settings }: LoopState,
  begun: EpochMs,
  { count, atLeastMs }: Failures,
): EpochMs {
  const now = ports.clock.wall();
  const due = settings.sweep.next(now, begun);
  if (count === 0) return due;
  const retryMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (count - 1));
  const jittered = Math.round(retryMs * (1 + ports.random.next() / 5));
  return epochMs(Math.min(due, now + Math.max(jittered, atLeastMs)));
}

function membersOf(
  { programs }: LoopState,
  { connection }: ConnectionEntry,
): readonly ProgramEntry[] {
  return [...programs.values()].filter(
    ({ wish }) => wish.desired.connection === connection.name && wish.rests === undefined,
  );
}

/** One reading of everything; programs of which something moved are queued. @returns why it failed, if it did */
async function sweepOnce(
  state: LoopState,
  entry: ConnectionEntry,
  signal: AbortSignal,
): Promise<ReconcileError | undefined> {
  const { clock, telemetry } = state.ports;
  const { name } = entry.connection;
  const began = clock.mono();
  const told = (code: string, dirty: number): void =>
    telemetry.emit({
      ...{ kind: 'sweep', connection: name, code, dirty },
      releases: entry.store.size(),
      ms: clock.mono() - began,
    });
  try {
    const dirty = await read(state, entry, signal);
    const sweptAt = clock.wall();
    const { suspended } = entry.connection;
    setConnection(state, entry, {
      ...{ sweptAt, trouble: undefined },
      state: suspended === undefined ? 'Ready' : 'Suspended',
    });
    told('ok', dirty);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(error);
    setConnection(state, entry, { state: 'Failing', trouble: troubleOf(failure) });
    told(failure.code, 0);
    return failure;
  }
}

/** @returns how many programs were queued */
async function read(
  state: LoopState,
  entry: ConnectionEntry,
  signal: AbortSignal,
): Promise<number> {
  const members = membersOf(state, entry);
  const { store, memory, queue } = entry;
  const calls = countingPorts(state, entry);
  const since = store.moment();
  const desired = members.map(({ wish }) => wish.desired);
  const { programs, failures } = await observeEach(
    desired,
    calls.ports,
    { mode: 'sweep', memory },
    signal,
  );
  entry.sweepCalls = calls.count();
  const dirty = members.filter((member) => isDirty(entry, member, { programs, since }));
  await tellUnmoved(state, members, { programs, dirty });
  const failed = members.filter(({ id }) => failures.has(id));
  show(state);
  const [failure] = failures.values();
  for (const { id } of dirty) queue.add(id, 'sweep');
  for (const member of failed) fail(state, member, failures.get(member.id));
  if (failure) throw failure;
  return dirty.length;
}

/** History knows until when what it has seen was so. */
async function tellUnmoved(
  { ports }: LoopState,
  members: readonly ProgramEntry[],
  read: Pick<Read, 'programs'> & { readonly dirty: readonly ProgramEntry[] },
): Promise<void> {
  const moved = new Set(read.dirty);
  for (const member of members) {
    const program = read.programs.get(member.id);
    if (!program || program.refused || moved.has(member)) continue;
    await ports.ledger.seen({
      ...{ at: program.observedAt, program: program.key, records: [], own: false },
      ...{ whole: program.complete, rest: 'unchanged' },
    });
  }
}

/** The next sweep reads it again: one that many programs share is asked once. */
function fail(state: LoopState, member: ProgramEntry, failure: ReconcileError | undefined): void {
  member.isOpen = true;
  if (failure) setProgram(state, member, { state: 'Failing', trouble: troubleOf(failure) });
}

interface Read {
  readonly programs: ReadonlyMap<ProgramId, ObservedProgram>;
  readonly since: number;
}

/** Keeps what was read of a program, and says whether it must be planned. */
function isDirty(
  { store }: ConnectionEntry,
  member: ProgramEntry,
  { programs, since }: Read,
): boolean {
  const program = programs.get(member.id);
  if (!program) return false;
  const { releases, doubtful, global } = store.put({ program, since });
  // Asked for by its key before anything is planned: the list may have lost it between two pages.
  for (const id of doubtful) member.touched.add(id);
  const isMoved = releases.length > 0 || global;
  if (!isMoved && !member.isOpen && member.touched.size === 0) return false;
  member.isFresh = doubtful.length === 0;
  return true;
}

/** The sweep lane's ports, and how many lists went through them. */
function countingPorts(
  { ports }: LoopState,
  { connection }: ConnectionEntry,
): { readonly ports: ReadPorts; readonly count: () => number } {
  const { secrets, ledger, clock, random, telemetry } = ports;
  const reader = connection.lanes.sweep;
  let count = 0;
  const counted: ReadPorts['reader'] = {
    platform: (signal) => reader.platform(signal),
    release: (key, signal) => reader.release(key, signal),
    versions: (program, signal) => reader.versions(program, signal),
    targets: (program, signal) => reader.targets(program, signal),
    async *releases(query, signal) {
      for await (const page of reader.releases(query, signal)) {
        count += 1;
        yield page;
      }
    },
    async *miniPrograms(workspace, ids, signal) {
      for await (const page of reader.miniPrograms(workspace, ids, signal)) {
        count += 1;
        yield page;
      }
    },
  };
  return {
    ports: { reader: counted, secrets, ledger, clock, random, telemetry },
    count: () => count,
  };
}
