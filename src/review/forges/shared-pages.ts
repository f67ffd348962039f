import { unreadable } from './shared-failures.ts';
import type { Ask, ForgeAnswer, ForgeCall } from './shared-wire.ts';

/** More pages than any list of ours has; a forge that leads us in a circle ends here. */
export const mostPages = 200;

/**
 * Every page of a list, as answers. The next one is where the `Link` header says, if that lies within the API: a
 * credential goes nowhere else.
 *
 * @param api  address of the API, without a slash at the end
 * @param at   `own`: of the header only the page's number counts, for a forge that may write another address than the
 *   one it is asked at
 * @see RFC 8288
 */
export async function* pagesOf(
  ask: Ask,
  call: ForgeCall,
  { api, signal, at }: { readonly api: string; readonly signal: AbortSignal; readonly at?: 'own' },
): AsyncGenerator<ForgeAnswer, void> {
  let url: string | undefined = call.url;
  for (let count = 0; url !== undefined; count++) {
    if (count === mostPages) throw unreadable(call);
    const answer: ForgeAnswer = await ask({ ...call, url }, signal);
    yield answer;
    const next = nextOf(answer, url);
    url = next !== undefined && at === 'own' ? withPageOf(next, url) : next;
    if (url !== undefined && !isBelow(url, api)) throw unreadable(call);
  }
}

/** A list in whole: what `itemsOf` reads of each page. */
export async function listOf<T>(
  pages: AsyncIterable<ForgeAnswer>,
  itemsOf: (page: ForgeAnswer) => readonly T[],
): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...itemsOf(page));
  return items;
}

function nextOf({ headers }: ForgeAnswer, url: string): string | undefined {
  // GitLab says the number too. It is believed first: behind a proxy the addresses in Link often have another scheme.
  const number = headers['x-next-page'];
  if (number !== undefined && /^\d{1,9}$/.test(number)) {
    const next = new URL(url);
    next.searchParams.set('page', number);
    return next.href;
  }
  const link = headers['link'];
  return link === undefined ? undefined : /<([^<>]{1,4096})>\s*;\s*rel="?next"?/.exec(link)?.[1];
}

/** Without a number the address stays as it is: of another origin it is refused. */
function withPageOf(next: string, url: string): string {
  const page = URL.parse(next, url)?.searchParams.get('page') ?? '';
  if (!/^\d{1,9}$/.test(page)) return next;
  const own = new URL(url);
  own.searchParams.set('page', page);
  return own.href;
}

function isBelow(url: string, api: string): boolean {
  const [to, from] = [URL.parse(url), new URL(`${api}/`)];
  return to !== null && to.origin === from.origin && to.pathname.startsWith(from.pathname);
}
