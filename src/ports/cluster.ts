import type { DeclarationKind } from '../core/kinds/index.ts';
import type { ReconcileError } from '../core/words/errors.ts';
import type { EpochMs } from '../core/words/time.ts';

/** Kinds that stand in the cluster; `Settings` exists in files only. */
export type ClusterKind = DeclarationKind | 'PlatformConnection' | 'GitSource';

/** Names an object. No namespace: cluster-scoped. */
export interface ObjectRef {
  readonly kind: ClusterKind;
  readonly namespace?: string;
  readonly name: string;
}

/** An object of ours as the API server last showed it. Untrusted: admission may have been off, or older than we are. */
export interface ClusterObject extends ObjectRef {
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly createdAt: EpochMs;
  /** When somebody last wrote a part of the spec, as far as the API server tells: it outlives our process. */
  readonly declaredAt?: EpochMs | undefined;
  /**
   * When whoever has owned the annotation `fairlead.dev/approve` for longest last wrote, as far as the API server tells.
   * Whoever may write the object may make it another time.
   */
  readonly approvedAt?: EpochMs | undefined;
  /** Characters of a spec that was too long to be kept, so that it is undefined; absent: it is there. */
  readonly specTooLong?: number | undefined;
  /** None of declarations: nobody reads them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Those that we heed, as far as they are. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: unknown;
  readonly status: unknown;
}

/** Objects of one kind, kept by list and watch. Nothing is done in callbacks: keys are collected, work is done elsewhere. */
export interface ObjectCache {
  readonly kind: ClusterKind;
  /** A whole list was taken in since the start; until then nothing may be concluded from what is missing. */
  isComplete(): boolean;
  get(ref: ObjectRef): ClusterObject | undefined;
  all(): IterableIterator<ClusterObject>;
  /**
   * Objects that appeared, changed or went since the last call, status alone included; resolves as soon as there is one,
   * and at the first whole list even of nothing. Duplicates collapse. One caller.
   */
  changed(signal: AbortSignal): Promise<readonly ObjectRef[]>;
  /** Resolves once what is shown is not older than our own write of this object, which had this resourceVersion. */
  reached(ref: ObjectRef, resourceVersion: string, signal: AbortSignal): Promise<void>;
  /** How well it follows: for readiness and logs. */
  health(): CacheHealth;
}

export interface CacheHealth {
  readonly state: 'Starting' | 'Following' | 'Failing';
  /** Since when (monotonic milliseconds) the server was heard last: an event, a bookmark or a list. */
  readonly heardAt: number;
  /** Present while `Failing`: what is wrong and what to do, such as definitions that are missing or older than we are. */
  readonly trouble?: {
    readonly code: string;
    readonly message: string;
    readonly nextStep?: string;
  };
}

/** Writes statuses and events. Reads nothing. */
export interface ClusterWriter {
  /**
   * Server-side apply of the whole status under our own field manager; one request.
   *
   * @param uid  the object must still be the one that was seen
   * @returns the object's new resourceVersion; undefined: it is gone, or another one has its name
   * @throws ReconcileError `ClusterUnavailable`, `ClusterRefused`
   */
  applyStatus(
    ref: ObjectRef,
    uid: string,
    status: object,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /**
   * Best effort: never throws but for the signal.
   *
   * @returns what kept it from being told
   */
  event(event: ClusterEvent, signal: AbortSignal): Promise<ReconcileError | undefined>;
}

export interface ClusterEvent {
  readonly about: ObjectRef & { readonly uid: string; readonly resourceVersion: string };
  readonly type: 'Normal' | 'Warning';
  /** CamelCase. */
  readonly reason: string;
  /** At most 1024 characters; no secret. */
  readonly message: string;
}

/** A Secret of a namespace, read by name when it is needed. Never listed, never watched. */
export interface SecretReader {
  /**
   * @returns undefined: there is none. `use`: the label fairlead.dev/use; `gitHost`: the annotation fairlead.dev/git-host
   * @throws ReconcileError `ClusterUnavailable`, `ClusterRefused`
   */
  secret(
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<
    | {
        readonly use?: string;
        readonly gitHost?: string;
        readonly data: Readonly<Record<string, Uint8Array>>;
        readonly resourceVersion: string;
      }
    | undefined
  >;
}

/** One part of the programs, held by at most one process at a time. */
export interface HeldShard {
  readonly index: number;
  /** Monotonic moment until which its writes may arrive. */
  heldUntil(): number;
  /** Aborted when it is lost or given back. */
  readonly signal: AbortSignal;
  /**
   * After the signal: no write of it is under way any more, so the next one need not wait until `heldUntil` is over.
   * Whoever does not say so loses time, nothing else.
   */
  drained?(): void;
  /** @param text  asked for at each renewal, and told to the other processes with it; empty: nothing */
  speak(text: () => string): void;
}

/** Shards this process holds. */
export interface Shards {
  readonly total: number;
  /** Shards of all processes that hold a Lease right now: what the rate is divided by. At least 1. */
  heldByAll(): number;
  /** What was said last of a shard by whoever held it; empty: nothing, or nobody did. */
  said(index: number): string;
  /** Resolves when anything else is said than at the last call. @throws the signal's reason */
  heard(signal: AbortSignal): Promise<void>;
  /** Resolves with a newly won shard. @throws the signal's reason */
  won(signal: AbortSignal): Promise<HeldShard>;
  /** Gives back everything: no write of ours is under way any more. */
  release(): Promise<void>;
}

/** Namespaces and their labels, kept like objects; absent where only some namespaces may be seen. */
export interface NamespaceCache extends Pick<ObjectCache, 'isComplete' | 'health'> {
  /** Undefined: there is no namespace of this name. */
  labels(namespace: string): Readonly<Record<string, string>> | undefined;
  /** Names of namespaces that appeared, went or have other labels; as `ObjectCache.changed`. */
  changed(signal: AbortSignal): Promise<readonly string[]>;
}

/** Who may approve is decided by the API server, by a policy of the installation. */
export interface ApprovalPolicy {
  /**
   * Whether the ValidatingAdmissionPolicy `fairlead-approvals` and its binding of the same name are there, and ask what this
   * release wants asked of everything that approves.
   *
   * @throws ReconcileError `ClusterUnavailable`; `ClusterRefused` where we may not look
   */
  look(signal: AbortSignal): Promise<PolicyState>;
}

export type PolicyState =
  /** `since`: by the API server's clock; what was set before was asked of nobody. */
  | { readonly isInForce: true; readonly since: EpochMs }
  /** Which object, and what of it. */
  | { readonly isInForce: false; readonly fault: string };
