import type {
  CommitInfo,
  ConnectionStatus,
  ControllerStatus,
  ProgramStatus,
  SourceStatus,
  Trouble,
} from '../core/model/controller.ts';
import { standing, type Order, type Standing } from '../core/model/orders.ts';
import type { SourceDocuments } from '../core/model/documents.ts';
import type { ChangeId } from '../core/model/plan.ts';
import { compareText, type ProgramId, type ReleaseId } from '../core/words/keys.ts';
import type { EpochMs } from '../core/words/time.ts';
import type { Memory } from '../engine/read.ts';
import { createMemory } from '../engine/read.ts';
import type { FollowedSource, SourceCommit } from '../ports/controller.ts';
import { createBaseline, createBatch, type Baseline, type Batch } from './batch.ts';
import { createBreath } from './breath.ts';
import { createObservedStore, type ObservedStore } from './observed-store.ts';
import { ownerOf } from './owner.ts';
import type { LoopConnection, LoopPorts, LoopSettings, Told } from './ports.ts';
import { createQueue, type Queue } from './queue.ts';
import { nothingTold, type SourceTold } from './tell-source.ts';
import { createDeclared, type Declared, type Wish } from './declared.ts';
import type { Schedule } from './schedule.ts';

/** A source under watch. */
export interface SourceEntry {
  readonly source: FollowedSource;
  /** Absent: as the settings say for its name. */
  readonly look?: Schedule;
  /** Nothing is resolved before its first look has ended: what it claims must be known first. */
  readonly isAwaited: boolean;
  /** Ends the following of it alone. */
  readonly over: AbortController;
  status: SourceStatus;
  documents: SourceDocuments | undefined;
  changedBy: Readonly<Record<string, CommitInfo>>;
  /** As it came with the commit in force. */
  base: SourceCommit['base'];
  /** Programs that its newest commit touched and that were not acted on yet. */
  readonly open: Set<ProgramId>;
  readonly told: SourceTold;
  /** One look ended, well or not. */
  isTried: boolean;
  /** Has the source looked at now. */
  wake: () => void;
}

/** A program that is wanted. */
export interface ProgramEntry {
  readonly id: ProgramId;
  wish: Wish;
  status: ProgramStatus;
  /** Releases wanted otherwise since they were last planned. */
  readonly touched: Set<ReleaseId>;
  /** What the store holds was just read: a pass need not ask again. */
  isFresh: boolean;
  /** When it was last read because somebody asked how it stands (monotonic milliseconds). */
  answeredMs: number;
  /** A sweep must plan it again even if nothing moved. */
  isOpen: boolean;
  /** Passes in a row that wrote something. */
  rounds: number;
  /** What the platform refused for good, and until when it is not tried again (monotonic milliseconds). */
  refused: { readonly wish: string; readonly until: number; readonly trouble: Trouble } | undefined;
  /** The last pass was refused because too many programs are changed at once. */
  isMass: boolean;
  /** What the last pass left held, to tell a new decision from an old one. */
  held: string;
}

/** A connection at work. */
export interface ConnectionEntry {
  readonly connection: LoopConnection;
  readonly queue: Queue<ProgramId>;
  readonly memory: Memory;
  readonly store: ObservedStore;
  readonly batch: Batch;
  status: ConnectionStatus;
  /** Calls of the last whole sweep: what a sweep costs. */
  sweepCalls: number | undefined;
  /** Wakes the sweeper. */
  wake: () => void;
}

/** Everything the loop knows. Lost at its end without harm: declarations and platform are the truth. */
export interface LoopState {
  readonly ports: LoopPorts;
  readonly settings: LoopSettings;
  readonly sources: Map<string, SourceEntry>;
  readonly connections: ReadonlyMap<string, ConnectionEntry>;
  readonly programs: Map<ProgramId, ProgramEntry>;
  readonly declared: Declared;
  /** Everything that stands in the cluster was heard of; true where there is none. */
  isComplete: boolean;
  orders: readonly Order[];
  /** Field change ids that an approval released, while their write is under way. */
  readonly released: Set<ChangeId>;
  baseline: Baseline;
  readonly told: Told;
  readonly heeded: Heeded;
  /** Before each pass that a sweep asked for. */
  readonly breathe: () => Promise<void>;
}

/** How far people's orders were taken up. */
interface Heeded {
  /** What stood when the loop began was not read yet. */
  isStart: boolean;
  /** When something of what stands ends by itself. */
  changesAt: EpochMs | undefined;
  /** The greatest time seen: a clock that is set back revives no approval. */
  latest: EpochMs;
}

