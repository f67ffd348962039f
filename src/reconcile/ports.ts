import type { ControllerStatus } from '../core/model/controller.ts';
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
import type { Schedule } from './schedule.ts';
import type { FollowedSource, Hints, Orders, StatusBoard } from '../ports/controller.ts';

/** A platform as the loop reaches it. */
export interface LoopConnection {
  readonly name: string;
  /** `platformId` of the settings. */
  readonly platform: string;
  /** The same platform through two lanes of one rate budget. */
  readonly lanes: Readonly<Record<Lane, PlatformReader & PlatformWriter>>;
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
