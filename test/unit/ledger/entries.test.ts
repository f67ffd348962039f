import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryQuery } from '../../../src/core/history/query.ts';
import type {
  AttemptEntry,
  DecisionEntry,
  HistoryEntry,
  OrderEntry,
} from '../../../src/core/model/history.ts';
import type { Order } from '../../../src/core/model/orders.ts';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import type { RequestId } from '../../../src/core/model/write.ts';
import { programId, releaseId } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { ForeignHistory, openHistory } from '../../../src/ledger/history.ts';
import type { Retention } from '../../../src/ledger/retention.ts';

const program = { platform: 'p/1', workspace: 'w', miniProgram: 'coffee' };
const tea = { ...program, miniProgram: 'tea' };
const key = { ...program, version: '1.0.0', app: 'megapay', environment: 'Production' } as const;
const id = 'c-41d0c7e2aa19' as ChangeId;

let folder = '';
const file = () => join(folder, 'ledger.db');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-entries-'));
});
afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true, force: true });
});

function open(retention?: Retention, now?: () => number) {
  const trouble: string[] = [];
  const ledger = openLedger({
    file: file(),
    onTrouble: (message) => trouble.push(message),
    onRecovered: () => trouble.push('recovered'),
    ...(retention ? { retention } : {}),
    ...(now ? { now } : {}),
  });
  return { ledger, trouble };
}

function attempt(at: number, more: Partial<AttemptEntry> = {}): AttemptEntry {
  return {
    kind: 'attempt',
    at: epochMs(at),
    program,
    key,
    action: 'update',
    changeId: id,
    requestId: 'r' as RequestId,
    result: 'applied',
    source: 'team',
    explained: {},
    fields: [],
    ...more,
  };
}

function decision(at: number, message: string | undefined, whose = program): DecisionEntry {
  const held =
    message === undefined
      ? []
      : [{ key, path: 'merchantId', changeId: id, reason: 'GateRefused', message } as const];
  return { kind: 'decision', at: epochMs(at), program: whose, changeId: id, held };
}

function order(at: number, more: Pick<Order, 'kind'> & Readonly<Record<string, unknown>>) {
  const base = { id: String(at), at: epochMs(at), by: 'root' };
  return { kind: 'order', at: epochMs(at), order: { ...base, ...more } } as OrderEntry;
}

function ask(query: Partial<HistoryQuery> & { since?: number; limit?: number } = {}) {
  const history = openHistory(file());
  const { since, limit = 100, ...rest } = query;
  const told = history!.entries({
    parts: [],
    limit,
    ...rest,
    ...(since === undefined ? {} : { since: epochMs(since) }),
  });
  const programs = history!.programs();
  history!.close();
  return { ...told, programs };
}

const moments = (entries: readonly HistoryEntry[]) => entries.map(({ at }) => at);
const of = (...programs: readonly (typeof program)[]) => new Set(programs.map(programId));

