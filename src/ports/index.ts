import type { CommitInfo, Trouble } from '../core/model/controller.ts';
import type {
  AttemptEntry,
  CommitEntry,
  DecisionEntry,
  OrderEntry,
  Seen,
} from '../core/model/history.ts';
import type { Order } from '../core/model/orders.ts';
import type { Change, ChangeId, Plan } from '../core/model/plan.ts';
import type {
  Fingerprints,
  ObservedMiniProgram,
  ObservedRelease,
  ObservedTargetApp,
  PlatformInfo,
} from '../core/model/observed.ts';
import type { PlatformWrite, RequestId, Written } from '../core/model/write.ts';
import type { SourceDocuments } from '../core/model/documents.ts';
import type { ReconcileError } from '../core/words/errors.ts';
import type { SecretRef } from '../core/words/fields.ts';
import type { ProgramKey, ReleaseKey } from '../core/words/keys.ts';
import type { SecretText } from '../core/words/secret-text.ts';
import type { Status } from '../core/words/statuses.ts';
import type { EpochMs } from '../core/words/time.ts';

/** Time is an effect. `mono` is milliseconds on a clock that never jumps. */
export interface Clock {
  wall(): EpochMs;
  mono(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Uniform in [0, 1). */
export interface Random {
  next(): number;
}

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whole exchange, milliseconds. */
  readonly timeoutMs: number;
  /** Largest body that is read. */
  readonly maxBytes: number;
}

export interface WireResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes as they came, for signatures. */
  readonly body: Uint8Array;
}

/**
 * One HTTP exchange: no redirects, no retries, no proxy.
 *
 * @throws ReconcileError `OutcomeUnknown` once the first byte may have left (timeout, reset, truncated or oversized body),
 *   `PlatformUnavailable` when certainly nothing was sent (name, connect, TLS)
 */
export interface Transport {
  send(request: WireRequest, signal: AbortSignal): Promise<WireResponse>;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Set on the last page of a full list where the platform can list increments. */
  readonly cursor?: string;
}

export interface ReleaseQuery {
  readonly workspace: string;
  /** Mini program ids; absent: every program of the workspace. */
  readonly miniPrograms?: readonly string[];
  readonly versions?: readonly string[];
  readonly statuses?: readonly Status[];
  /** Only what changed since the list that gave it. */
  readonly cursor?: string;
  /**
   * Programs whose records must be readable: one that is not fails the list. Another program's unreadable record is
   * left out, and told to telemetry. Absent: `miniPrograms`, else every program.
   */
  readonly declared?: readonly string[];
}

