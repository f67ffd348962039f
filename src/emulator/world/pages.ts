import { createHash } from 'node:crypto';

import type { EpochMs } from '../../core/words/time.ts';
import type { World } from './state.ts';

/** What a page token or a cursor stands for. */
interface Token {
  readonly kind: 'page' | 'cursor';
  /** Digest of the list it belongs to. */
  readonly list: string;
  readonly at: number;
  /** The counter when the list began: what changed later belongs to the next increment. */
  readonly since: number;
  /** Where the next page starts: a position, or for `recentlyChanged` an offset. */
  readonly from: number;
}

export interface PageRequest {
  readonly pageSize?: number;
  readonly pageToken?: string;
}

export interface Opened {
  readonly from: number;
  readonly since: number;
  readonly size: number;
}

export type Problem = 'illegal' | 'expired';

/**
 * Where a page of this list starts and how long it is.
 *
 * @param list  operation and filters, so that a token of another list is refused
 */
export function openPage(
  world: World,
  list: object,
  request: PageRequest,
  now: EpochMs,
): Opened | Problem {
  const size = pageSizeOf(world, request.pageSize);
  if (request.pageToken === undefined) return { from: 0, since: world.counter, size };
  const token = readToken(request.pageToken);
  if (token?.kind !== 'page' || token.list !== digest(list)) return 'illegal';
  if (now - token.at > world.switches.pageTokenSeconds * 1000) return 'expired';
  return { from: token.from, since: token.since, size };
}

function pageSizeOf({ switches }: World, asked = switches.maxPageSize): number {
  const size = Math.min(asked, switches.maxPageSize);
  return switches.cappedPageSize > 0 ? Math.min(size, switches.cappedPageSize) : size;
}

/** The counter from which an increment lists, or what is wrong with its cursor. */
export function openCursor(
  world: World,
  list: object,
  cursor: string,
  now: EpochMs,
): number | Problem {
  const token = readToken(cursor);
  if (token?.kind !== 'cursor' || token.list !== digest(list)) return 'illegal';
  const isExpired = now - token.at > world.switches.cursorSeconds * 1000;
  return isExpired || token.since > world.counter ? 'expired' : token.since;
}

/** One page of things that never move: a slice, and the token of the next. */
export function slice<T>(
  items: readonly T[],
  { from, since, size }: Opened,
  token: (from: number, since: number) => string,
): { readonly page: readonly T[]; readonly nextPageToken?: string } {
  const page = items.slice(from, from + size);
  const next = from + page.length;
  return next < items.length ? { page, nextPageToken: token(next, since) } : { page };
}

export function pageToken(list: object, now: EpochMs): (from: number, since: number) => string {
  return (from, since) => writeToken({ kind: 'page', list: digest(list), at: now, since, from });
}

export function cursorToken(list: object, since: number, now: EpochMs): string {
  return writeToken({ kind: 'cursor', list: digest(list), at: now, since, from: 0 });
}

function digest(list: object): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 11);
}

function writeToken(token: Token): string {
  const { kind, list, at, since, from } = token;
  return Buffer.from(JSON.stringify([kind, list, at, since, from])).toString('base64url');
}

function readToken(text: string): Token | undefined {
  const parts = parse(Buffer.from(text, 'base64url').toString('utf8'));
  if (!Array.isArray(parts) || parts.length !== 5) return undefined;
  const [kind, list, at, since, from] = parts as readonly unknown[];
  if (kind !== 'page' && kind !== 'cursor') return undefined;
  if (typeof list !== 'string' || typeof at !== 'number') return undefined;
  if (typeof since !== 'number' || typeof from !== 'number') return undefined;
  return { kind, list, at, since, from };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
