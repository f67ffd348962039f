import { ReconcileError } from '../../core/words/errors.ts';

/** One answer of a list. */
export interface RawPage<T> {
  readonly items: readonly T[];
  readonly nextPageToken?: string | undefined;
  readonly cursor?: string | undefined;
}

/** What no honest list reaches; past it a list is a loop with ever new tokens. */
export interface PageCaps {
  readonly maxPages: number;
  readonly maxItems: number;
  /** Pages without an item in a row. */
  readonly maxEmpty: number;
}

const defaultPageCaps: PageCaps = { maxPages: 10_000, maxItems: 2_000_000, maxEmpty: 100 };

/**
 * Follows page tokens to the end. A page may be smaller than asked for.
 *
 * @throws ReconcileError `ResponseUntrusted` for a token seen before in this list, or past a cap
 */
export async function* followPages<T>(
  operation: string,
  ask: (pageToken: string | undefined) => Promise<RawPage<T>>,
  caps: PageCaps = defaultPageCaps,
): AsyncGenerator<RawPage<T>, void, undefined> {
  const seen = new Set<string>();
  let token: string | undefined;
  let items = 0;
  let empty = 0;
  for (let pages = 1; ; pages += 1) {
    const page = await ask(token);
    items += page.items.length;
    empty = page.items.length === 0 ? empty + 1 : 0;
    yield page;
    token = page.nextPageToken;
    if (token === undefined) return;
    if (seen.has(token)) throw endless(operation, 'a page token came twice');
    if (pages >= caps.maxPages || items >= caps.maxItems || empty >= caps.maxEmpty)
      throw endless(operation, `no end after ${String(pages)} pages and ${String(items)} items`);
    seen.add(token);
  }
}

/** Groups of at most `size`; the whole absence of a filter is one group without it. */
export function groupsOf(
  ids: readonly string[] | undefined,
  size: number,
): readonly (readonly string[] | undefined)[] {
  if (ids === undefined) return [undefined];
  const unique = [...new Set(ids)];
  return Array.from({ length: Math.ceil(unique.length / size) }, (_, index) =>
    unique.slice(index * size, (index + 1) * size),
  );
}

function endless(operation: string, why: string): ReconcileError {
  return new ReconcileError('ResponseUntrusted', `${operation}: ${why}`, {
    nextStep: 'compare the paging of the platform or the adapter with docs/platform-api.md',
  });
}
