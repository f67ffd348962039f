import type { Brand } from '../words/brand.ts';
import type { DesiredValue, FieldPath, StringField } from '../words/fields.ts';
import type { ProgramKey, ReleaseKey } from '../words/keys.ts';
import type { Place } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import type { Action, Cause, HeldReason, Reason } from '../words/reasons.ts';
import type { Status } from '../words/statuses.ts';
import type { EpochMs } from '../words/time.ts';
import type { Resolved } from './desired.ts';
import type { Policy, Suspension } from './policy.ts';
import type { Revision } from './observed.ts';

/** `c-` and 12 hex characters: of a field change, a change or a plan. */
export type ChangeId = Brand<string, 'ChangeId'>;
export type PlanHash = Brand<string, 'PlanHash'>;

/** A value as it may be shown; cannot hold a secret. */
export type Shown =
  | { readonly state: 'value'; readonly value: string | readonly string[] }
  | { readonly state: 'inherited'; readonly value?: string | readonly string[] }
  /** 16 hex characters of the fingerprint. */
  | { readonly state: 'secret'; readonly fingerprint: string }
  | { readonly state: 'unset' | 'unverified' | 'unknown' };

/** What a write does to a field: gives it a value, or lets it inherit (global level: clears it). */
export type FieldWrite =
  { readonly to: 'value'; readonly value: DesiredValue } | { readonly to: 'inherit' };

/**
 * A field's base as the mark carries it: 11 characters, `''` for none. Of a variable's 11 the first says which kind
 * of digest (`l` literal, `s` secret) the other 10 are.
 */
export type Base = Brand<string, 'Base'>;

/** Gates that ask whatever the numbers are. */
export type AskingGate = 'clearTesters' | 'clearDomains' | 'productionPayee';

/** One field that differs from what is declared. */
export interface FieldChange {
  readonly path: FieldPath | 'mark';
  readonly before: Shown;
  readonly after: Shown;
  /** The value is a secret, or counts as one. */
  readonly sensitive: boolean;
  readonly cause: Cause;
  readonly changeId: ChangeId;
  /** Cannot be written, and why. */
  readonly locked: Reason | null;
  /** How it would be written; absent for `mark` and where nothing can be written (locked, unverified). */
  readonly write?: FieldWrite;
  /** The field's base in the record's mark once this is written. */
  readonly nextBase: Base;
  /** 1: gains or changes a value; 2: global; 3: creates, and fields that return to inheriting. */
  readonly step: 1 | 2 | 3;
  /** Observed entries that are not declared and stay, because they cannot be removed in this status. */
  readonly surplus?: number;
  /** At least one origin stands in the release's own document. */
  readonly own: boolean;
  /** The effective configuration changes, not only where the value stands. */
  readonly effective: boolean;
  /** The gate that always asks before such a change. */
  readonly asks?: AskingGate;
  /** What counts for this field alone, where it is stricter than the change's own policy: a global field reaches releases. */
  readonly policy?: Policy;
  readonly origins: readonly Place[];
}

export type Precondition =
  | { readonly kind: 'record'; readonly revision: Revision; readonly mark: string | undefined }
  | { readonly kind: 'absent' }
  | { readonly kind: 'notObserved' };

/** What the mark of a record holds now and would hold, per field; `decide` and `execute` compose the next mark from it. */
export interface Bases {
  readonly observed: Readonly<Partial<Record<FieldPath, Base>>>;
  /** Bases that need no write of the field: equal fields, and bases of fields that are gone. */
  readonly settled: Readonly<Partial<Record<FieldPath, Base>>>;
  /** Key id under which the bases of secrets above were made, where it is not the present key. */
  readonly keyId?: string;
}

/** What is in users' hands on the same target. */
export interface LiveRelease {
  readonly version: string;
  readonly status: Status;
  readonly values: Readonly<Partial<Record<FieldPath, Shown>>>;
}

interface ChangeBase {
  /** Name of the document, for people. */
  readonly name: string;
  readonly action: Action;
  readonly reasons: readonly Reason[];
  readonly nextStep: string | null;
  /** What undoing it takes, in words; null where nothing is done. */
  readonly undo: string | null;
  readonly changeId: ChangeId;
  readonly precondition: Precondition;
  readonly fields: readonly FieldChange[];
  readonly bases: Bases;
  readonly policy: Policy;
  readonly suspended?: Suspension;
  /** Who claims it: goes into the mark. */
  readonly source: string;
  readonly origins: readonly Place[];
}

