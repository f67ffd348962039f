import { ruleOf } from '../core/lint/rules.ts';
import type { Barrier, DesiredProgram } from '../core/model/desired.ts';
import type { Locate, Place } from '../core/words/places.ts';
import type { Problem } from '../core/words/problems.ts';

/** What is declared after the merge. */
export interface DeclaredAfter {
  readonly programs: readonly DesiredProgram[];
  readonly locate: Locate;
}

/**
 * Tells errors that leave it open what a change does, though the base has them too: those in a file that the change
 * touches, and those elsewhere that take out something which such a file declares.
 *
 * What an invalid declaration says is resolved on neither side, so that a change of it shows nowhere: without this it
 * would pass for "nothing changes". Whole files count, since of a file that cannot be read nothing smaller is known.
 *
 * @param touched  paths of files that differ between the base and the merge
 */
export function touchedErrors(
  touched: ReadonlySet<string>,
  after: DeclaredAfter,
): (problem: Problem) => boolean {
  const files = new Set([...touched, ...barringFiles(touched, after)]);
  return ({ severity, rule, origin, related = [] }) =>
    severity === 'error' &&
    !isAdvice(rule) &&
    [origin, ...related].some((at) => at !== undefined && 'file' in at && files.has(at.file));
}

/** Made an error by the repository: it hinders nothing from being resolved. */
function isAdvice(rule: string): boolean {
  const known = ruleOf(rule);
  return known !== undefined && known.severity !== 'error';
}

interface Claim {
  readonly claims: readonly Place[];
  readonly barrier?: Barrier;
  readonly rivals?: readonly Claim[];
}

/** Where that stands which forbids a release or a global configuration that a touched file claims. */
function barringFiles(
  touched: ReadonlySet<string>,
  { programs, locate }: DeclaredAfter,
): readonly string[] {
  const fileOf = (place: Place): readonly string[] => {
    const origin = locate(place);
    return 'file' in origin ? [origin.file] : [];
  };
  return programs
    .flatMap(({ releases, global }): readonly Claim[] =>
      global ? [...releases, global] : releases,
    )
    .flatMap((claim) => [claim, ...(claim.rivals ?? [])])
    .flatMap(({ barrier, claims }) =>
      barrier && claims.flatMap(fileOf).some((file) => touched.has(file))
        ? barrier.places.flatMap(fileOf)
        : [],
    );
}
