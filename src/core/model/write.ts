import type { Brand } from '../words/brand.ts';
import type { Field, FieldPath } from '../words/fields.ts';
import type { ProgramKey, ReleaseKey } from '../words/keys.ts';
import type { SecretText } from '../words/secret-text.ts';
import type { ObservedGlobal, ObservedRelease, Revision } from './observed.ts';

/** 43 characters of base64url, derived from what is written, so that it survives a crash. */
export type RequestId = Brand<string, 'RequestId'>;

/** A value ready to be sent; a secret stays sealed until the body is made. */
export type WriteValue = string | readonly string[] | SecretText;

/** A config with which a record is created. */
export type WriteConfig = Readonly<Partial<Record<FieldPath, WriteValue>>>;

/** Absent keeps, `null` inherits (global level: clears), a list replaces, variables are upserted or removed by name. */
export type WritePatch<Path extends FieldPath = FieldPath> = Readonly<
  Partial<Record<Path, WriteValue | null>>
>;

/** SHA-256 (base64url) of the observed mark, or `absent`. */
export type MarkCondition = Brand<string, 'MarkCondition'>;

export interface WriteCondition {
  readonly ifRevision: Revision;
  readonly ifMark: MarkCondition;
}

/** One call that changes the platform. A patch whose `patch` is empty is mark-only. */
export type PlatformWrite =
  | {
      readonly operation: 'createRelease';
      readonly key: ReleaseKey;
      readonly config: WriteConfig;
      readonly mark?: string;
    }
  | {
      readonly operation: 'patchReleaseConfig';
      readonly key: ReleaseKey;
      readonly patch: WritePatch;
      readonly mark?: string;
      readonly condition: WriteCondition;
    }
  | {
      readonly operation: 'patchGlobalConfig';
      readonly key: ProgramKey;
      readonly patch: WritePatch<Field>;
      readonly mark?: string;
      readonly condition: WriteCondition;
    };

/** What the platform holds after a write, as it answered. */
export type Written =
  | { readonly kind: 'release'; readonly release: ObservedRelease }
  | { readonly kind: 'global'; readonly global: ObservedGlobal };
