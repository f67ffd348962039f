import { ReconcileError } from '../core/words/errors.ts';
import type { Api, ApiAnswer } from './api.ts';
import { failureOf } from './failure.ts';
import { field, list, text } from './raw.ts';
import { collectionPath, type Resource } from './resources.ts';
import { isTooLarge } from './wire.ts';

export interface Listing {
  readonly api: Api;
  readonly resource: Resource;
  /** Absent: all of the cluster. */
  readonly namespace: string | undefined;
  /** Objects of a page. */
  readonly pageSize: number;
  readonly accept?: string;
}

export interface ListedPage {
  readonly items: readonly unknown[];
  /** Of the whole list: the same on every page. */
  readonly version: string;
}

const pageMs = 60_000;
/** With what is made of it, a page takes several times this while it is read. The largest object is 1.5 MiB. */
const pageBytes = 8 * 1024 * 1024;

/**
 * All objects as of one moment, page by page, asked of the storage and not of a server's memory.
 *
 * A page that is too large is asked for again with half as many objects; after it they become more again.
 *
 * @throws ReconcileError `ListExpired` when the moment is no longer known: list again; `ClusterUnavailable`, `ClusterRefused`
 */
export async function* pagesOf(
  listing: Listing,
  signal: AbortSignal,
): AsyncGenerator<ListedPage, void, void> {
  const path = collectionPath(listing.resource, listing.namespace);
  let limit = listing.pageSize;
  let next: string | undefined = '';
  while (next !== undefined) {
    const query = new URLSearchParams({ limit: String(limit) });
    if (next !== '') query.set('continue', next);
    const answer = await askPage(listing, `${path}?${query.toString()}`, signal);
    if (answer === 'TooLarge') {
      if (limit === 1)
        throw new ReconcileError('ClusterUnavailable', 'an object is larger than a page may be');
      limit = Math.ceil(limit / 2);
      continue;
    }
    const page = readPage(answer, listing);
    yield page;
    next = page.next;
    limit = Math.min(listing.pageSize, limit * 2);
  }
}

async function askPage(
  { api, accept }: Listing,
  path: string,
  signal: AbortSignal,
): Promise<ApiAnswer | 'TooLarge'> {
  const request = { method: 'GET', path, timeoutMs: pageMs, maxBytes: pageBytes } as const;
  try {
    return await api.send(accept === undefined ? request : { ...request, accept }, signal);
  } catch (error) {
    if (isTooLarge(error)) return 'TooLarge';
    throw error;
  }
}

function readPage(answer: ApiAnswer, listing: Listing): ListedPage & { next: string | undefined } {
  if (answer.status === 410)
    throw new ReconcileError('ListExpired', 'the API server no longer knows this list');
  if (answer.status !== 200)
    throw failureOf(answer, {
      verb: 'list',
      resource: listing.resource,
      namespace: listing.namespace,
    });
  const metadata = field(answer.body, 'metadata');
  const version = text(field(metadata, 'resourceVersion'));
  const items = field(answer.body, 'items');
  if (version === undefined || version === '' || !Array.isArray(items))
    throw new ReconcileError('ClusterUnavailable', 'the API server answered no list');
  const next = text(field(metadata, 'continue'));
  return { items: list(items), version, next: next === '' ? undefined : next };
}
