import type { DesiredProgram } from '../core/model/desired.ts';
import type { Fingerprints, ObservedProgram } from '../core/model/observed.ts';
import type { ChangeId, Decision, Plan } from '../core/model/plan.ts';
import { decide } from '../core/plan/decide.ts';
import { seenProgram } from '../core/plan/seen.ts';
import { isReleaseKey, releaseId, type ReleaseId } from '../core/words/keys.ts';
import {
  capabilitiesOf,
  observeEach,
  planKnown,
  type PlanContext,
  type PlannedFully,
} from '../engine/read.ts';
import { execute } from '../engine/write.ts';
import type { Lane, Outcome, ReadPorts, WritePorts } from '../ports/index.ts';
import { withoutAbsent, type Absent } from './absent-claimants.ts';
import { clearanceOf } from './clearance.ts';
import { explainer } from './explain.ts';
import type { Differences } from './observed-store.ts';
import { ownerOf } from './owner.ts';
import type { Holder } from './ports.ts';
import { programsInCommit } from './batch.ts';
import { standingOf, type ConnectionEntry, type LoopState, type ProgramEntry } from './state.ts';
import { suspendedAs } from './suspended.ts';
import { usedUp } from './used-up.ts';

/** What one pass over one program came to. */
export interface Passed {
  /** What was wanted when it began. */
  readonly desired: DesiredProgram;
  readonly observed: ObservedProgram;
  readonly fingerprints: Fingerprints;
  readonly plan: Plan;
  readonly decision: Decision;
  readonly outcomes: readonly Outcome[];
  /** The same plan was refused by the platform for good a while ago: nothing was tried. */
  readonly rests: boolean;
}

/** A program at work on its connection. */
export interface Turn {
  readonly entry: ProgramEntry;
  readonly connection: ConnectionEntry;
  readonly lane: Lane;
  /** Of the program, where a process holds a share of them only. */
  readonly holder?: Holder;
}

/**
 * One program once through the steps: observe what must be read anew, plan, decide, write.
 *
 * @throws ReconcileError when there is no plan; the signal's reason when it is aborted before one
 */
export async function pass(state: LoopState, turn: Turn, signal: AbortSignal): Promise<Passed> {
  const { entry, connection } = turn;
  const { desired } = entry.wish;
  const touched = touchedOf(turn);
  const ports = portsOf(state, turn);
  const context = contextOf(state, connection);
  const differences = entry.isFresh ? undefined : await refresh(turn, { touched, ports }, signal);
  const observed = await known(turn, ports, signal);
  const claimed = withoutAbsent(desired, observed, absentIn(state));
  const wanted = suspendedAs(claimed, standingOf(state), connection.connection.suspended);
  const planned = await planKnown({ program: wanted, observed }, ports, context, signal);
  entry.isFresh = false;
  for (const id of touched) entry.touched.delete(id);
  await tellSeen(state, planned, differences);
  await heedApprovals(state, entry, planned);
  const decision = decideNow(state, turn, planned.plan);
  const rests = isRefused(state, entry, decision);
  const outcomes = rests
    ? []
    : await carryOut(state, turn, { planned, decision, ports, context, wanted: desired }, signal);
  const { observed: seen, fingerprints, plan } = planned;
  return { desired, observed: seen, fingerprints, plan, decision, outcomes, rests };
}

/** Approvals beside the declarations speak of a plan: they count for the very pass that shows it. */
async function heedApprovals(
  state: LoopState,
  { id }: ProgramEntry,
  { desired, plan }: PlannedFully,
): Promise<void> {
  const { approvals, orders } = state.ports;
  if (!approvals) return;
  approvals.expand(id, { desired, plan });
  state.orders = await orders.read();
}

function absentIn({ sources, settings }: LoopState): Absent {
  const absent = [...sources.values()].filter(({ documents }) => !documents);
  return {
    sources: absent.map(({ source }) => source.name),
    installation: settings.installation,
  };
}

/** Releases that must be looked at: wanted otherwise, not read yet, or with something left to do. */
function touchedOf({ entry, connection }: Turn): ReadonlySet<ReleaseId> {
  const { desired } = entry.wish;
  const unknown = desired.releases
    .map(({ key }) => releaseId(key))
    .filter((id) => !connection.store.knows(entry.id, id));
  const open = new Set([...entry.status.held, ...entry.status.blocked].map(({ where }) => where));
  const left = desired.releases
    .filter(({ key }) => open.has(`${key.version}/${key.app}/${key.environment}`))
    .map(({ key }) => releaseId(key));
  return new Set([...entry.touched, ...unknown, ...left]);
}

function portsOf(
  { ports }: LoopState,
  { entry, connection, lane, holder }: Turn,
): ReadPorts & WritePorts {
  const { secrets, ledger, clock, random, telemetry } = ports;
  const fence = holder ?? ports.fence;
  const { lanes, lanesOf } = connection.connection;
  const platform = (lanesOf?.(ownerOf(entry.wish.desired)) ?? lanes)[lane];
  return { reader: platform, writer: platform, secrets, ledger, clock, random, telemetry, fence };
}

function contextOf({ settings }: LoopState, { connection, memory }: ConnectionEntry): PlanContext {
  const { installation, takeOver } = settings;
  return { connection: connection.name, installation, takeOver, mode: 'sweep', memory };
}

interface Asked {
  readonly touched: ReadonlySet<ReleaseId>;
  readonly ports: ReadPorts;
}