/** Reads a platform. Planning and review can hold nothing more. Methods throw `ReconcileError` and are safe to repeat. */
export interface PlatformReader {
  /** Asked of the platform once per process, then remembered. */
  platform(signal: AbortSignal): Promise<PlatformInfo>;
  miniPrograms(
    workspace: string,
    ids: readonly string[] | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Page<ObservedMiniProgram>>;
  releases(query: ReleaseQuery, signal: AbortSignal): AsyncIterable<Page<ObservedRelease>>;
  release(key: ReleaseKey, signal: AbortSignal): Promise<ObservedRelease | undefined>;
  versions(program: ProgramKey, signal: AbortSignal): Promise<readonly string[]>;
  targets(program: ProgramKey, signal: AbortSignal): Promise<readonly ObservedTargetApp[]>;
}

/**
 * Writes to a platform. One call per invocation, never retried inside: the executor decides by the error's disposition.
 * The same `id` with the same write is performed once, where the platform remembers ids.
 */
export interface PlatformWriter {
  /** @param mayGo  awaited last, when the call's turn has come: what it throws is thrown on, and nothing was sent */
  write(
    write: PlatformWrite,
    id: RequestId,
    signal: AbortSignal,
    mayGo?: () => Promise<void>,
  ): Promise<Written>;
}

/** Where declarations come from: directory, Git, custom resources. */
export interface Declarations {
  load(signal: AbortSignal): Promise<Loaded>;
}

export interface Loaded {
  readonly sources: readonly SourceDocuments[];
}

/** Opens a secret for one claimant. @throws ReconcileError `SecretUnavailable` */
export type OpenSecret = (
  source: string,
  ref: SecretRef,
  signal: AbortSignal,
) => Promise<SecretText>;

export interface WantedSecret {
  readonly source: string;
  readonly ref: SecretRef;
}

export interface SecretStore {
  /** Fingerprints under the connection's key; every wanted secret gets a verdict. */
  fingerprints(
    connection: string,
    wanted: readonly WantedSecret[],
    signal: AbortSignal,
  ): Promise<Fingerprints>;
  open: OpenSecret;
}

/** Bases and history outside the platform: never truth. A failing ledger degrades to no history. */
export interface Ledger {
  /** Mark text by release id, or by program id for the global level. */
  bases(program: ProgramKey): Promise<Readonly<Record<string, string>>>;
  append(entry: LedgerEntry): Promise<void>;
  /** Replaces bases without history: what was seen to be as declared. By the index of `bases`. */
  keep(program: ProgramKey, bases: Readonly<Record<string, string>>): Promise<void>;
  /**
   * What an observation showed. A record that differs from what was seen of it before becomes history, with both
   * moments, unless `own`.
   */
  seen(observation: Seen): Promise<void>;
}

export type { Explained, LedgerField, Seen, SeenRecord } from '../core/model/history.ts';

/** Something that was done, decided or told. Holds no secret: values are public or fingerprints. */
export type LedgerEntry =
  | (AttemptEntry & {
      /** The mark that was sent; the bases where the platform stores none. */
      readonly mark?: string;
      /** What people call the program: names of its MiniProgram documents. */
      readonly names?: readonly string[];
    })
  | DecisionEntry
  | OrderEntry
  | CommitEntry;

/** The monotonic moment until which we may write; Infinity without a lease. */
export interface Fence {
  heldUntil(): number;
}

/**
 * Asked right before each call that writes, repeated ones included: what people said since it was decided.
 *
 * @returns why it may not be sent, as a sentence; undefined where it may
 */
export type Clearance = (write: {
  readonly program: ProgramKey;
  /** Field change ids of the write; of a create without fields, the change's own. */
  readonly ids: readonly ChangeId[];
}) => Promise<string | undefined>;

/** Things worth a log line or a metric. Data only; no secret, no body. */
export type TelemetryEvent =
  | {
      readonly kind: 'call';
      readonly operation: string;
      readonly code: string;
      readonly ms: number;
    }
  | {
      readonly kind: 'written';
      readonly key: ProgramKey | ReleaseKey;
      readonly action: string;
      readonly requestId: string;
    }
  | {
      readonly kind: 'failed';
      readonly key: ProgramKey | ReleaseKey;
      readonly code: string;
      readonly message: string;
    }
  /** The platform said something that was left out or not believed; `what` names no value. */
  | { readonly kind: 'ignored'; readonly what: string; readonly why: string }
  | { readonly kind: 'waiting'; readonly ms: number; readonly why: string }
  /** A program's pass ended. `result`: its state afterwards, or the error's code. */
  | {
      readonly kind: 'pass';
      readonly program: ProgramKey;
      readonly lane: Lane;
      readonly result: string;
      readonly writes: number;
      readonly ms: number;
    }
  /** A connection's platform was read whole. `code`: ok, or the error's. */
  | {
      readonly kind: 'sweep';
      readonly connection: string;
      readonly code: string;
      readonly releases: number;
      readonly dirty: number;
      readonly ms: number;
    }
  /** A source was looked at. `code`: unchanged, changed, rewound, or the error's. */
  | { readonly kind: 'look'; readonly source: string; readonly code: string; readonly ms: number }
  /** A commit came into force. */
  | {
      readonly kind: 'commit';
      readonly source: string;
      readonly commit: CommitInfo;
      readonly documents: number;
      readonly programs: number;
    }
  /**
   * The state of a source, connection or program became another one, or says something else: once per transition, never
   * per pass.
   */
  | {
      readonly kind: 'condition';
      readonly about:
        'source' | 'reviews' | 'connection' | 'program' | 'config' | 'ledger' | 'webhook';
      readonly name: string;
      readonly state: string;
      readonly message?: string;
      readonly trouble?: Trouble;
    }
  | { readonly kind: 'order'; readonly order: Order }
  | {
      readonly kind: 'progress';
      readonly done: number;
      readonly total: number | undefined;
      readonly what: string;
    };

/** Which of two queues a pass came from: changed declarations go before the sweep. */
export type Lane = 'hot' | 'sweep';

export interface Telemetry {
  emit(event: TelemetryEvent): void;
}

/** What a program's pass came to: status and events, ledger, or stdout. */
export interface ProgramReport {
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
}

export interface Reports {
  program(report: ProgramReport): Promise<void>;
}

/** What became of one change. */
export type Outcome =
  | {
      readonly result: 'applied';
      readonly change: Change;
      readonly written: Written;
      /** Fields that were to be written and were not, by field change id: gone, or waiting for what failed. */
      readonly left: readonly ChangeId[];
    }
  | { readonly result: 'failed'; readonly change: Change; readonly error: ReconcileError }
  | { readonly result: 'skipped'; readonly change: Change; readonly why: string };

export interface ReadPorts {
  readonly reader: PlatformReader;
  readonly secrets: SecretStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}

export interface WritePorts {
  readonly writer: PlatformWriter;
  readonly fence: Fence;
  /** Absent: nobody can say anything while this runs. */
  readonly clearance?: Clearance;
}
