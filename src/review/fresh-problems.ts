import type { LineOf } from '../core/render/problems.ts';
import type { Problem } from '../core/words/problems.ts';

/** Problems of one side, with the lines they point at. */
export interface ProblemSide {
  readonly problems: readonly Problem[];
  readonly lineOf: LineOf;
}

export interface FreshProblems {
  /** The pull request's: not there on the base, or in the way of judging what it changes. */
  readonly fresh: readonly Problem[];
  /** There on both sides, and none of the pull request's. */
  readonly older: readonly Problem[];
}

/**
 * Parts the problems after a merge by whether the base has them too: the same rule and words about a line of the same
 * text, wherever it stands now. Of several alike as many count as old as the base has.
 *
 * @param isInTheWay  of a problem that the base has too: it leaves open what the pull request does
 */
export function freshProblems(
  before: ProblemSide,
  after: ProblemSide,
  isInTheWay: (problem: Problem) => boolean,
): FreshProblems {
  const left = new Map<string, number>();
  for (const problem of before.problems) {
    const id = idOf(problem, before.lineOf);
    left.set(id, (left.get(id) ?? 0) + 1);
  }
  const fresh: Problem[] = [];
  const older: Problem[] = [];
  for (const problem of after.problems) {
    const id = idOf(problem, after.lineOf);
    const count = left.get(id) ?? 0;
    left.set(id, count - 1);
    (count > 0 && !isInTheWay(problem) ? older : fresh).push(problem);
  }
  return { fresh, older };
}

function idOf({ rule, severity, message, origin }: Problem, lineOf: LineOf): string {
  const line = origin && 'file' in origin ? lineOf(origin.file, origin.line)?.trim() : undefined;
  // A message may name other lines, which move.
  return JSON.stringify([rule, severity, message.replaceAll(/:\d+/g, ':'), line ?? '']);
}
