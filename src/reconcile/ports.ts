import type {
  ConnectionStatus,
  ControllerStatus,
  SourceStatus,
  Trouble,
} from '../core/model/controller.ts';
import type { Gates } from '../core/model/policy.ts';
import type { Trust } from '../core/resolve/resolve.ts';
import type { EpochMs } from '../core/words/time.ts';
import type {
  Clock,
  Fence,
  Lane,
  Ledger,
  PlatformReader,
  PlatformWriter,
  Random,
  SecretStore,
  Telemetry,
  WantedSecret,
} from '../ports/index.ts';
import type { Memory } from '../engine/read.ts';
import type { DesiredProgram } from '../core/model/desired.ts';
import type { Fingerprints, ObservedProgram } from '../core/model/observed.ts';
import type { Decision, Plan } from '../core/model/plan.ts';
import type { ProgramId } from '../core/words/keys.ts';
import type { DocumentId } from '../core/words/places.ts';
import type { Outcome } from '../ports/index.ts';
import type { Declared, DocumentChange } from './declared.ts';
import type { Schedule } from './schedule.ts';
import type { FollowedSource, Hints, Orders, StatusBoard } from '../ports/controller.ts';

export type PlatformLanes = Readonly<Record<Lane, PlatformReader & PlatformWriter>>;

/** A platform as the loop reaches it. */
export interface LoopConnection {
  readonly name: string;
  /** `platformId` of the settings. */
  readonly platform: string;
  /** The same platform through two lanes of one rate budget. */
  readonly lanes: PlatformLanes;
  /** The same lanes for one of several owners, who take turns in them; absent: all are one's. */
  readonly lanesOf?: (owner: string) => PlatformLanes;
  readonly gates: Gates;
  /** Writes of one program at a time. */
  readonly maxWriters: number;
  /** Deadline of one call. */
  readonly timeoutMs: number;
  /** Why nothing may be written through it. */
  readonly suspended?: string;
  readonly requestsPerSecond: number;
  /** Calls per second right now. */
  readonly rateNow: () => number;
  readonly credentialExpiresAt?: EpochMs;
  /** What is remembered of the platform since an earlier loop of this process. */
  readonly memory?: Memory;
}

/** What this process has told already, by whatever loop. Changed by the loop. */
export interface Told {
  /** Orders by id. */
  readonly orders: Set<string>;
  /** The commit of each source that was told last, by the source's name. */
  readonly commits: Map<string, string>;
}

/** Which programs were wanted how when they were last acted on: what `maxPrograms` counts from. */
export interface Completed {
  /** Digests by program id; undefined where no earlier commit is known. */
  read(): Promise<Readonly<Record<string, string>> | undefined>;
  /** Never throws: what cannot be kept costs the count once. */
  write(digests: Readonly<Record<string, string>>): Promise<void>;
}

/** A repository that is followed while its object stands. */
export interface FollowedNow {
  readonly source: FollowedSource;
  readonly look: Schedule;
  readonly credentialExpiresAt?: EpochMs;
}

/** What is otherwise in a cluster than it was. */
export interface ObjectNews {
  readonly documents: readonly DocumentChange[];
  /** Some sources are trusted otherwise. */
  readonly retrusted?: { readonly trust: Trust; readonly sources: readonly string[] };
  /** One of a known name takes that one's place; what it declared stays in force until the first look. */
  readonly followed: readonly FollowedNow[];
  /** Names of repositories that are not followed any more: they declare nothing. */
  readonly unfollowed: readonly string[];
  /** Documents whose programs somebody wants to be looked at now. */
  readonly wake: readonly DocumentId[];
}

/** Declarations that stand as objects in a cluster. */
export interface ObjectFeed {
  /** Resolves once something is otherwise than at the last call; the first answer is everything. One caller. */
  news(signal: AbortSignal): Promise<ObjectNews>;
}

/** A pass that came to a plan. */
export interface PassReport {
  readonly id: ProgramId;
  readonly desired: DesiredProgram;
  readonly observed: ObservedProgram;
  readonly fingerprints: Fingerprints;
  /** The same was refused by the platform for good a while ago: nothing was tried. */
  readonly rests: boolean;
  readonly plan: Plan;
  readonly decision: Decision;
  readonly outcomes: readonly Outcome[];
}

