import { stepsOf } from '../words/places.ts';

/** A mistake in a document, at a pointer; the reader of the document turns it into a problem with a place. */
export interface Finding {
  readonly rule: string;
  /** JSON Pointer (RFC 6901). */
  readonly pointer: string;
  /** Whether the name or what it holds is wrong. */
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly nextStep: string;
  /** Pointers of other places that belong to the same mistake. */
  readonly related?: readonly string[];
  /** Something is missing: says nothing about a document of which a part could not be read. */
  readonly isAbsence?: boolean;
  /** Text was wanted and something else read: the reader may know that only quotes are missing. */
  readonly wantsText?: boolean;
}

/** A pointer as people write it: `spec.targets[1].app`; `the document` for the root. */
export function pathText(pointer: string): string {
  const steps = stepsOf(pointer);
  if (steps.length === 0) return 'the document';
  return steps
    .map((step, index) => (/^\d+$/.test(step) ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
    .join('');
}
