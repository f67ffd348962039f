import type { ReviewRules } from '../kinds/repository-settings.ts';
import type { DeclarationDiff } from '../diff/declaration-diff.ts';
import type { Plan } from '../model/plan.ts';
import type { FieldPath } from '../words/fields.ts';
import type { ProgramKey, ReleaseKey } from '../words/keys.ts';
import type { Locate } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import type { EpochMs } from '../words/time.ts';
import type { ProgramFacts } from './facts.ts';
import type { PlatformRead } from './plan-document.ts';

/** A commit of a pull request, as it was named and as it is. Whatever is in the two texts was written by others. */
export interface ReviewedCommit {
  readonly revision: string;
  readonly commit: string;
  readonly author: string;
}

/** A program whose part could not be judged: no verdict, and so never a good one. */
export interface UnjudgedProgram {
  readonly key: ProgramKey;
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly nextStep: string | null;
}

/** One program: what the pull request brings, what rides along, what is dropped. */
export interface ReviewedProgram {
  readonly own: ProgramFacts;
  readonly riding: ProgramFacts;
  readonly dropped: ProgramFacts;
}

/** What other open pull requests into the same branch want of the same records. */
export interface OtherPulls {
  readonly overlaps: readonly {
    readonly pull: number;
    /** Both have it. */
    readonly key: ReleaseKey | ProgramKey;
    /** `claim`: both declare it for the first time; `fields`: both change these, to different values. */
    readonly kind: 'claim' | 'fields';
    readonly fields: readonly FieldPath[];
  }[];
  /** False: the forge did not say which there are. */
  readonly isListed: boolean;
  /** Numbers of those that could not be read. */
  readonly unread: readonly number[];
  /** Numbers of those that would cost more to read than a review spends on others; absent: none. */
  readonly tooLarge?: readonly number[];
  /** Older ones that nobody looked at. */
  readonly left: number;
}

/** Everything a rendering of a review may know. Pure data, in a stable order. */
export interface Review {
  readonly base: ReviewedCommit;
  readonly head: ReviewedCommit;
  readonly mergeBase: string;
  /** What the declarations were held against; `declarations`: against each other alone. */
  readonly against: 'platform' | 'snapshot' | 'declarations';
  readonly platforms: readonly PlatformRead[];
  /** Connections to platforms without an interface: what is to be done there, people click. Absent: none. */
  readonly byHand?: readonly string[];
  /** Who made the snapshot, where a signature was demanded: verified before anything of it was read. */
  readonly seal?: { readonly commit: string | undefined };
  /** Whole plans of the touched programs as they would be after the merge. */
  readonly plans: readonly Plan[];
  readonly programs: readonly ReviewedProgram[];
  readonly unjudged: readonly UnjudgedProgram[];
  /** What changes between the declarations, whatever the platform holds. */
  readonly diff: DeclarationDiff;
  /** Declared after the merge, and none of the pull request's. */
  readonly untouched: { readonly targets: number; readonly programs: number };
  readonly problems: {
    /** The pull request's. */
    readonly fresh: readonly Problem[];
    /** The base has them too. */
    readonly older: { readonly errors: number; readonly warnings: number };
  };
  /** What fails a review here, as the base has it; absent: the defaults. */
  readonly rules?: ReviewRules;
  /** Absent: nobody asked a forge. */
  readonly others?: OtherPulls;
  /**
   * Draws a test QR code in characters of its own, none of the text's; undefined where it is too long. Present only where
   * somebody asked for codes and none but members can read.
   */
  readonly drawCode?: (text: string) => string | undefined;
  /** Secrets are opened nowhere in a review. */
  readonly secretsNotCompared: number;
  readonly apiReads: number;
  /** Lines as they are after the merge. */
  readonly locate: Locate;
  readonly now: EpochMs;
}
