import { DatabaseSync } from 'node:sqlite';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { isReleaseKey, programId, releaseId } from '../core/words/keys.ts';
import type { Ledger, LedgerEntry } from '../ports/index.ts';

export interface LedgerOptions {
  /** Database file below the state directory; its folder is made. */
  readonly file: string;
  /** Told once when the ledger cannot be kept. A sentence, no secret. */
  readonly onTrouble: (message: string) => void;
}

export interface OpenLedger extends Ledger {
  close(): void;
}

/** Milliseconds that another process of this state directory may hold the lock. */
const busyMs = 2_000;
const schemaVersion = 1;

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS bases (
    program TEXT NOT NULL,
    key TEXT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (program, key)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS history (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    program TEXT NOT NULL,
    key TEXT NOT NULL,
    change_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    result TEXT NOT NULL,
    code TEXT,
    commit_id TEXT
  );
  CREATE INDEX IF NOT EXISTS history_by_program ON history (program, seq);
  PRAGMA user_version = ${schemaVersion};
`;

/**
 * Bases and history in one SQLite file.
 *
 * Never truth and never worth stopping for: when the file cannot be opened, read or written, `bases` gives nothing,
 * `append` keeps nothing, and `onTrouble` hears of it once.
 */
export function openLedger(options: LedgerOptions): OpenLedger {
  const trouble = once(options.onTrouble);
  const store = attempt(() => openStore(options.file), trouble);
  return {
    async bases(program) {
      return (store && attempt(() => store.bases(programId(program)), trouble)) ?? {};
    },
    async append(entry) {
      if (store) attempt(() => store.append(entry), trouble);
    },
    async seen() {
      // Kept from the day the tables for it are there.
    },
    async keep(program, bases) {
      if (store) attempt(() => store.keep(programId(program), bases), trouble);
    },
    close() {
      if (store) attempt(() => store.close(), trouble);
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

interface Store {
  bases(program: string): Readonly<Record<string, string>>;
  append(entry: LedgerEntry): void;
  keep(program: string, bases: Readonly<Record<string, string>>): void;
  close(): void;
}

function openStore(file: string): Store {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file, { timeout: busyMs });
  database.exec(schema);
  const select = database.prepare('SELECT key, mark FROM bases WHERE program = ?');
  const history = database.prepare(
    'INSERT INTO history (at, program, key, change_id, request_id, result, code, commit_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const base = database.prepare(
    'INSERT INTO bases (program, key, mark) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark',
  );
  return {
    bases: (program) =>
      Object.fromEntries(select.all(program).map(({ key, mark }) => [String(key), String(mark)])),
    append(entry) {
      if (entry.kind !== 'attempt') return;
      const program = programId(entry.program);
      const key = isReleaseKey(entry.key) ? releaseId(entry.key) : program;
      const { at, changeId, requestId, result, code, mark } = entry;
      const commit = entry.explained.commit?.id;
      // History never tells of a write whose base was lost, nor the other way round.
      together(database, () => {
        history.run(at, program, key, changeId, requestId, result, code ?? null, commit ?? null);
        if (result === 'applied' && mark !== undefined) base.run(program, key, mark);
      });
    },
    keep(program, bases) {
      together(database, () => {
        for (const [key, mark] of Object.entries(bases)) base.run(program, key, mark);
      });
    },
    close: () => database.close(),
  };
}

/** One transaction. */
function together(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function attempt<T>(work: () => T, trouble: (error: unknown) => void): T | undefined {
  try {
    return work();
  } catch (error) {
    trouble(error);
    return undefined;
  }
}

function once(tell: (message: string) => void): (error: unknown) => void {
  let told = false;
  return (error) => {
    if (told) return;
    told = true;
    const what = error instanceof Error ? error.message : 'unknown error';
    tell(`the ledger cannot be kept (${what}); going on without history`);
  };
}
