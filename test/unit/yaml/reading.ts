import type { AnyDocument, InvalidDocument } from '../../../src/core/model/documents.ts';
import type { Problem } from '../../../src/core/words/problems.ts';
import { parseFile } from '../../../src/core/yaml/parse.ts';

interface Read {
  readonly documents: readonly AnyDocument[];
  readonly invalid: readonly InvalidDocument[];
  readonly problems: readonly Problem[];
  /** `line:column rule` of each problem, in order. */
  readonly told: readonly string[];
}

/** A file named `shop.yaml` of the source `cli`. */
export function read(
  content: string | Uint8Array,
  accepts: 'declarations' | 'settings' = 'declarations',
): Read {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const parsed = parseFile({ source: 'cli', file: 'shop.yaml', bytes }, accepts);
  return { ...parsed, told: parsed.problems.map(tell) };
}

export function tell({ origin, rule }: Problem): string {
  const place = origin && 'file' in origin ? `${origin.line}:${origin.column}` : '-';
  return `${place} ${rule}`;
}

/** A document of a kind with the given lines below `spec:`; the first of them is line 5. */
export function declared(kind: string, spec: string): string {
  return `apiVersion: fairlead.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: coffee }\nspec:\n${spec}\n`;
}
