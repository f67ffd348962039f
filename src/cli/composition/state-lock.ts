import { rmSync } from 'node:fs';
import { access, constants, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isoTime, type EpochMs } from '../../core/words/time.ts';
import { CliError } from '../exit.ts';
import { systemClock } from '../system.ts';
import { codeOf, distrustOf, failureText, makeFolder, writeWhole } from './state-files.ts';

const lockName = 'controller.lock';
const holderName = 'controller.json';

/**
 * How long a start waits for the lock: long against somebody who asks whether it is held, who holds it for microseconds,
 * and short for a person who started a second controller.
 */
const patienceMs = 1_000;

/** For messages only: the lock itself is the kernel's. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly startedAt: EpochMs;
}

export interface StateLock {
  /** Gives the directory free. Safe to call twice. */
  release(): void;
}

/**
 * Makes this process the one controller of a state directory, until it releases it or ends, however it ends.
 *
 * The lock is a transaction of SQLite's that never writes: the kernel frees it with the process, so no lock of a killed
 * controller is ever left behind.
 *
 * @throws CliError `StateInUse` naming who holds it; `StateUnusable` where the directory cannot be written, trusted or locked
 */
export async function lockState(stateDir: string): Promise<StateLock> {
  const database = await openLocked(stateDir);
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    startedAt: systemClock.wall(),
  };
  const file = join(stateDir, holderName);
  try {
    const text = `${JSON.stringify(holder)}\n`;
    await writeWhole({ file, text, temporary: `${file}.new`, durable: false });
  } catch {
    // On a full disk the controller runs all the same; only a message about it will lack its name.
  }
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      rmSync(file, { force: true });
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

/**
 * Whether a controller runs on a state directory. Disturbs neither one that runs nor one that starts.
 *
 * @throws CliError `StateUnusable` where that cannot be known
 */
export async function isLocked(stateDir: string): Promise<boolean> {
  const file = join(stateDir, lockName);
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw unusable(stateDir, failureText(error), error);
  }
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    try {
      // A shared lock for the moment of one empty read.
      database.exec('BEGIN; SELECT 1 FROM sqlite_schema; ROLLBACK');
    } finally {
      database.close();
    }
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw unusable(stateDir, textOf(error), error);
  }
}

async function openLocked(stateDir: string): Promise<DatabaseSync> {
  let distrust: Awaited<ReturnType<typeof distrustOf>>;
  try {
    await makeFolder(stateDir);
    distrust = await distrustOf(stateDir);
  } catch (error) {
    throw unusable(stateDir, failureText(error), error);
  }
  if (distrust) throw distrusted(stateDir, distrust);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(stateDir, lockName), { timeout: patienceMs });
    // The last one fails where the file cannot be written: there SQLite would give a reader's lock, which many may hold.
    // It stays in memory, as nothing is ever committed.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 1');
    return database;
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw await inUse(stateDir, error);
    throw unusable(stateDir, textOf(error), error);
  }
}

async function inUse(stateDir: string, cause: unknown): Promise<CliError> {
  const holder = await readHolder(stateDir);
  const who = holder
    ? `process ${String(holder.pid)} on ${holder.host}, started ${isoTime(holder.startedAt)}`
    : 'another process';
  return new CliError('StateInUse', `a controller runs on ${stateDir} already: ${who}`, {
    cause,
    nextStep: 'stop it first, or give this one a directory of its own with --state DIR',
  });
}

async function readHolder(stateDir: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(stateDir, holderName), 'utf8'));
    return isHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, host, startedAt } = value as Partial<Record<string, unknown>>;
  return Number.isInteger(pid) && typeof host === 'string' && Number.isSafeInteger(startedAt);
}

function unusable(stateDir: string, why: string, cause: unknown): CliError {
  return new CliError('StateUnusable', `the state directory ${stateDir} cannot be used: ${why}`, {
    cause,
    nextStep:
      'name a directory on a local disk that this user may write to, with --state DIR; locks of network file systems often do not work',
  });
}

/** Whoever may write to it could approve, suspend, or say what was in force. */
function distrusted(
  stateDir: string,
  { why, mend }: { readonly why: string; readonly mend: string },
): CliError {
  return new CliError(
    'StateUnusable',
    `the state directory ${stateDir} cannot be trusted: ${why}`,
    { nextStep: mend },
  );
}

/** SQLite's primary result codes. */
const busyCodes: ReadonlySet<number> = new Set([5, 6]);

function resultCode(error: unknown): number | undefined {
  const code =
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
      ? error.errcode
      : undefined;
  return code === undefined ? undefined : code & 0xff;
}

function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && busyCodes.has(code);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
