import type { DesiredValue, Field, FieldPath } from '../words/fields.ts';
import type { ProgramKey, ReleaseKey } from '../words/keys.ts';
import type { DocumentId, Place } from '../words/places.ts';
import type { Reason } from '../words/reasons.ts';
import type { EpochMs } from '../words/time.ts';
import type { Policy, Suspension } from './policy.ts';

/** The name of a layer, for `explain`; lowest first. */
export type LayerName =
  | 'program profile'
  | 'release profile'
  | 'standing target profile'
  | 'release target profile'
  | 'program'
  | 'standing target'
  | 'release'
  | 'release target';

/** One thing a layer said about a field, lowest layer first. */
export interface LayerStep {
  readonly layer: LayerName;
  readonly verb: 'set' | 'extend' | 'unset';
  readonly value?: DesiredValue;
  readonly place: Place;
}

export interface ResolvedField {
  readonly value: DesiredValue;
  /** Every place that contributed to the value, lowest layer first; never empty. */
  readonly origins: readonly [Place, ...Place[]];
}

/** Absent = inherit. */
export type Resolved = Readonly<Partial<Record<FieldPath, ResolvedField>>>;
export type ResolvedGlobal = Readonly<Partial<Record<Field, ResolvedField>>>;

/** What forbids a release or a global configuration before any platform was asked. */
export interface Barrier {
  readonly reason: Extract<
    Reason,
    'TargetConflict' | 'NotGranted' | 'ReferenceNotFound' | 'Invalid'
  >;
  readonly message: string;
  readonly nextStep: string;
  readonly places: readonly Place[];
}

export interface DesiredRelease {
  readonly key: ReleaseKey;
  /** The MiniProgramRelease's name. */
  readonly name: string;
  /** The MiniProgramRelease that claims the key. */
  readonly document: DocumentId;
  /** `cli`, GitSource or namespace; the claimant of marks. */
  readonly source: string;
  readonly config: Resolved;
  /** The release's document lists the target itself; a selection by `environments` is not own. */
  readonly own: boolean;
  /** A newer version is declared for the same program key, app and environment. */
  readonly superseded: boolean;
  readonly policy: Policy;
  readonly suspended?: Suspension;
  /** Where the claim stands: the target's place first. */
  readonly claims: readonly [Place, ...Place[]];
  readonly barrier?: Barrier;
  /** When the wish was first known; absent for plain files. */
  readonly since?: EpochMs;
  /** The document's own age, for conflicts between sources. */
  readonly createdAt?: EpochMs;
  /**
   * The same key as other sources declare it, in the order in which they would follow; none of them has rivals.
   * Which one stands is told by the record's mark: `contest` in core/resolve/contest.ts.
   */
  readonly rivals?: readonly [DesiredRelease, ...DesiredRelease[]];
}

export interface DesiredGlobal {
  readonly config: ResolvedGlobal;
  readonly unset: readonly { readonly field: Field; readonly place: Place }[];
  readonly source: string;
  readonly policy: Policy;
  readonly suspended?: Suspension;
  readonly claims: readonly [Place, ...Place[]];
  readonly barrier?: Barrier;
  readonly createdAt?: EpochMs;
  /** The global configuration as other sources declare it; see `DesiredRelease.rivals`. */
  readonly rivals?: readonly [DesiredGlobal, ...DesiredGlobal[]];
}

/** Everything declared for one program key, whichever sources it comes from. */
export interface DesiredProgram {
  readonly key: ProgramKey;
  /** The PlatformConnection it goes through. */
  readonly connection: string;
  /** The MiniProgram documents' names, for people. */
  readonly names: readonly string[];
  readonly global?: DesiredGlobal;
  /** In the stable order of release keys. */
  readonly releases: readonly DesiredRelease[];
  /** Digest of everything desired, for "which programs did this commit change". */
  readonly digest: string;
}
