import type { LineOf } from '../core/render/problems.ts';
import type { Origin } from '../core/words/places.ts';
import type { Problem } from '../core/words/problems.ts';

/** The lines of a file as the branch has it; undefined where the branch has no such file. */
export type HeadLines = (file: string) => readonly string[] | undefined;

/**
 * A line of what merging leaves, as the line of the pull request's own file: the nearest of the same text. Forges show a
 * pull request's files as its branch has them, and the base may have moved their lines meanwhile.
 *
 * A line that the branch does not have stays where the merge has it.
 */
export function toHeadLine(origin: Origin, lineOf: LineOf, headLines: HeadLines): Origin {
  if (!('file' in origin)) return origin;
  const text = lineOf(origin.file, origin.line);
  const lines = headLines(origin.file);
  if (text === undefined || !lines || lines[origin.line - 1] === text) return origin;
  const same = lines.flatMap((line, i) => (line === text ? [i + 1] : []));
  const nearest = same.toSorted(
    (a, b) => Math.abs(a - origin.line) - Math.abs(b - origin.line) || a - b,
  )[0];
  return nearest === undefined ? origin : { ...origin, line: nearest };
}

/** The same for everything a problem points at. */
export function problemAtHead(problem: Problem, at: (origin: Origin) => Origin): Problem {
  const { origin, related } = problem;
  return {
    ...problem,
    ...(origin ? { origin: at(origin) } : {}),
    ...(related ? { related: related.map(at) } : {}),
  };
}
