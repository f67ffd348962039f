import type { DeclaredValue } from '../explain/declared-value.ts';
import type { Policy } from '../model/policy.ts';
import type { FieldPath } from '../words/fields.ts';
import type { ProgramKey, ReleaseKey } from '../words/keys.ts';
import type { Origin } from '../words/places.ts';

export type DiffWord = 'added' | 'removed' | 'changed';

/** What is declared of a field; `unset` clears a global one. A secret is its reference: another value behind it is no change here. */
export type DiffedValue = DeclaredValue | { readonly state: 'unset' };

export interface DiffedField {
  readonly path: FieldPath;
  readonly change: DiffWord;
  /** Null: not declared, so the field inherits (global level: is left alone). */
  readonly before: DiffedValue | null;
  readonly after: DiffedValue | null;
  /** Lines that gave the old value; as they were before. */
  readonly originsBefore: readonly Origin[];
  readonly origins: readonly Origin[];
}

export interface Both<T> {
  readonly before: T;
  readonly after: T;
}

interface DiffedEntry {
  readonly change: DiffWord;
  readonly source: string;
  readonly fields: readonly DiffedField[];
  /** Null: the same before and after, or there only once. */
  readonly policy: Both<Policy> | null;
  readonly suspended: Both<{ readonly reason: string; readonly until?: number } | null> | null;
  /** Why nothing of it is applied; null on a side: nothing forbids it. */
  readonly barrier: Both<{ readonly reason: string; readonly message: string } | null> | null;
  /** Where the claim stands; of what was removed, where it stood. */
  readonly origins: readonly Origin[];
}

export interface DiffedRelease extends DiffedEntry {
  readonly key: ReleaseKey;
  readonly name: string;
}

export interface DiffedGlobal extends DiffedEntry {
  readonly key: ProgramKey;
}

export interface DiffedProgram {
  readonly key: ProgramKey;
  readonly connection: string;
  readonly names: readonly string[];
  readonly change: DiffWord;
  /** One per source that declares it. */
  readonly global: readonly DiffedGlobal[];
  readonly releases: readonly DiffedRelease[];
}

/** The JSON of `diff`: what a change of the declarations means, whatever any platform holds. */
export interface DeclarationDiff {
  readonly formatVersion: 1;
  readonly kind: 'DeclarationDiff';
  /** Releases by what happens to them, and changed global configurations. */
  readonly summary: {
    readonly programs: number;
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly global: number;
  };
  /** Programs with a difference, in the order of their ids. */
  readonly programs: readonly DiffedProgram[];
}
