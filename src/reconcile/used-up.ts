import type { ChangeId, Decision } from '../core/model/plan.ts';
import type { Outcome } from '../ports/index.ts';

/** An approval is used up by the first write it released. @returns the ids of those */
export function usedUp(
  { released, apply }: Decision,
  outcomes: readonly Outcome[],
): readonly ChangeId[] {
  if (released.length === 0) return [];
  const written = new Set(
    outcomes.filter(({ result }) => result === 'applied').map(({ change }) => change),
  );
  const ids = new Set(
    apply
      .filter(({ change }) => written.has(change))
      .flatMap(({ change, apply: fields }) => [
        change.changeId,
        ...fields.map(({ changeId }) => changeId),
        ...change.fields.filter(({ path }) => path === 'mark').map(({ changeId }) => changeId),
      ]),
  );
  return released.filter((id) => ids.has(id));
}
