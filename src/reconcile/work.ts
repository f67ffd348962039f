import type { Trouble } from '../core/model/controller.ts';
import type { ReconcileError } from '../core/words/errors.ts';
import { releaseId } from '../core/words/keys.ts';
import type { Outcome } from '../ports/index.ts';
import { isMass, judged } from './batch.ts';
import { failureOf, setProgram, troubleOf } from './conditions.ts';
import { pass, wishText, type Passed, type Turn } from './pass.ts';
import { verdictOf, type Verdict } from './program-status.ts';
import type { ConnectionEntry, LoopState, ProgramEntry } from './state.ts';
import { acted } from './take-up.ts';
import type { Choice } from './turns.ts';

/** Passes in a row that may write; then the next sweep tells whether the platform keeps what it accepts. */
const roundsAtMost = 3;
/** What the platform refused for good is tried again after so long, or when something is wanted otherwise. */
const refusedForMs = 3_600_000;

/** What was left of a pass is looked at again after so long. */
const leftForMs = 1_000;

/** Where somebody works. */
export interface Workplace {
  readonly connection: ConnectionEntry;
  /** Which turns are taken; absent: any. */
  readonly choice?: Choice;
  /** Ends the work after the turn that is under way. */
  readonly leave: AbortSignal;
}

/** Takes turns from the queue of a connection until told to leave; the queue gives no key twice at a time. */
export async function work(
  state: LoopState,
  { connection, choice, leave }: Workplace,
  signal: AbortSignal,
): Promise<void> {
  const { queue } = connection;
  const until = AbortSignal.any([signal, leave]);
  for (;;) {
    const turn = await queue.next(until, choice).catch((error: unknown) => {
      if (until.aborted) return undefined;
      throw error;
    });
    if (!turn) return;
    const { key, lane } = turn;
    try {
      const entry = state.programs.get(key);
      // Moved to another connection meanwhile: its wishes are granted there, and judged by the gates there.
      if (entry?.wish.desired.connection !== connection.connection.name) continue;
      if (entry.wish.rests !== undefined) rest(state, entry);
      else await heldTurn(state, { entry, connection, lane }, signal);
    } finally {
      queue.done(key);
    }
  }
}

function rest(state: LoopState, entry: ProgramEntry): void {
  setProgram(state, entry, { state: 'Unknown', message: entry.wish.rests });
}