export interface ReleaseChange extends ChangeBase {
  readonly scope: 'release';
  readonly key: ReleaseKey;
  readonly status: Status | null;
  readonly superseded: boolean;
  readonly live?: LiveRelease;
  /** A create in Production that would pay somebody else than the live release of its target does, declared or inherited. */
  readonly newPayee?: readonly StringField[];
  /** What a create would inherit in the fields of `newPayee` that it does not give. */
  readonly inherits?: Readonly<Partial<Record<StringField, Shown>>>;
  /** What is declared for it, equal or not, with where it stands. */
  readonly declared?: Resolved;
  /** Environment variables the record holds today, declared or not: five are the most. */
  readonly variableCount: number;
  readonly testQrCode?: string;
  readonly releaseId?: string;
}

export interface GlobalChange extends ChangeBase {
  readonly scope: 'global';
  readonly key: ProgramKey;
  readonly status: null;
  /** Per field, the releases in `NewVersionCreated` that inherit it and go on inheriting it: whom it reaches at once. */
  readonly reach: Readonly<Partial<Record<FieldPath, readonly ReleaseKey[]>>>;
}

export type Change = ReleaseChange | GlobalChange;

/**
 * `AwaitsOther` links: what may not be applied unless something else is.
 *
 * `changeId` is a field's, or the change's own where it has no fields. It waits until the field change `on` is applied, or for ever in
 * this plan if `on` is null (the other release is out, or its field is locked).
 */
export interface Await {
  readonly changeId: ChangeId;
  readonly on: ChangeId | null;
  /** Names the release or global field waited for. */
  readonly message: string;
  /** `AwaitsOther`, or `AwaitingApproval` for a release under review that would inherit the new value at a withdrawal. */
  readonly held: Extract<HeldReason, 'AwaitsOther' | 'AwaitingApproval'>;
}

/** The plan of one program. Pure data; the caller can print it, store it, test it. */
export interface Plan {
  readonly key: ProgramKey;
  readonly connection: string;
  /** What people call the program: its name at the platform, else the document's. */
  readonly name: string;
  /** One per desired release, `unchanged` included, in the stable order of keys. */
  readonly changes: readonly ReleaseChange[];
  /** What is to be done about the global configuration; rivals' declarations follow, blocked. Empty where nothing is. */
  readonly global: readonly GlobalChange[];
  readonly awaits: readonly Await[];
  readonly undeclared: readonly {
    readonly key: ReleaseKey | ProgramKey;
    readonly path: FieldPath;
  }[];
  /** Secrets that could not be verified here, per field. */
  readonly unverified: readonly { readonly key: ReleaseKey; readonly path: FieldPath }[];
  /** Null when not every release of the program was read. */
  readonly unmanaged: readonly { readonly key: ReleaseKey; readonly status: Status }[] | null;
  readonly problems: readonly Problem[];
  readonly observedAt: EpochMs;
  readonly attested: boolean;
  readonly emulator: boolean;
  /** Existing releases of the program that are declared: the whole of the percentage gate. */
  readonly existing: number;
  /** Domains and URLs on any observed record of the program or its global configuration: what else is declared is new for it. */
  readonly known?: Readonly<Partial<Record<'serverDomains' | 'wapUrls', readonly string[]>>>;
  /** Capabilities the platform lacks, named in every output. */
  readonly lacks: readonly string[];
}

/** A field that is possible and not made now. */
export interface Held {
  readonly changeId: ChangeId;
  readonly reason: HeldReason;
  /** Why, with the numbers, and the one way to allow it. */
  readonly message: string;
}

/**
 * What of one change is written now: one entry a change. Where a global change goes as well, its step-3 fields go after
 * that and the others before it.
 */
export interface DecidedChange {
  readonly change: Change;
  /** Fields to write, `mark` never among them. */
  readonly apply: readonly FieldChange[];
  /** Whether a mark is written; with no `apply`, a mark-only write. */
  readonly mark: boolean;
}

export interface Decision {
  /** In the order of writing within a program: steps 1, 2, 3. */
  readonly apply: readonly DecidedChange[];
  readonly held: readonly Held[];
  /** What an approval in `allowed` released, by field change id. */
  readonly released: readonly ChangeId[];
}
