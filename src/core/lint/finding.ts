import type { Place } from '../words/places.ts';
import type { AdviceId } from './rules.ts';

/** Something that is probably not meant, before a repository's own judgement. */
export interface LintFinding {
  readonly rule: AdviceId;
  readonly place: Place;
  readonly related?: readonly Place[];
  readonly message: string;
  readonly nextStep: string;
  /** What the finding is about, for waivers of exactly this value; never one that may be secret. */
  readonly value?: string;
}

/** What a check of one value says; the caller knows the place. */
export type Remark = Pick<LintFinding, 'rule' | 'message' | 'nextStep'>;

/** One line that stands for a place; a map key. */
export function placeKey({ document, pointer }: Place): string {
  return `${document} ${pointer}`;
}