/** Reads what must be looked at, and keeps it. */
async function refresh(
  turn: Turn,
  { touched, ports }: Asked,
  signal: AbortSignal,
): Promise<Differences> {
  const { entry, connection } = turn;
  const { desired } = entry.wish;
  const { store, memory } = connection;
  const since = store.moment();
  const options = { mode: 'hot' as const, touched, memory };
  const { programs, failures } = await observeEach([desired], ports, options, signal);
  const program = programs.get(entry.id);
  const failure = failures.get(entry.id);
  if (!program) throw failure ?? missing(entry);
  const differences = store.put({ program, touched, since });
  const { doubtful } = differences;
  if (doubtful.length === 0) return differences;
  const again = await refreshDoubtful(turn, { touched: new Set(doubtful), ports }, signal);
  return { ...differences, releases: [...differences.releases, ...again] };
}

/** Known records that a list did not show, asked for once more; what lists do not show stays known for now. */
async function refreshDoubtful(
  { entry, connection }: Turn,
  { touched, ports }: Asked,
  signal: AbortSignal,
): Promise<readonly ReleaseId[]> {
  const { store, memory } = connection;
  const since = store.moment();
  const options = { mode: 'hot' as const, touched, memory };
  const { programs } = await observeEach([entry.wish.desired], ports, options, signal);
  const program = programs.get(entry.id);
  return program ? store.put({ program, touched, since }).releases : [];
}

function missing({ id }: ProgramEntry): Error {
  return new TypeError(`the observation of ${id} is missing`);
}

/** What is known of the program, as the planner takes it. */
async function known(
  { entry, connection }: Turn,
  ports: ReadPorts,
  signal: AbortSignal,
): Promise<ObservedProgram> {
  const { store, memory } = connection;
  const kept = store.get(entry.id);
  if (!kept) throw missing(entry);
  const info = await ports.reader.platform(signal);
  const capabilities = capabilitiesOf(info, memory);
  return {
    ...kept,
    key: entry.wish.desired.key,
    capabilities,
    bases: capabilities.marks ? {} : await ports.ledger.bases(entry.wish.desired.key),
    attested: false,
    contended: memory.contended(entry.id, ports.clock.wall()),
  };
}

/** History hears of what was read: the ledger compares, and keeps what is another one than it was. */
async function tellSeen(
  { ports }: LoopState,
  planned: PlannedFully,
  differences: Differences | undefined,
): Promise<void> {
  const seen = seenProgram(planned);
  if (!differences) return ports.ledger.seen(seen);
  // Only what was asked for was read just now; the rest of what is known is older.
  const read = new Set<string>(differences.releases);
  const records = seen.records.filter(({ key }) =>
    isReleaseKey(key) ? read.has(releaseId(key)) : differences.global,
  );
  if (records.length > 0) await ports.ledger.seen({ ...seen, records, whole: false });
}

function decideNow(state: LoopState, { entry, connection }: Turn, plan: Plan): Decision {
  return decide({
    plan,
    gates: connection.connection.gates,
    programsInCommit: programsInCommit(state, entry.wish),
    allowed: new Set(standingOf(state).approved.keys()),
    now: state.ports.clock.wall(),
  });
}

function isRefused({ ports }: LoopState, { refused }: ProgramEntry, decision: Decision): boolean {
  if (!refused || decision.apply.length === 0) return false;
  return refused.wish === wishText(decision) && ports.clock.mono() < refused.until;
}

/** Names what is to be written: the same again has the same text. */
export function wishText({ apply }: Decision): string {
  return apply
    .flatMap(({ change, apply: fields }) => [
      change.changeId,
      ...fields.map(({ changeId }) => changeId),
    ])
    .join(' ');
}

/** Commits of a source, as far as they are known. */
function commitsOf({ sources }: LoopState, name: string) {
  const entry = sources.get(name);
  return entry && { commit: entry.status.commit, changedBy: entry.changedBy };
}

interface Work {
  readonly planned: PlannedFully;
  readonly decision: Decision;
  readonly ports: ReadPorts & WritePorts;
  readonly context: PlanContext;
  /** What was wanted when the pass began. */
  readonly wanted: DesiredProgram;
}

async function carryOut(
  state: LoopState,
  { entry, connection }: Turn,
  { planned, decision, ports, context, wanted }: Work,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const { plan, desired } = planned;
  const { maxWriters, timeoutMs } = connection.connection;
  const explain = explainer(state.declared.locate(), (source) => commitsOf(state, source));
  const isSameWish = state.baseline.digests?.[entry.id] === desired.digest;
  const { approved } = standingOf(state);
  const approvedBy = (ids: readonly ChangeId[]) =>
    ids.map((id) => approved.get(id)?.by).find((by) => by !== undefined);
  for (const id of decision.released) state.released.add(id);
  try {
    const outcomes = await execute(
      decision,
      { ...ports, clearance: clearanceOf(state, wanted) },
      { ...context, plan, desired, maxWriters, timeoutMs, explain, approvedBy, isSameWish },
      signal,
    );
    for (const outcome of outcomes) {
      if (outcome.result === 'applied') connection.store.wrote(outcome.written, entry.id);
    }
    const used = usedUp(decision, outcomes);
    if (used.length > 0) await state.ports.orders.used(used);
    return outcomes;
  } finally {
    for (const id of decision.released) state.released.delete(id);
  }
}