/** A turn on a program of ours; it ends when the program is another process's. */
async function heldTurn(state: LoopState, own: Turn, signal: AbortSignal): Promise<void> {
  const { shards } = state.ports;
  if (!shards) return turn(state, own, signal);
  const holder = shards.holder(own.entry.id);
  if (!holder || holder.signal.aborted) return;
  const end = holder.begin();
  try {
    await turn(state, { ...own, holder }, AbortSignal.any([signal, holder.signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (!holder.signal.aborted) throw error;
  } finally {
    end();
  }
}

async function turn(state: LoopState, turn: Turn, signal: AbortSignal): Promise<void> {
  const { entry, connection, lane } = turn;
  const { clock, telemetry } = state.ports;
  const began = clock.mono();
  const { key } = entry.wish.desired;
  const told = (result: string, writes: number): void =>
    telemetry.emit({ kind: 'pass', program: key, lane, result, writes, ms: clock.mono() - began });
  try {
    // What somebody changed a moment ago waits for nobody's report.
    if (lane === 'sweep') {
      await state.breathe();
      await state.ports.reports?.room(signal);
    }
    const passed = await pass(state, turn, signal);
    await conclude(state, turn, passed);
    told(entry.status.state, passed.outcomes.filter(({ result }) => result === 'applied').length);
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(error);
    entry.isOpen = true;
    const delay = connection.queue.retry(entry.id, lane, failure.retryAfterMs);
    const nextAt = (clock.wall() + delay) as typeof entry.status.nextAt;
    const trouble = troubleOf(failure);
    setProgram(state, entry, { state: 'Failing', trouble, nextAt });
    state.ports.reports?.failed(entry.wish.desired, trouble);
    told(failure.code, 0);
  }
}

/** What a pass came to: what people see, what history hears, and when there is a next one. */
async function conclude(state: LoopState, turn: Turn, passed: Passed): Promise<void> {
  const { entry, connection } = turn;
  const verdict = verdictOf(passed.plan, passed.decision, state.declared.locate());
  const failure = failureIn(passed.outcomes);
  const wrote = passed.outcomes.some(({ result }) => result === 'applied');
  await decided(state, entry, passed);
  const isUnsettled = readAnew(entry, passed.outcomes);
  const isRepeated = wrote && !isUnsettled && entry.rounds < roundsAtMost;
  if (!isRepeated) state.ports.reports?.passed({ id: entry.id, ...passed });
  tellState(state, entry, { verdict, trouble: standingTrouble(entry, passed, failure), wrote });
  entry.isOpen = verdict.isOpen || failure !== undefined || passed.rests;
  if (failure) {
    await judge(state, entry, passed);
    retry(state, turn, passed, failure);
    return;
  }
  connection.queue.forget(entry.id);
  entry.refused = passed.rests ? entry.refused : undefined;
  if (isRepeated) repeat(turn);
  else await settle(state, turn, { passed, isUnsettled });
}

/** What rests stands as it did when it was refused. */
function standingTrouble(
  { refused }: ProgramEntry,
  { rests }: Passed,
  failure: ReconcileError | undefined,
): Trouble | undefined {
  if (failure) return troubleOf(failure);
  return rests ? refused?.trouble : undefined;
}

/**
 * Judged once more by what the writes left: the status tells how it stands. That costs no call, so it does not wait behind
 * all that a sweep found.
 */
function repeat({ entry, connection }: Turn): void {
  entry.rounds += 1;
  entry.isFresh = true;
  connection.queue.add(entry.id, 'hot');
}

interface Ended {
  readonly passed: Passed;
  readonly isUnsettled: boolean;
}

/** Nothing more can be done for now. */
async function settle(state: LoopState, turn: Turn, { passed, isUnsettled }: Ended): Promise<void> {
  const { entry, connection } = turn;
  entry.rounds = 0;
  if (isUnsettled) {
    // Somebody else was faster, or somebody said no meanwhile: what is left is judged anew.
    entry.isOpen = true;
    connection.queue.addAfter(entry.id, turn.lane, leftForMs);
  }
  plan(state, turn, passed);
  if (!(await finish(state, entry, passed))) return;
  await acted(state, entry.id);
}

/**
 * What was not written as planned is not as it was last seen: the next pass reads it again, or it would plan the same.
 *
 * @returns whether there is such a thing
 */
function readAnew(entry: ProgramEntry, outcomes: readonly Outcome[]): boolean {
  const unsettled = outcomes.filter(
    (outcome) => outcome.result !== 'applied' || outcome.left.length > 0,
  );
  for (const { change } of unsettled)
    if (change.scope === 'release') entry.touched.add(releaseId(change.key));
  if (unsettled.length > 0) entry.isFresh = false;
  return unsettled.length > 0;
}

function failureIn(outcomes: readonly Outcome[]) {
  const failed = outcomes.find((outcome) => outcome.result === 'failed');
  return failed?.result === 'failed' ? failed.error : undefined;
}

interface Told {
  readonly verdict: Verdict;
  readonly trouble: Trouble | undefined;
  readonly wrote: boolean;
}

function tellState(state: LoopState, entry: ProgramEntry, { verdict, trouble, wrote }: Told): void {
  const now = state.ports.clock.wall();
  const { isPending, isOpen: _, message, state: next, ...seen } = verdict;
  // While its writes are judged once more it stays what it was: neither held nor in sync for a moment.
  const isSettling = wrote && !trouble && next === 'Pending';
  setProgram(state, entry, {
    ...seen,
    state: trouble
      ? 'Failing'
      : isSettling && entry.status.state !== 'Unknown'
        ? entry.status.state
        : next,
    ...{ message, trouble },
    plannedAt: now,
    pendingSince: isPending ? (entry.status.pendingSince ?? now) : undefined,
    nextAt: undefined,
  });
}

/** A failed write is tried again by back-off; one that was refused for good rests. */
function retry(
  state: LoopState,
  { entry, connection, lane }: Turn,
  passed: Passed,
  failure: NonNullable<ReturnType<typeof failureIn>>,
): void {
  const { clock } = state.ports;
  if (failure.disposition === 'terminal') {
    const until = clock.mono() + refusedForMs;
    entry.refused = { wish: wishText(passed.decision), until, trouble: troubleOf(failure) };
    connection.queue.addAfter(entry.id, 'sweep', refusedForMs);
    return;
  }
  const delay = connection.queue.retry(entry.id, lane, failure.retryAfterMs);
  setProgram(state, entry, { nextAt: (clock.wall() + delay) as typeof entry.status.nextAt });
}

/** Moments at which the same plan would be decided otherwise: a suspension ends, or a deadline passes. */
function plan(state: LoopState, { entry, connection }: Turn, { plan: made }: Passed): void {
  const now = state.ports.clock.wall();
  const ends = [...made.changes, ...made.global]
    .flatMap(({ suspended }) => suspended?.until ?? [])
    .filter((until) => until > now);
  if (ends.length === 0) return;
  const next = Math.min(...ends);
  connection.queue.addAfter(entry.id, 'hot', next - now);
  setProgram(state, entry, { nextAt: next as typeof entry.status.nextAt });
}

/** @returns whether the program was acted on: what a newer commit wants, a gate refuses or the platform refused is not */
async function finish(state: LoopState, entry: ProgramEntry, passed: Passed): Promise<boolean> {
  // A newer commit came meanwhile: its own pass follows, and nothing of it was done yet.
  if (passed.desired.digest !== entry.wish.desired.digest) return false;
  if (!(await judge(state, entry, passed))) return false;
  return !passed.rests;
}

/** @returns whether it was judged: not refused for the number of programs that are changed at once */
async function judge(
  state: LoopState,
  entry: ProgramEntry,
  { decision, desired }: Passed,
): Promise<boolean> {
  if (desired.digest !== entry.wish.desired.digest) return false;
  const isRefused = decision.held.some(({ reason }) => reason === 'GateRefused');
  entry.isMass = isRefused && isMass(state, entry);
  if (entry.isMass) return false;
  await judged(state, entry);
  return true;
}

/** History hears of what a pass left undone, if that is something else than before. */
async function decided(
  state: LoopState,
  entry: ProgramEntry,
  { plan: made, decision }: Passed,
): Promise<void> {
  const { held, changeId } = verdictOf(made, decision);
  const text = held.map(({ changeId: id, reason }) => `${id} ${reason}`).join(' ');
  if (text === entry.held) return;
  entry.held = text;
  const keys = new Map(
    [...made.changes, ...made.global].map((change) => [change.changeId, change.key]),
  );
  await state.ports.ledger.append({
    kind: 'decision',
    at: state.ports.clock.wall(),
    program: made.key,
    changeId,
    held: held.map(({ change, path, changeId: id, reason, message }) => ({
      key: keys.get(change) ?? made.key,
      path: path === 'record' ? 'mark' : (path as 'mark'),
      changeId: id,
      reason,
      message,
    })),
  });
}
