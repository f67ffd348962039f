import type { ObservedProgram } from '../core/model/observed.ts';
import type { ProgramId } from '../core/words/keys.ts';
import { observeEach } from '../engine/read.ts';
import type { ReadPorts } from '../ports/index.ts';
import { createBell, sleepUntilRung } from './bell.ts';
import { failureOf, setConnection, troubleOf } from './conditions.ts';
import { show, type ConnectionEntry, type LoopState, type ProgramEntry } from './state.ts';

/** Sweeps that follow each other at once, because somebody asked, are at least so far apart. */
const restMs = 1_000;

/** Reads the platform behind a connection for ever: when a sweep is due, and when many programs are wanted otherwise. */
export async function sweepAlways(
  state: LoopState,
  entry: ConnectionEntry,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = state.ports;
  for (;;) {
    const { rung, ring } = createBell();
    entry.wake = ring;
    if (membersOf(state, entry).length > 0) await sweepOnce(state, entry, signal);
    signal.throwIfAborted();
    const now = clock.wall();
    const due = state.settings.sweep.next(now, entry.status.sweptAt);
    setConnection(state, entry, { nextSweepAt: due });
    await sleepUntilRung(rung, { clock, ms: Math.max(restMs, due - now) }, signal);
  }
}

function membersOf(
  { programs }: LoopState,
  { connection }: ConnectionEntry,
): readonly ProgramEntry[] {
  return [...programs.values()].filter(
    ({ wish }) => wish.desired.connection === connection.name && wish.rests === undefined,
  );
}

/** One reading of everything; programs of which something moved are queued. */
export async function sweepOnce(
  state: LoopState,
  entry: ConnectionEntry,
  signal: AbortSignal,
): Promise<void> {
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
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(error);
    setConnection(state, entry, { state: 'Failing', trouble: troubleOf(failure) });
    told(failure.code, 0);
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
  const failed = members.filter(({ id }) => failures.has(id));
  show(state);
  const [failure] = failures.values();
  if (failure && failed.length === members.length) throw failure;
  for (const { id } of [...dirty, ...failed]) queue.add(id, 'sweep');
  return dirty.length;
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
  const { releases, global } = store.put({ program, since });
  const isMoved = releases.length > 0 || global;
  if (!isMoved && !member.isOpen && member.touched.size === 0) return false;
  member.isFresh = true;
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
