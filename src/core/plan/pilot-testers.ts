import { listOf, type DesiredValue, type ObservedValue } from '../words/fields.ts';
import type { Difference } from './differences.ts';

/** What may be written to the testers of a release in `PilotTesting`. */
export interface PilotTesters {
  /** The list to write; null where the observed one already holds everything declared. `inherit`: nobody declares any. */
  readonly write: { readonly items: readonly string[] } | 'inherit' | null;
  /** Observed and not declared: they are never removed while people test. */
  readonly surplus: number;
}

/**
 * The declared list if nobody else has touched it since (observed = base), else the union of both.
 *
 * @see docs: Writable
 */
export function pilotTesters({ wish, observed, verdict }: Difference): PilotTesters {
  const declared = itemsOf(wish?.value);
  const found = itemsOf(observed);
  const surplus = found.filter((item) => !declared.includes(item)).length;
  if (verdict.cause === 'declaration' || surplus === 0) {
    return { write: wish ? listOf(declared) : 'inherit', surplus: 0 };
  }
  const union = listOf([...declared, ...found]);
  return { write: union.items.length > new Set(found).size ? union : null, surplus };
}

function itemsOf(value: DesiredValue | ObservedValue | undefined): readonly string[] {
  return value?.kind === 'list' ? value.items : [];
}
