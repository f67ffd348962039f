import type { Problem } from '../core/words/problems.ts';

/**
 * Problems of a change that brings other lint settings: what is an error by those of the base stays one, since a pull
 * request does not judge itself. What the new settings make stricter counts as well.
 */
export function strictProblems(
  byHead: readonly Problem[],
  byBase: readonly Problem[],
): readonly Problem[] {
  const errors = byBase.filter(({ severity }) => severity === 'error');
  const known = new Set(errors.map(idOf));
  return [...byHead.filter((problem) => !known.has(idOf(problem))), ...errors];
}

/** Whatever its severity. */
function idOf({ rule, message, origin }: Problem): string {
  return JSON.stringify([rule, message, origin ?? null]);
}
