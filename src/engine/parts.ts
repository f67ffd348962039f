import type { Change, ChangeId, DecidedChange, Decision, FieldChange } from '../core/model/plan.ts';
import type { Written } from '../core/model/write.ts';
import type { ReconcileError } from '../core/words/errors.ts';
import type { Outcome } from '../ports/index.ts';

/** What of a change is written in one step; a change has more than one part only where the global change stands between. */
export interface Part {
  readonly change: Change;
  readonly fields: readonly FieldChange[];
  readonly mark: boolean;
  readonly step: 1 | 2 | 3;
}

export type PartResult =
  | { readonly kind: 'applied'; readonly written: Written; readonly left: readonly ChangeId[] }
  | { readonly kind: 'failed'; readonly error: ReconcileError }
  | { readonly kind: 'skipped'; readonly why: string };

/**
 * The decision cut into writes.
 *
 * Step 1: fields of existing releases that gain or change a value, and mark-only writes. 2: the global change.
 * 3: creates, and fields that return to inheriting. One call writes a release's fields of both steps unless the global
 * change of one of them stands between.
 *
 * @see semantics, section 3, "Order within a program"
 */
export function partsOf(decision: Decision): readonly Part[] {
  const global = decision.apply.filter(({ change }) => change.scope === 'global');
  const changing = new Set(global.flatMap(({ apply }) => apply.map(({ path }) => path)));
  return decision.apply.flatMap((decided) => partsOfChange(decided, changing));
}

function partsOfChange(
  { change, apply, mark }: DecidedChange,
  changing: ReadonlySet<FieldChange['path']>,
): readonly Part[] {
  const part = (fields: readonly FieldChange[], step: Part['step']): Part => ({
    change,
    fields,
    mark,
    step,
  });
  if (change.scope === 'global') return [part(apply, 2)];
  if (change.action === 'create') return [part(apply, 3)];
  const late = apply.filter(({ step }) => step === 3);
  if (late.length > 0 && late.length === apply.length) return [part(apply, 3)];
  if (!late.some(({ path }) => changing.has(path))) return [part(apply, 1)];
  return [
    part(
      apply.filter(({ step }) => step !== 3),
      1,
    ),
    part(late, 3),
  ];
}

/** One outcome per decided change, from the results of its parts in their order. */
export function outcomeOf(
  change: Change,
  parts: readonly { readonly part: Part; readonly result: PartResult }[],
): Outcome {
  const results = parts.map(({ result }) => result);
  const failed = results.find((result) => result.kind === 'failed');
  if (failed) return { result: 'failed', change, error: failed.error };
  const written = results.filter((result) => result.kind === 'applied').at(-1);
  const skipped = results.find((result) => result.kind === 'skipped');
  if (!written)
    return { result: 'skipped', change, why: skipped?.why ?? 'nothing was left to write' };
  const left = parts.flatMap(({ part, result }) => leftOf(part, result));
  return { result: 'applied', change, written: written.written, left };
}

function leftOf(part: Part, result: PartResult): readonly ChangeId[] {
  if (result.kind === 'applied') return result.left;
  return part.fields.map(({ changeId }) => changeId);
}
