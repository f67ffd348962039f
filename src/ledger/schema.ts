import type { DatabaseSync } from 'node:sqlite';

/** Version of the tables below, in `PRAGMA user_version`. */
export const schemaVersion = 2;

/*
 * bases     mark text by record, for platforms that store no marks
 * programs  what people call a program; when all its kept records were last seen; whether all its records were ever
 *           read at once; what was last left undone
 * records   the last seen state of each record: since when, and last seen by itself
 * history   one row per entry; `body` is its JSON without the columns
 */
const tables = `
  CREATE TABLE IF NOT EXISTS bases (
    program TEXT NOT NULL,
    key TEXT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (program, key)
  ) WITHOUT ROWID;
  CREATE TABLE programs (
    program TEXT PRIMARY KEY,
    names TEXT NOT NULL DEFAULT '[]',
    seen_at INTEGER,
    whole INTEGER NOT NULL DEFAULT 0,
    held TEXT NOT NULL DEFAULT '[]'
  ) WITHOUT ROWID;
  CREATE TABLE records (
    program TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (program, key)
  ) WITHOUT ROWID;
  CREATE TABLE history (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    program TEXT,
    key TEXT,
    body TEXT NOT NULL
  );
  CREATE INDEX history_by_program ON history (program, seq);
  CREATE INDEX history_of_orders ON history (at) WHERE kind = 'order';
  CREATE INDEX history_of_commits ON history (seq) WHERE kind = 'commit';
`;

/** Version 1 knew attempts only, and of them no fields. */
const fromVersion1 = `
  DROP INDEX IF EXISTS history_by_program;
  ALTER TABLE history RENAME TO history_1;
  ${tables}
  INSERT INTO history (seq, at, kind, program, key, body)
    SELECT seq, at, 'attempt', program, key, json_patch('{}', json_object(
      'action', 'update', 'changeId', change_id, 'requestId', request_id, 'result', result, 'code', code,
      'source', '', 'fields', json('[]'),
      'explained', json_patch('{}', json_object('commit',
        CASE WHEN commit_id IS NULL THEN NULL ELSE json_object('id', commit_id) END))
    )) FROM history_1;
  DROP TABLE history_1;
`;

/** What stays of the write-ahead log after a burst. */
const journalBytes = 16 * 1024 ** 2;

/** A file that a newer Fairlead wrote: it is neither used nor touched. */
class NewerLedger extends Error {
  override readonly name = 'NewerLedger';
}

/**
 * Makes or brings up to date the tables of a file that is open for writing. Nothing that was kept is lost.
 *
 * @throws NewerLedger; what SQLite throws
 */
export function prepareTables(database: DatabaseSync): void {
  const found = versionOf(database);
  if (found > schemaVersion) throw new NewerLedger('a newer Fairlead wrote the ledger');
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    PRAGMA journal_size_limit = ${String(journalBytes)};`);
  if (found === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Asked again inside: another process may have done it meanwhile.
    const version = versionOf(database);
    if (version === 0) database.exec(tables);
    if (version === 1) database.exec(fromVersion1);
    database.exec(`PRAGMA user_version = ${String(schemaVersion)}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** 0 for a file that holds nothing yet. */
export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}
