import type { ObservedEntry, SeenRecord } from '../core/model/history.ts';
import type { Shown } from '../core/model/plan.ts';
import { pathsOf, type FieldPath } from '../core/words/fields.ts';

/** A record as it is kept: what was seen, without its key. */
export type Kept = Omit<SeenRecord, 'key' | 'written'>;

export type Difference = Pick<ObservedEntry, 'marked' | 'status' | 'fields'>;

/**
 * What a record shows that was not so when it was last seen; undefined for nothing.
 *
 * What cannot be compared (a value that was hidden, a fingerprint under another key) counts as equal: history claims
 * nothing that was not seen.
 */
export function differenceOf(kept: Kept, now: SeenRecord): Difference | undefined {
  const written = new Set(now.written);
  const fields = pathsOf(kept.fields, now.fields)
    .filter((path) => !written.has(path) && !isSame(path, kept, now))
    .map((path) => ({ path, before: shown(kept, path), after: shown(now, path) }));
  const isMoved = kept.status !== now.status;
  if (fields.length === 0 && !isMoved) return undefined;
  const isMarked = now.mark !== undefined && now.mark !== kept.mark;
  return {
    // The mark of our own write says nothing of who wrote the rest.
    marked: isMarked && now.written === undefined,
    ...(isMoved ? { status: { before: kept.status, after: now.status } } : {}),
    fields,
  };
}

const unset: Shown = { state: 'unset' };

function shown({ fields }: Kept, path: FieldPath): Shown {
  return fields[path] ?? unset;
}

function isSame(path: FieldPath, kept: Kept, now: Kept): boolean {
  const [a, b] = [shown(kept, path), shown(now, path)];
  if (a.state === 'unset' || b.state === 'unset') return a.state === b.state;
  if (a.state === 'value' && b.state === 'value') return isEqual(a.value, b.value);
  const [printA, printB] = [printOf(kept, path), printOf(now, path)];
  if (printA === undefined || printB === undefined || kept.keyId !== now.keyId) return true;
  return printA === printB;
}

function printOf({ fields, prints }: Kept, path: FieldPath): string | undefined {
  const one = fields[path];
  return one?.state === 'secret' ? one.fingerprint : prints?.[path];
}

function isEqual(a: string | readonly string[], b: string | readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