describe('what is told to a ledger', () => {
  it('is history once, although a controller says at each start what stands', async () => {
    const { ledger } = open();
    const commit = (at: number, commitId: string) =>
      ledger.append({
        kind: 'commit',
        at: epochMs(at),
        source: 'team',
        commit: { id: commitId },
      });
    for (const at of [1, 2]) await commit(at, 'aaa');
    await commit(3, 'bbb');
    await commit(4, 'aaa');
    for (let start = 0; start < 2; start += 1) {
      await ledger.append(order(5, { kind: 'suspend', reason: 'incident' }));
    }

    expect(moments(ask().entries)).toEqual([5, 4, 3, 1]);
    ledger.close();
  });

  it('comes back as it was, newest first', async () => {
    const entries: readonly HistoryEntry[] = [
      {
        kind: 'commit',
        at: epochMs(1),
        source: 'team',
        commit: { id: 'abc', author: 'Jane <j@example.com>', subject: 'x', at: epochMs(0) },
        before: 'aaa',
      },
      attempt(2, {
        approvedBy: 'root',
        explained: { commit: { id: 'abc' }, file: 'coffee.yaml', line: 3 },
        fields: [
          {
            path: 'merchantId',
            before: { state: 'inherited' },
            after: { state: 'value', value: 'M-88' },
            cause: 'declaration',
            explained: { file: 'coffee.yaml', line: 4 },
          },
        ],
      }),
      attempt(3, { key: program, result: 'failed', code: 'PlatformRefused' }),
      decision(4, 'too many'),
      order(5, { kind: 'suspend', reason: 'incident', until: 9 }),
    ];
    const { ledger } = open();
    for (const entry of entries) if (entry.kind !== 'observed') await ledger.append(entry);

    expect(ask().entries).toEqual(entries.toReversed());
    ledger.close();
  });

  it('can be read while it is written, in parts, and from a moment on', async () => {
    const { ledger } = open();
    for (let at = 1; at <= 5; at += 1) await ledger.append(attempt(at));

    expect(moments(ask({ limit: 2 }).entries)).toEqual([5, 4]);
    expect(ask({ limit: 2 }).hasMore).toBe(true);
    expect(ask({ limit: 5 }).hasMore).toBe(false);
    expect(moments(ask({ since: 4 }).entries)).toEqual([5, 4]);
    ledger.close();
  });

  it('can be read by who may not write there, and leaves no trace', async () => {
    const { ledger } = open();
    await ledger.append(attempt(1));
    ledger.close();
    await chmod(file(), 0o444);
    await chmod(folder, 0o555);

    expect(moments(asNobody(() => ask().entries))).toEqual([1]);
    expect(await readdir(folder)).toEqual(['ledger.db']);
  });

  it('keeps what people call a program', async () => {
    const { ledger } = open();
    await ledger.append({ ...attempt(1), names: ['coffee-shop'] });
    await ledger.append(attempt(2, { program: tea, key: tea }));

    expect(ask().programs).toEqual([
      { key: program, names: ['coffee-shop'] },
      { key: tea, names: [] },
    ]);
    ledger.close();
  });

  it('tells what was left undone once, over a restart too, and that it is no more', async () => {
    const first = open();
    await first.ledger.append(decision(1, undefined));
    await first.ledger.append(decision(2, 'too many'));
    await first.ledger.append(decision(3, 'too many'));
    first.ledger.close();
    const { ledger } = open();
    await ledger.append(decision(4, 'too many'));
    await ledger.append(decision(5, 'still more'));
    await ledger.append(decision(6, undefined));
    await ledger.append(decision(7, undefined));

    expect(moments(ask().entries)).toEqual([6, 5, 2]);
    ledger.close();
  });

  it('finds whom an order is about', async () => {
    const { ledger } = open();
    await ledger.append(decision(1, 'too many'));
    await ledger.append(order(2, { kind: 'approve', asked: id, ids: [id] }));
    await ledger.append(order(3, { kind: 'suspend', reason: 'all' }));
    await ledger.append(order(4, { kind: 'suspend', reason: 'one', program: programId(tea) }));
    await ledger.append(order(5, { kind: 'approve', asked: 'x', ids: ['c-000000000000'] }));
    await ledger.append(decision(6, undefined));
    await ledger.append(order(7, { kind: 'used', ids: [id] }));

    expect(moments(ask({ programs: of(program) }).entries)).toEqual([7, 6, 3, 2, 1]);
    expect(moments(ask({ programs: of(tea) }).entries)).toEqual([4, 3]);
    expect(moments(ask().entries)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    ledger.close();
  });
});

describe('a file of version 1', () => {
  it('keeps bases and attempts', async () => {
    const old = new DatabaseSync(file());
    old.exec(`
      CREATE TABLE bases (program TEXT NOT NULL, key TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (program, key)) WITHOUT ROWID;
      CREATE TABLE history (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, program TEXT NOT NULL, key TEXT NOT NULL,
        change_id TEXT NOT NULL, request_id TEXT NOT NULL, result TEXT NOT NULL, code TEXT, commit_id TEXT);
      CREATE INDEX history_by_program ON history (program, seq);
      PRAGMA user_version = 1;`);
    const [whose, what] = [programId(program), releaseId(key)];
    old.prepare('INSERT INTO bases VALUES (?, ?, ?)').run(whose, what, 'mark');
    const insert = old.prepare('INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    insert.run(1, 10, whose, what, id, 'r1', 'applied', null, 'abc');
    insert.run(2, 20, whose, whose, id, 'r2', 'failed', 'Stale', null);
    old.close();

    expect(() => openHistory(file()), 'a reader cannot bring it up to date').toThrow(
      ForeignHistory,
    );
    const { ledger, trouble } = open();
    expect(await ledger.bases(program)).toEqual({ [what]: 'mark' });
    await ledger.append(attempt(30));

    const base = { kind: 'attempt', program, action: 'update', changeId: id, source: '' };
    expect(ask().entries).toEqual([
      attempt(30),
      {
        ...base,
        ...{ at: 20, key: program, requestId: 'r2', result: 'failed', code: 'Stale' },
        ...{ fields: [], explained: {} },
      },
      {
        ...base,
        ...{ at: 10, key, requestId: 'r1', result: 'applied' },
        ...{ fields: [], explained: { commit: { id: 'abc' } } },
      },
    ]);
    expect(trouble).toEqual([]);
    ledger.close();
  });
});

const day = 86_400_000;

describe('what is kept for how long', () => {
  it('lets go of what is too old, a little at a time', async () => {
    const { ledger } = open({ maxAgeMs: 400 * day, maxBytes: 1024 ** 3 });
    for (let i = 0; i < 100; i += 1) await ledger.append(attempt(i));
    for (let i = 0; i < 100; i += 1) await ledger.append(attempt(500 * day + i));

    expect(ask({ limit: 1000 }).entries).toHaveLength(100);
    ledger.close();
  });

  it('lets go of the oldest when the file is too large, and goes on by itself where that is too slow', async () => {
    let now = 0;
    const { ledger, trouble } = open({ maxAgeMs: day, maxBytes: 200_000 }, () => now);
    const fields = [
      {
        path: 'testers',
        before: { state: 'unset' },
        after: { state: 'value', value: ['2'.repeat(8_000)] },
        cause: 'declaration',
        explained: {},
      } as const,
    ];
    for (let i = 0; i < 60; i += 1) await ledger.append(attempt(i, { fields }));
    const full = [...trouble];
    now += 30_000;
    for (let i = 60; i < 70; i += 1) await ledger.append(attempt(i, { fields: [] }));

    expect(full, 'the disk gave no more pages').toEqual([expect.stringContaining('full')]);
    expect(trouble).toEqual([...full, 'recovered']);
    expect(moments(ask().entries)).toContain(69);
    ledger.close();
  });
});

/** Root may write whatever it likes: where the tests run as root, this does not. */
function asNobody<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
