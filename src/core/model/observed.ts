import type { Brand } from '../words/brand.ts';
import type { Environment } from '../words/environments.ts';
import type {
  Field,
  FieldPath,
  ObservedConfig,
  ObservedValue,
  SecretRef,
} from '../words/fields.ts';
import type { Fingerprint, FingerprintKey } from '../words/digests.ts';
import type { ProgramKey, ReleaseId, ReleaseKey } from '../words/keys.ts';
import type { Status } from '../words/statuses.ts';
import type { EpochMs } from '../words/time.ts';

/** The platform's token of a record: changes with configuration or status and nothing else, and never comes back. */
export type Revision = Brand<string, 'Revision'>;

export function revision(text: string): Revision {
  return text as Revision;
}

export interface ObservedRelease {
  readonly key: ReleaseKey;
  readonly id: string;
  readonly status: Status;
  readonly revision: Revision;
  /** Opaque to the platform; ours or another installation's. */
  readonly mark?: string;
  /** Release-specific configuration. */
  readonly config: ObservedConfig;
  /** Effective configuration as it was at applying, where the platform reports it. */
  readonly frozen?: ObservedConfig;
  readonly testQrCode?: string;
}

export interface ObservedGlobal {
  readonly revision: Revision;
  readonly mark?: string;
  readonly config: Readonly<Partial<Record<Field, ObservedValue>>>;
}

export interface ObservedMiniProgram {
  readonly key: ProgramKey;
  readonly name?: string;
  readonly type?: 'DSL' | 'H5+';
  /** Whether the program may edit server domains and WAP URLs; absent: not reported. */
  readonly domainsGranted?: boolean;
  readonly global: ObservedGlobal;
}

/** A target app as the platform offers it to a program. */
export interface ObservedTargetApp {
  readonly app: string;
  readonly name?: string;
  readonly environments: readonly Environment[];
  readonly environmentVariables?: boolean;
  readonly pilotTesting?: boolean;
  readonly sandboxReview?: boolean;
}

/** What a platform can do. Each lack has a fallback that costs convenience, never safety. */
export interface Capabilities {
  readonly conditionalWrites: boolean;
  readonly requestIds: boolean;
  readonly marks: boolean;
  readonly increments: boolean;
  readonly frozen: boolean;
  readonly variables: 'readable' | 'hidden';
  readonly maxPageSize: number;
  readonly maxIdsPerFilter: number;
}

/** What a credential may do in one workspace. */
export interface CallerWorkspace {
  readonly id: string;
  readonly rights: readonly string[];
}

export interface PlatformInfo {
  readonly id: string;
  /** True when the platform says that it is an emulator; then every output says so. */
  readonly emulator: boolean;
  readonly capabilities: Capabilities;
  readonly caller: { readonly client: string; readonly workspaces: readonly CallerWorkspace[] };
  /** The platform's clock when it answered; absent for a snapshot. */
  readonly time?: EpochMs;
}

/** Everything known of one program when its plan is made. Absent lists were not asked for. */
export interface ObservedProgram {
  readonly key: ProgramKey;
  /** `unknown` on the hot path, where the program itself was not listed. */
  readonly existence: 'exists' | 'missing' | 'unknown';
  readonly miniProgram?: ObservedMiniProgram;
  readonly releases: Readonly<Record<ReleaseId, ObservedRelease>>;
  /** Every release of the program was read; only then can `unmanaged` be said. */
  readonly complete: boolean;
  readonly versions?: readonly string[];
  readonly targets?: readonly ObservedTargetApp[];
  readonly capabilities: Capabilities;
  /** Bases kept outside the platform, for one that stores no marks: mark text by release id, or program id for the global level. */
  readonly bases: Readonly<Record<string, string>>;
  /** Set when the platform refused us this program. */
  readonly refused?: {
    readonly reason: 'AccessDenied' | 'PlatformMismatch' | 'PlatformRefused';
    readonly message: string;
    readonly nextStep: string;
  };
  /** Read from a file that people keep: preconditions are `notObserved`. */
  readonly attested: boolean;
  /** Fields put back so often that somebody else clearly disagrees, by release id, or program id for the global level. */
  readonly contended?: Readonly<Record<string, readonly FieldPath[]>>;
  readonly observedAt: EpochMs;
}

/** What a secret store said of one reference. */
export type SecretVerdict =
  /** Fingerprints by key id: the current key's and those of previous keys. */
  | { readonly state: 'known'; readonly fingerprints: Readonly<Record<string, Fingerprint>> }
  /** A store says no. */
  | { readonly state: 'unavailable'; readonly message: string }
  /** No store is configured here. */
  | { readonly state: 'unverified' };

export interface Fingerprints {
  /** Absent offline: then nothing secret can be compared. */
  readonly key?: FingerprintKey;
  readonly previous: readonly FingerprintKey[];
  /** By `secretRefText`; per source, since a name means what the administrator mapped for that source. */
  readonly secrets: Readonly<Record<string, SecretVerdict>>;
}

/** Index of `Fingerprints.secrets`. */
export function fingerprintIndex(source: string, ref: SecretRef): string {
  return `${source}|${ref.name}/${ref.key}`;
}
