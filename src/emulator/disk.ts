import { chmodSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { List, Map as Table } from 'immutable';

import type { CallEntry } from './calls.ts';
import type { Store } from './host.ts';
import { fillReleases } from './world/create.ts';
import type { RuleId } from './world/rules.ts';
import { emptyWorld, type Release, type Touched, type World } from './world/state.ts';
import { defaultSwitches, type Switches } from './world/switches.ts';

/*
 * A data directory: one SQLite database in WAL mode with synchronous=FULL. SQLite gives what a journal of our own would
 * have to: checksummed frames, a torn tail that is ignored, compaction, and a lock that dies with its process.
 */

const fileName = 'world.sqlite';
const format = '1';

/** Another process has the data directory. */
export class DataDirectoryBusy extends Error {
  override readonly name = 'DataDirectoryBusy';
  readonly dataDir: string;

  constructor(dataDir: string) {
    super(`another process uses ${dataDir}`);
    this.dataDir = dataDir;
  }
}

export interface Disk extends Store {
  /** The world of the last commit; undefined for a new directory. */
  load(options: LoadOptions): World | undefined;
  /** Writes a whole world into an empty database. */
  begin(world: World): void;
}

interface LoadOptions {
  readonly switches?: Partial<Switches>;
  readonly without?: readonly RuleId[];
}

/**
 * Opens a data directory and takes it for this process until `close`, or until the process ends however it ends.
 *
 * @throws DataDirectoryBusy when another process has it
 */
export function openDisk(dataDir: string): Disk {
  const path = join(dataDir, fileName);
  // Values of environment variables are in it, and the log beside it takes its mode.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path);
  try {
    prepare(database);
  } catch (error) {
    database.close();
    throw isBusy(error) ? new DataDirectoryBusy(dataDir) : error;
  }
  return diskOver(database);
}

function prepare(database: DatabaseSync): void {
  // Exclusive before WAL: then there is no shared memory file, and the lock is held from here to the end.
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS records (kind TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS numbered (kind TEXT, seq INTEGER, value TEXT NOT NULL, PRIMARY KEY (kind, seq)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS calls (seq INTEGER PRIMARY KEY, value TEXT NOT NULL);
    COMMIT;
  `);
}

function isBusy(error: unknown): boolean {
  const busy = 5;
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busy;
}

interface Statements {
  readonly meta: StatementSync;
  readonly record: StatementSync;
  readonly numbered: StatementSync;
  readonly call: StatementSync;
}

function diskOver(database: DatabaseSync): Disk {
  const put: Statements = {
    meta: database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)'),
    record: database.prepare('INSERT OR REPLACE INTO records VALUES (?, ?, ?)'),
    numbered: database.prepare('INSERT OR REPLACE INTO numbered VALUES (?, ?, ?)'),
    call: database.prepare('INSERT INTO calls VALUES (?, ?)'),
  };
  return {
    isSlow: true,
    load: (options) => load(database, options),
    begin: (world) => {
      inTransaction(database, () => {
        putMeta(put, world);
        for (const touched of everything(world)) putTouched(put, world, touched);
      });
    },
    commit: (world, calls) => {
      inTransaction(database, () => {
        if (world.touched.length > 0) put.meta.run('counter', String(world.counter));
        for (const touched of world.touched) putTouched(put, world, touched);
        for (const call of calls) put.call.run(call.seq, JSON.stringify(call));
      });
    },
    calls: (after) =>
      database
        .prepare('SELECT value FROM calls WHERE seq > ? ORDER BY seq')
        .all(after)
        .map(({ value }) => parse<CallEntry>(value)),
    clearCalls: () => {
      database.exec('DELETE FROM calls');
    },
    close: () => {
      database.close();
    },
  };
}

function inTransaction(database: DatabaseSync, perform: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    perform();
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function putMeta(put: Statements, world: World): void {
  put.meta.run('format', format);
  put.meta.run('platformId', world.platformId);
  put.meta.run('switches', JSON.stringify(world.switches));
  put.meta.run('counter', String(world.counter));
}

function everything(world: World): Touched[] {
  const tables = ['apps', 'clients', 'workspaces', 'programs', 'requests'] as const;
  return [
    ...tables.flatMap((table) => [...world[table].keys()].map((key): Touched => ({ table, key }))),
    ...world.releases.map(({ seq }): Touched => ({ table: 'releases', seq })),
    ...world.approvals.map(({ seq }): Touched => ({ table: 'approvals', seq })),
  ];
}

function putTouched(put: Statements, world: World, touched: Touched): void {
  if ('seq' in touched) {
    const value = world[touched.table].get(touched.seq);
    put.numbered.run(touched.table, touched.seq, JSON.stringify(value));
    return;
  }
  const { table, key } = touched;
  if (table === 'programs') {
    const order = world.programOrder.indexOf(key);
    put.record.run(table, key, JSON.stringify({ order, program: world.programs.get(key) }));
    return;
  }
  put.record.run(table, key, JSON.stringify(world[table].get(key)));
}

function load(database: DatabaseSync, options: LoadOptions): World | undefined {
  const meta = new Map(
    database
      .prepare('SELECT name, value FROM meta')
      .all()
      .map(({ name, value }) => [String(name), String(value)]),
  );
  const platformId = meta.get('platformId');
  if (platformId === undefined) return undefined;
  if (meta.get('format') !== format)
    throw new Error(`the data directory has format ${meta.get('format') ?? '?'}, not ${format}`);

  const switches: Switches = {
    ...defaultSwitches,
    ...parse<Partial<Switches>>(meta.get('switches')),
    ...options.switches,
  };
  const empty = emptyWorld(platformId, switches, new Set(options.without));
  const programs = records<{ order: number; program: never }>(database, 'programs').toSorted(
    ([, a], [, b]) => a.order - b.order,
  );
  const requests = Table(records<never>(database, 'requests'));
  const world: World = {
    ...empty,
    apps: Table(records<never>(database, 'apps')),
    clients: Table(records<never>(database, 'clients')),
    workspaces: Table(records<never>(database, 'workspaces')),
    programs: Table(programs.map(([key, { program }]) => [key, program])),
    programOrder: List(programs.map(([key]) => key)),
    approvals: List(numbered<never>(database, 'approvals')),
    requests,
    requestsPurgeAt: Math.max(empty.requestsPurgeAt, requests.size * 2),
  };
  const filled = fillReleases(world, numbered<Release>(database, 'releases'));
  return { ...filled, counter: Number(meta.get('counter') ?? filled.counter) };
}

function records<T>(database: DatabaseSync, kind: string): [string, T][] {
  const rows = database.prepare('SELECT key, value FROM records WHERE kind = ?').iterate(kind);
  return [...rows].map(({ key, value }) => [String(key), parse<T>(value)]);
}

function numbered<T>(database: DatabaseSync, kind: string): T[] {
  const query = 'SELECT value FROM numbered WHERE kind = ? ORDER BY seq';
  const found: T[] = [];
  for (const { value } of database.prepare(query).iterate(kind)) found.push(parse<T>(value));
  return found;
}

/** What this program has written itself, under a checksum of SQLite's. */
function parse<T>(value: unknown): T {
  return JSON.parse(String(value)) as T;
}