/** Hears what becomes of declarations, to tell people where they wrote them. Nothing here throws, and nothing but `room` waits. */
export interface ObjectReports {
  /** Once, before anything else. */
  begin(declared: Declared): void;
  /** Programs are wanted otherwise or not any more, and something else is wrong with documents. */
  resolved(news: {
    readonly programs: ReadonlySet<ProgramId>;
    readonly documents: ReadonlySet<DocumentId>;
  }): void;
  /** Another share of the programs is ours. */
  taken(): void;
  passed(report: PassReport): void;
  /** Resolves once there is room for one more report: those that nobody wrote down yet weigh more than what they tell of. */
  room(signal: AbortSignal): Promise<void>;
  /** A pass ended without a plan. */
  failed(program: DesiredProgram, trouble: Trouble): void;
  source(status: SourceStatus): void;
  connection(status: ConnectionStatus): void;
}

/** Approvals that stand beside the declarations themselves. */
export interface ObjectApprovals {
  /** Takes up what people approved of this plan: from now on `Orders.read` gives it. */
  expand(
    program: ProgramId,
    planned: { readonly desired: DesiredProgram; readonly plan: Plan },
  ): void;
}

/** The share of programs that this process acts on. */
export interface OwnShards {
  /** Undefined: another process acts on it. */
  holder(program: ProgramId): Holder | undefined;
  /** How many shares are held. */
  count(): number;
  /** Resolves when another share is held than at the last call. */
  changed(signal: AbortSignal): Promise<void>;
  /** What is said from now on is meant of every share that is held now as well. */
  takenUp(): void;
  /** @param say  asked from time to time, for the holders of other shares */
  speak(say: () => ShareNews): void;
  /** What whoever holds a program's share said last. */
  said(program: ProgramId): ShareNews;
  /** What was said of each share but those we have taken up. */
  others(): readonly ShareNews[];
  /** Resolves when somebody said something else than at the last call. */
  heard(signal: AbortSignal): Promise<void>;
}

/** How far a share of the programs is, by source: as of which commit. */
export interface ShareNews {
  /** None of them waits to be counted for `maxPrograms`. */
  readonly judged: Readonly<Record<string, string>>;
  /** All that it touched of them were acted on. */
  readonly done: Readonly<Record<string, string>>;
}

export interface Holder extends Fence {
  /** Aborted when nothing may be sent any more. */
  readonly signal: AbortSignal;
  /** Before a pass over a program of it. @returns to be called when nothing of that pass is under way any more */
  begin(): () => void;
}

export interface LoopPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly ledger: Ledger;
  readonly fence: Fence;
  readonly secrets: SecretStore;
  /** Reads every known secret again; gives those that are other ones now. */
  readonly rotated: (signal: AbortSignal) => Promise<readonly WantedSecret[]>;
  readonly sources: readonly FollowedSource[];
  readonly connections: readonly LoopConnection[];
  readonly orders: Orders;
  readonly hints: Hints;
  readonly board: StatusBoard;
  readonly completed: Completed;
  /** Absent: nothing yet. */
  readonly told?: Told;
  /** Absent: everything comes from `sources`. */
  readonly objects?: ObjectFeed;
  readonly reports?: ObjectReports;
  readonly approvals?: ObjectApprovals;
  /** Absent: all programs are ours, under `fence`. */
  readonly shards?: OwnShards;
}

export interface LoopSettings {
  readonly trust: Trust;
  readonly installation: string;
  readonly takeOver: readonly string[];
  readonly sweep: Schedule;
  /** How often each source is looked at, by name. */
  readonly looks: Readonly<Record<string, Schedule>>;
  readonly secretMs: number;
  /** Programs of one connection under way at a time. */
  readonly workers: number;
  /** What the status says of the controller itself, as of now. */
  readonly about: () => Pick<
    ControllerStatus,
    'version' | 'startedAt' | 'config' | 'ledgerTrouble'
  >;
  /** When the administrator says a source's credential ends, by name. */
  readonly sourceCredentials: Readonly<Record<string, EpochMs>>;
}
