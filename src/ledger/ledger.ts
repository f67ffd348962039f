import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { programId } from '../core/words/keys.ts';
import type { Ledger } from '../ports/index.ts';
import { makeFolder } from './folder.ts';
import { createKeeper } from './keeper.ts';
import { recordId } from './keys.ts';
import { defaultRetention, limitSize, type Retention } from './retention.ts';
import { prepareTables } from './schema.ts';
import { openStore, type Store, type Work } from './store.ts';

export interface LedgerOptions {
  /** Database file below the state directory; its folder is made. */
  readonly file: string;
  /** Told once when the ledger cannot be kept, and when a damaged one was set aside. A sentence, no secret. */
  readonly onTrouble: (message: string) => void;
  /** Told when it can be kept again. `lost`: entries that were too many to wait. */
  readonly onRecovered?: (lost: number) => void;
  /** Milliseconds on a clock that never jumps: when to try again. */
  readonly now?: () => number;
  readonly retention?: Retention;
}

export interface OpenLedger extends Ledger {
  /** Why history is not kept right now. */
  readonly trouble: string | undefined;
  close(): void;
}

/** SQLite's name for no file at all. */
const inMemory = ':memory:';
/** Milliseconds that another process of this state directory may hold the lock. */
const busyMs = 1_000;
/** What cannot be written down waits, up to so many entries; then the oldest go. */
const waitingAtMost = 1_000;

/**
 * Bases, last seen states and history in one SQLite file.
 *
 * Never truth and never worth stopping for: while the file cannot be opened, read or written, `onTrouble` heard of it
 * once, entries wait in memory, and it is tried again now and then. A damaged file is set aside and a new one started.
 * Nothing here throws.
 */
export function openLedger(options: LedgerOptions): OpenLedger {
  const { file, onTrouble, onRecovered = () => undefined, retention = defaultRetention } = options;
  const now = options.now ?? (() => performance.now());
  const open = (): Store => openFile(file, retention);
  let waiting: readonly Work[] = [];
  let lost = 0;
  const keeper = createKeeper({
    ...{ open, file, now, onTrouble },
    onRecovered() {
      onRecovered(lost);
      lost = 0;
    },
  });

  function write(work: Work): void {
    const works = [...waiting, work];
    const isWritten = keeper.attempt((store) => {
      store.write(works);
      return true;
    });
    const kept = isWritten ? [] : works.filter(isKept);
    waiting = kept.slice(-waitingAtMost);
    lost += kept.length - waiting.length;
  }

  // What can be told at once is: that it cannot be kept.
  keeper.attempt(() => true);
  return {
    async bases(program) {
      const id = programId(program);
      const kept = keeper.attempt((store) => store.bases(id)) ?? {};
      return { ...kept, ...marksOf(waiting, id) };
    },
    append: async (entry) => write({ kind: 'append', entry }),
    keep: async (program, bases) => write({ kind: 'keep', program: programId(program), bases }),
    seen: async (observation) => write({ kind: 'seen', observation }),
    get trouble() {
      return keeper.trouble;
    },
    close() {
      if (waiting.length > 0) keeper.insist((store) => store.write(waiting));
      waiting = [];
      keeper.close();
    },
  };
}

/** A ledger that keeps nothing, where no state directory is given. */
export function noLedger(): Ledger {
  return {
    bases: async () => ({}),
    append: async () => undefined,
    keep: async () => undefined,
    seen: async () => undefined,
  };
}

function openFile(file: string, retention: Retention): Store {
  makeFolder(dirname(file));
  keepPrivate(file);
  const database = new DatabaseSync(file, { timeout: busyMs });
  try {
    prepareTables(database);
    limitSize(database, retention);
    return openStore(database, retention);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** History names testers and people: only the owner may read it. What SQLite puts beside the file has the file's mode. */
function keepPrivate(file: string): void {
  if (file !== inMemory) closeSync(openSync(file, 'a', 0o600));
}

/** What the next observation shows again need not wait; what we wrote ourselves must, or it would look like somebody else's. */
function isKept(work: Work): boolean {
  return work.kind !== 'seen' || work.observation.own;
}

/** Marks that wait to be written down. */
function marksOf(works: readonly Work[], program: string): Readonly<Record<string, string>> {
  const marks: Record<string, string> = {};
  for (const work of works) {
    if (work.kind === 'keep' && work.program === program) Object.assign(marks, work.bases);
    if (work.kind !== 'append' || work.entry.kind !== 'attempt') continue;
    const { program: key, mark, result } = work.entry;
    if (programId(key) === program && result === 'applied' && mark !== undefined)
      marks[recordId(work.entry.key)] = mark;
  }
  return marks;
}
