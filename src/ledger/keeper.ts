import { existsSync, lstatSync, renameSync } from 'node:fs';
import { basename } from 'node:path';

/** What a keeper opens, again and again. */
interface Closable {
  close(): void;
}

interface KeeperOptions<T> {
  /** @throws what SQLite and the file system throw */
  readonly open: () => T;
  readonly file: string;
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number;
  readonly onTrouble: (message: string) => void;
  readonly onRecovered: () => void;
}

/** An open file that heals: it is opened again after trouble, and set aside when it is damaged. */
export interface Keeper<T> {
  /** @returns undefined where it could not be done. Never throws. */
  attempt<R>(work: (store: T) => R): R | undefined;
  /** The same, without waiting for the moment at which it is tried again. */
  insist<R>(work: (store: T) => R): R | undefined;
  /** Why the file cannot be used right now. */
  readonly trouble: string | undefined;
  close(): void;
}

/**
 * After trouble it is tried again so often: rarely enough that a locked file, for which SQLite waits, cannot hold up
 * reconciling.
 */
const retryMs = 30_000;

/** SQLite's primary result codes; see sqlite.org/rescode.html. */
const damage: ReadonlySet<number> = new Set([11, 26]);

export function createKeeper<T extends Closable>(options: KeeperOptions<T>): Keeper<T> {
  let store: T | undefined;
  let trouble: string | undefined;
  let retryAt = 0;

  function isResting(): boolean {
    return trouble !== undefined && options.now() < retryAt;
  }

  function drop(): void {
    const dropped = store;
    store = undefined;
    try {
      dropped?.close();
    } catch {
      // It was of no use any more.
    }
  }

  function fail(error: unknown): void {
    drop();
    retryAt = options.now() + retryMs;
    const what = error instanceof Error ? error.message : 'unknown error';
    const message = `the ledger cannot be kept (${what}); going on without history`;
    const isKnown = trouble !== undefined;
    trouble = message;
    if (!isKnown) options.onTrouble(message);
  }

  function done(): void {
    if (trouble === undefined) return;
    trouble = undefined;
    options.onRecovered();
  }

  function once<R>(work: (store: T) => R): R {
    store ??= options.open();
    const result = work(store);
    done();
    return result;
  }

  function insist<R>(work: (store: T) => R): R | undefined {
    try {
      return once(work);
    } catch (error) {
      const aside = isDamage(error) ? heal(() => setAside(options.file, drop)) : undefined;
      if (aside === undefined) return void fail(error);
      options.onTrouble(
        `the ledger was damaged and is now ${basename(aside)}; a new one was started, so earlier history and bases are gone`,
      );
    }
    try {
      return once(work);
    } catch (error) {
      return void fail(error);
    }
  }

  return {
    attempt: (work) => (isResting() ? undefined : insist(work)),
    insist,
    get trouble() {
      return trouble;
    },
    close() {
      drop();
    },
  };
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && damage.has(Number(error.errcode) & 0xff);
}

function heal<R>(work: () => R): R | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Only a file goes: what else stands there (a device, a link) is not ours to move. */
function setAside(file: string, drop: () => void): string | undefined {
  if (!existsSync(file) || !lstatSync(file).isFile()) return undefined;
  drop();
  let number = 1;
  while (existsSync(`${file}.corrupt-${String(number)}`)) number += 1;
  const aside = `${file}.corrupt-${String(number)}`;
  renameSync(file, aside);
  for (const tail of ['-wal', '-shm'])
    if (existsSync(`${file}${tail}`)) renameSync(`${file}${tail}`, `${aside}${tail}`);
  return aside;
}