export function createState(ports: LoopPorts, settings: LoopSettings): LoopState {
  const now = ports.clock.wall();
  const programs: LoopState['programs'] = new Map();
  return {
    ports,
    settings,
    sources: new Map(
      ports.sources.map((source) => [
        source.name,
        sourceEntry(source, {
          ...{ now, isAwaited: true },
          credentialExpiresAt: settings.sourceCredentials[source.name],
        }),
      ]),
    ),
    connections: new Map(
      ports.connections.map((connection) => [
        connection.name,
        connectionEntry(connection, ports, { now, programs }),
      ]),
    ),
    programs,
    declared: createDeclared(settings.trust),
    isComplete: ports.objects === undefined,
    orders: [],
    released: new Set(),
    baseline: createBaseline(undefined),
    told: ports.told ?? { orders: new Set(), commits: new Map() },
    heeded: { isStart: true, changesAt: undefined, latest: now },
    breathe: createBreath(ports.clock),
  };
}

interface SourceFrame extends Pick<SourceEntry, 'isAwaited' | 'look'> {
  readonly now: EpochMs;
  readonly credentialExpiresAt: EpochMs | undefined;
}

/** A source of which nothing is known yet. */
export function sourceEntry(
  source: FollowedSource,
  { now, isAwaited, look, credentialExpiresAt }: SourceFrame,
): SourceEntry {
  const { name, url, ref, reads } = source;
  return {
    ...{ source, isAwaited, over: new AbortController() },
    ...(look ? { look } : {}),
    status: {
      ...{ name, url, ref, since: now },
      ...(reads === undefined ? {} : { reads }),
      ...(credentialExpiresAt === undefined ? {} : { credentialExpiresAt }),
      state: 'Reading',
      documents: 0,
      problems: [],
      problemCount: 0,
    },
    documents: undefined,
    changedBy: {},
    base: undefined,
    open: new Set(),
    told: nothingTold(),
    isTried: false,
    wake: () => undefined,
  };
}

function connectionEntry(
  connection: LoopConnection,
  { clock, random }: LoopPorts,
  { now, programs }: { readonly now: EpochMs; readonly programs: LoopState['programs'] },
): ConnectionEntry {
  const owner = (id: ProgramId): string => {
    const desired = programs.get(id)?.wish.desired;
    return desired ? ownerOf(desired) : '';
  };
  const { name, platform, requestsPerSecond, credentialExpiresAt } = connection;
  return {
    connection,
    queue: createQueue({ clock, random, ownerOf: owner }),
    memory: connection.memory ?? createMemory(),
    store: createObservedStore(),
    batch: createBatch(),
    status: {
      ...{ name, platform, requestsPerSecond },
      ...(credentialExpiresAt === undefined ? {} : { credentialExpiresAt }),
      state: 'Starting',
      since: now,
      programs: 0,
      releases: 0,
      rateNow: requestsPerSecond,
      queued: { hot: 0, sweep: 0 },
    },
    sweepCalls: undefined,
    wake: () => undefined,
  };
}

/** What people's orders come to right now. */
export function standingOf({ orders, ports, heeded }: LoopState): Standing {
  const now = ports.clock.wall();
  if (now > heeded.latest) heeded.latest = now;
  return standing(orders, now, heeded.latest);
}

/** The status as people read it. */
function statusOf(state: LoopState): ControllerStatus {
  const { ports, settings, sources, connections, programs } = state;
  const { everything, programs: suspended } = standingOf(state);
  return {
    formatVersion: 1,
    kind: 'ControllerStatus',
    ...settings.about(),
    at: ports.clock.wall(),
    sources: [...sources.values()].map(({ status }) => status),
    connections: [...connections.values()].map((entry) => connectionStatus(entry, programs)),
    programs: [...programs.values()]
      .toSorted((a, b) => compareText(a.id, b.id))
      .map(({ id, status }) => shownAs(status, suspended.get(id))),
    ...(everything ? { suspended: suspendedBy(everything) } : {}),
  };
}

/** Without anything to write a plan does not show a suspension; people must see it all the same. */
const quiet: ReadonlySet<ProgramStatus['state']> = new Set(['Unknown', 'InSync', 'Pending']);

function shownAs(
  status: ProgramStatus,
  order: NonNullable<Standing['everything']> | undefined,
): ProgramStatus {
  if (!order) return status;
  const suspended = suspendedBy(order);
  if (!quiet.has(status.state)) return { ...status, suspended };
  const message = `suspended by ${order.by}: ${order.reason}`;
  return { ...status, suspended, state: 'Suspended', message };
}

function suspendedBy({ reason, by, until }: NonNullable<Standing['everything']>) {
  return { reason, by, ...(until === undefined ? {} : { until }) };
}

function connectionStatus(
  { status, queue, store, connection }: ConnectionEntry,
  programs: LoopState['programs'],
): ConnectionStatus {
  const { hot, sweep } = queue.size();
  return {
    ...status,
    programs: [...programs.values()].filter(
      ({ wish }) => wish.desired.connection === connection.name,
    ).length,
    releases: store.size(),
    rateNow: connection.rateNow(),
    queued: { hot, sweep },
  };
}

/** Tells the board that something is to be seen. */
export function show(state: LoopState): void {
  state.ports.board.changed(() => statusOf(state));
}
