import type { Barrier } from '../model/desired.ts';
import { compareText } from '../words/keys.ts';
import type { Locate, Origin, Place } from '../words/places.ts';
import type { Problem, Severity } from '../words/problems.ts';
import type { MergeRule } from './merge.ts';

/** Every rule that resolving can find broken. */
export type ResolveRule =
  | MergeRule
  | 'duplicate-document'
  | 'duplicate-program'
  | 'duplicate-claim'
  | 'reference-not-found'
  | 'reference-invalid'
  | 'connection-not-found'
  | 'environment-without-target'
  | 'app-without-instance'
  | 'too-many-targets'
  | 'unset-nothing';

/** A problem whose places are not computed yet. */
export interface Mistake {
  readonly rule: ResolveRule;
  readonly severity: Severity;
  readonly message: string;
  readonly nextStep: string;
  readonly place: Place;
  readonly related?: readonly Place[];
}

/** Problems in the order of their places, each said once. */
export function problemsOf(mistakes: readonly Mistake[], locate: Locate): Problem[] {
  const seen = new Map<string, Problem>();
  for (const mistake of mistakes) {
    const problem = located(mistake, locate);
    seen.set(sortText(problem), problem);
  }
  return [...seen].sort(([a], [b]) => compareText(a, b)).map(([, problem]) => problem);
}

function located(mistake: Mistake, locate: Locate): Problem {
  const { place, related = [], ...rest } = mistake;
  const origin = locate(place);
  return related.length === 0
    ? { ...rest, origin }
    : { ...rest, origin, related: related.map(locate) };
}

function sortText({ origin, rule, message }: Problem): string {
  return `${origin === undefined ? '' : originSortText(origin)}\n${rule}\n${message}`;
}

function originSortText(origin: Origin): string {
  if ('object' in origin) return JSON.stringify(origin);
  const number = (value: number): string => String(value).padStart(9, '0');
  return `${origin.file}\n${number(origin.line)}\n${number(origin.column)}`;
}

/** The barrier that a mistake puts up. */
export function barrierOf(reason: Barrier['reason'], mistake: Mistake): Barrier {
  const { message, nextStep, place, related = [] } = mistake;
  return { reason, message, nextStep, places: [place, ...related] };
}
