import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import type { RequestId } from '../../../src/core/model/write.ts';
import { releaseId } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import type { LedgerEntry } from '../../../src/ports/index.ts';

const program = { platform: 'p', workspace: 'w', miniProgram: 'coffee' };
const key = { ...program, version: '1.0.0', app: 'megapay', environment: 'Test' } as const;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-ledger-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function attempt(number: number, mark?: string): LedgerEntry {
  return {
    kind: 'attempt',
    action: 'update',
    source: 'team',
    explained: {},
    fields: [],
    at: epochMs(number),
    program,
    key,
    changeId: 'c-000000000001' as ChangeId,
    requestId: `r-${String(number)}` as RequestId,
    result: 'applied',
    ...(mark === undefined ? {} : { mark }),
  };
}

function open() {
  const file = join(folder, 'ledger.db');
  const told: string[] = [];
  let now = 0;
  const ledger = openLedger({
    file,
    now: () => now,
    onTrouble: (message) => told.push(message),
    onRecovered: (lost) => told.push(`recovered, ${String(lost)} lost`),
  });
  return { file, ledger, told, later: (ms: number) => void (now += ms) };
}

/** Another process holds the write lock, as a hung one would. */
function lock(file: string): () => void {
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  return () => other.close();
}

function rows(file: string): readonly unknown[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const found = database.prepare('SELECT at FROM history ORDER BY seq').all();
  database.close();
  return found.map(({ at }) => at);
}

describe('a ledger in trouble', () => {
  it('writes down what waited, once the file can be written again, and says so once', async () => {
    const { file, ledger, told, later } = open();
    await ledger.append(attempt(1));
    const release = lock(file);
    await ledger.append(attempt(2, 'two'));
    await ledger.append(attempt(3));
    release();
    const meanwhile = rows(file);
    later(30_000);
    await ledger.append(attempt(4));

    expect(meanwhile).toEqual([1]);
    expect(rows(file)).toEqual([1, 2, 3, 4]);
    expect(await ledger.bases(program)).toEqual({ [releaseId(key)]: 'two' });
    expect(told).toEqual([expect.stringContaining('cannot be kept'), 'recovered, 0 lost']);
    expect(ledger.trouble).toBeUndefined();
    ledger.close();
  });

  it('lets the oldest go when too many wait, and says how many', async () => {
    const { file, ledger, told, later } = open();
    const release = lock(file);
    for (let i = 1; i <= 1_003; i += 1) await ledger.append(attempt(i));
    release();
    later(30_000);
    await ledger.append(attempt(2_000));

    expect(rows(file)).toHaveLength(1_001);
    expect(rows(file)[0]).toBe(4);
    expect(told.at(-1)).toBe('recovered, 3 lost');
    ledger.close();
  });

  it('keeps no observation waiting but those of our own writes', async () => {
    const { file, ledger, later } = open();
    const record = { key, status: 'NewVersionCreated', fields: {} } as const;
    const seen = { program, at: epochMs(1), records: [record] };
    const release = lock(file);
    await ledger.seen({ ...seen, own: false });
    await ledger.seen({ ...seen, own: true, at: epochMs(2) });
    release();
    later(30_000);
    await ledger.append(attempt(3));
    const database = new DatabaseSync(file, { readOnly: true });
    const kept = database.prepare('SELECT since FROM records').all();
    database.close();

    expect(kept.map(({ since }) => since)).toEqual([2]);
    ledger.close();
  });

  it('tries once more at its end', async () => {
    const { file, ledger } = open();
    const release = lock(file);
    await ledger.append(attempt(1));
    release();
    ledger.close();

    expect(rows(file)).toEqual([1]);
  });

  it('asks a locked file once in half a minute, since each time costs a second', async () => {
    const { file, ledger, told } = open();
    const release = lock(file);
    await ledger.append(attempt(1));
    release();
    await ledger.append(attempt(2));

    expect(rows(file), 'the second must not even have tried').toEqual([]);
    expect(told).toHaveLength(1);
    ledger.close();
  });

  it('sets a file aside that is no database, keeps what it is told, and says so', async () => {
    await writeFile(join(folder, 'ledger.db'), 'x'.repeat(5000));
    await writeFile(join(folder, 'ledger.db.corrupt-1'), 'an older one');
    const { file, ledger, told } = open();
    await ledger.append(attempt(1, 'one'));

    expect(rows(file)).toEqual([1]);
    expect(await ledger.bases(program)).toEqual({ [releaseId(key)]: 'one' });
    expect(await readdir(folder)).toEqual(
      expect.arrayContaining(['ledger.db', 'ledger.db.corrupt-1', 'ledger.db.corrupt-2']),
    );
    expect(told).toEqual([expect.stringContaining('ledger.db.corrupt-2')]);
    expect(ledger.trouble).toBeUndefined();
    ledger.close();
  });

  it('does the same when the damage comes while it is open', async () => {
    const first = open();
    for (let i = 1; i <= 200; i += 1) await first.ledger.append(attempt(i, `mark ${String(i)}`));
    first.ledger.close();
    const { file, ledger, told } = open();
    await writeFile(file, Buffer.alloc(60_000, 0xee), { flag: 'r+' });
    await ledger.append(attempt(1_000, 'new'));

    expect(rows(file)).toEqual([1_000]);
    expect(await ledger.bases(program)).toEqual({ [releaseId(key)]: 'new' });
    expect(told).toHaveLength(1);
    ledger.close();
  });

  it('leaves the file of a newer Fairlead alone', async () => {
    const { file, ledger } = open();
    await ledger.append(attempt(1));
    ledger.close();
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    const second = open();
    await second.ledger.append(attempt(2));

    expect(rows(file)).toEqual([1]);
    expect(second.told).toHaveLength(1);
    second.ledger.close();
  });
});
