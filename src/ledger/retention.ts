import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../core/words/time.ts';

/** How much history is kept. */
export interface Retention {
  readonly maxAgeMs: number;
  /** Of the file, without what is free in it. */
  readonly maxBytes: number;
}

const dayMs = 86_400_000;

/** A year and a month, so that the same weeks of two years can be compared. */
export const defaultRetention: Retention = { maxAgeMs: 400 * dayMs, maxBytes: 1024 ** 3 };

/** Looked at every so many entries, and then so many rows go at most: no entry ever waits long. */
const everyEntries = 64;
const rowsAtMost = 512;

/** Keeps a burst of entries, for which pruning is too slow, from filling the disk. */
export function limitSize(database: DatabaseSync, { maxBytes }: Retention): void {
  const pageSize = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  database.exec(`PRAGMA max_page_count = ${String(Math.ceil((maxBytes * 1.5) / pageSize))}`);
}

/** Removes history that is too old or too much, a little with some of the entries that come in. */
export function createPruning(
  database: DatabaseSync,
  { maxAgeMs, maxBytes }: Retention,
): (now: EpochMs) => void {
  const oldest = `SELECT seq FROM history ORDER BY seq LIMIT ${String(rowsAtMost)}`;
  const byAge = database.prepare(`DELETE FROM history WHERE seq IN (${oldest}) AND at < ?`);
  const bySize = database.prepare(`DELETE FROM history WHERE seq IN (${oldest})`);
  const size = database.prepare(
    'SELECT (page_count - freelist_count) * page_size AS bytes FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
  );
  let entries = 0;
  return (now) => {
    entries += 1;
    if (entries % everyEntries !== 1) return;
    byAge.run(now - maxAgeMs);
    if (Number(size.get()?.['bytes'] ?? 0) > maxBytes) bySize.run();
  };
}
