import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { answerOf, type HistoryQuery } from '../core/history/query.ts';
import type { HistoryEntry, KnownProgram } from '../core/model/history.ts';
import { programId, programOf, type ProgramId } from '../core/words/keys.ts';
import type { EpochMs } from '../core/words/time.ts';
import { keyOf } from './keys.ts';
import { schemaVersion, versionOf } from './schema.ts';

export interface HistoryWanted extends HistoryQuery {
  readonly since?: EpochMs;
  /** Of entries. */
  readonly limit: number;
}

export interface Told {
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
  /** There are older ones that answer the query, too. */
  readonly hasMore: boolean;
}

/** A ledger's history, open for reading alone: its controller goes on writing. */
export interface OpenHistory {
  programs(): readonly KnownProgram[];
  entries(wanted: HistoryWanted): Told;
  close(): void;
}

/** Another version of Fairlead wrote the file. */
export class ForeignHistory extends Error {
  override readonly name = 'ForeignHistory';
  readonly isNewer: boolean;

  constructor(version: number) {
    super(`the ledger is of version ${String(version)}, not ${String(schemaVersion)}`);
    this.isNewer = version > schemaVersion;
  }
}

const busyMs = 5_000;

/**
 * @returns undefined where there is no ledger yet
 * @throws ForeignHistory; what SQLite throws
 */
export function openHistory(file: string): OpenHistory | undefined {
  if (!existsSync(file)) return undefined;
  const database = openReadable(file);
  try {
    const version = versionOf(database);
    if (version === 0) {
      database.close();
      return undefined;
    }
    if (version !== schemaVersion) throw new ForeignHistory(version);
    return reading(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** In a folder that this user may only read, SQLite cannot share the file with a writer; where there is none, it need not. */
function openReadable(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true, timeout: busyMs });
  try {
    versionOf(database);
    return database;
  } catch (error) {
    database.close();
    if (existsSync(`${file}-wal`)) throw error;
    return new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { readOnly: true });
  }
}

function reading(database: DatabaseSync): OpenHistory {
  return {
    programs() {
      const rows = database.prepare('SELECT program, names FROM programs').all();
      const known = rows.flatMap(({ program, names }) => {
        const key = keyOf(String(program));
        return key ? [{ key: programOf(key), names: namesOf(String(names)) }] : [];
      });
      const ids = new Set(known.map(({ key }) => programId(key)));
      // Of entries from before there was a list of programs.
      const older = database
        .prepare('SELECT DISTINCT program FROM history WHERE program IS NOT NULL')
        .all()
        .flatMap(({ program }) => keyOf(String(program)) ?? [])
        .filter((key) => !ids.has(programId(key)))
        .map((key) => ({ key: programOf(key), names: [] }));
      return [...known, ...older];
    },
    entries(wanted) {
      const found: HistoryEntry[] = [];
      for (const row of rowsOf(database, wanted)) {
        const entry = entryOf(row);
        const answer = entry && answerOf(entry, wanted);
        if (!answer) continue;
        if (found.length === wanted.limit) return { entries: found, hasMore: true };
        found.push(answer);
      }
      return { entries: found, hasMore: false };
    },
    close: () => database.close(),
  };
}

function rowsOf(database: DatabaseSync, { programs, since }: HistoryWanted) {
  const ids: readonly ProgramId[] = [...(programs ?? [])];
  const marks = ids.map(() => '?').join(', ');
  const whom = programs ? `AND (program IN (${marks}) OR program IS NULL)` : '';
  return database
    .prepare(
      `SELECT at, kind, program, key, body FROM history WHERE at >= ? ${whom} ORDER BY seq DESC`,
    )
    .iterate(since ?? Number.MIN_SAFE_INTEGER, ...ids);
}

/** Only what this program wrote is in the file; a row that is no entry all the same is left out. */
function entryOf(row: Readonly<Record<string, unknown>>): HistoryEntry | undefined {
  const { at, kind, program, key, body } = row;
  try {
    const whom = typeof program === 'string' ? keyOf(program) : undefined;
    const what = typeof key === 'string' ? keyOf(key) : undefined;
    return {
      ...(JSON.parse(String(body)) as object),
      ...{ at, kind },
      ...(whom ? { program: whom } : {}),
      ...(what ? { key: what } : {}),
    } as HistoryEntry;
  } catch {
    return undefined;
  }
}

function namesOf(text: string): readonly string[] {
  const names: unknown = JSON.parse(text);
  return Array.isArray(names) ? names.map(String) : [];
}
