import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEntry, Seen, SeenRecord } from '../../../src/core/model/history.ts';
import type { Shown } from '../../../src/core/model/plan.ts';
import type { FieldPath } from '../../../src/core/words/fields.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { openLedger, type OpenLedger } from '../../../src/ledger/ledger.ts';
import { openHistory } from '../../../src/ledger/history.ts';

const program = { platform: 'p', workspace: 'w', miniProgram: 'coffee' };
const release = (version: string) =>
  ({ ...program, version, app: 'megapay', environment: 'Production' }) as const;

const value = (text: string | readonly string[]): Shown => ({ state: 'value', value: text });
const secret = (fingerprint: string): Shown => ({ state: 'secret', fingerprint });

let folder = '';
let ledger: OpenLedger;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-seen-'));
  ledger = open();
});
afterEach(async () => {
  ledger.close();
  await rm(folder, { recursive: true, force: true });
});

function open(): OpenLedger {
  return openLedger({
    file: join(folder, 'ledger.db'),
    onTrouble: (message) => expect.fail(message),
  });
}

function record(
  fields: Readonly<Partial<Record<FieldPath, Shown>>>,
  more: Partial<SeenRecord> = {},
): SeenRecord {
  return { key: release('1.0.0'), status: 'NewVersionCreated', keyId: 'k1', ...more, fields };
}

async function see(at: number, records: readonly SeenRecord[], more: Partial<Seen> = {}) {
  await ledger.seen({ at: epochMs(at), program, records, own: false, whole: true, ...more });
}

/** Oldest first. */
function told(): readonly HistoryEntry[] {
  const history = openHistory(join(folder, 'ledger.db'));
  const { entries } = history?.entries({ parts: [], limit: 1000 }) ?? { entries: [] };
  history?.close();
  return entries.toReversed();
}

const merchant = (id: string) => record({ merchantId: value(id) });

describe('what observations showed', () => {
  it('is history when it differs, with both moments, before and after', async () => {
    await see(10, [merchant('M-77')]);
    await see(20, [merchant('M-77')]);
    await see(30, [merchant('M-99')]);
    await see(40, [merchant('M-99')]);

    expect(told()).toEqual([
      {
        kind: 'observed',
        at: 30,
        lastSeen: 20,
        program,
        key: release('1.0.0'),
        marked: false,
        fields: [{ path: 'merchantId', before: value('M-77'), after: value('M-99') }],
      },
    ]);
  });

  it('is compared with what was seen before a restart', async () => {
    await see(10, [merchant('M-77')]);
    ledger.close();
    ledger = open();
    await see(30, [merchant('M-99')]);

    expect(told()).toMatchObject([{ lastSeen: 10, at: 30 }]);
  });

  it.each<{
    readonly name: string;
    readonly why: string;
    readonly before: SeenRecord;
    readonly after: SeenRecord;
    readonly expected: readonly unknown[];
  }>([
    {
      name: 'a field that is cleared',
      why: 'unset is a value people see',
      before: record({ clientId: value('C'), testers: value(['1']) }),
      after: record({ clientId: value('C') }),
      expected: [
        { fields: [{ path: 'testers', before: value(['1']), after: { state: 'unset' } }] },
      ],
    },
    {
      name: 'a status',
      why: 'somebody applied for release in the console',
      before: record({}),
      after: record({}, { status: 'UnderReview' }),
      expected: [{ status: { before: 'NewVersionCreated', after: 'UnderReview' }, fields: [] }],
    },
    {
      name: 'a rotated secret',
      why: 'fingerprints under one key tell two values apart',
      before: record({ 'environmentVariables/A': secret('aa') }),
      after: record({ 'environmentVariables/A': secret('bb') }),
      expected: [
        { fields: [{ path: 'environmentVariables/A', before: secret('aa'), after: secret('bb') }] },
      ],
    },
    {
      name: 'a literal that is not declared any more',
      why: 'only the declaration changed; the platform holds the same value',
      before: record(
        { 'environmentVariables/A': value('x') },
        { prints: { 'environmentVariables/A': 'aa' } },
      ),
      after: record({ 'environmentVariables/A': secret('aa') }),
      expected: [],
    },
    {
      name: 'a literal that was replaced by hand and so is secret now',
      why: 'its fingerprint is another one',
      before: record(
        { 'environmentVariables/A': value('x') },
        { prints: { 'environmentVariables/A': 'aa' } },
      ),
      after: record({ 'environmentVariables/A': secret('cc') }),
      expected: [
        { fields: [{ path: 'environmentVariables/A', before: value('x'), after: secret('cc') }] },
      ],
    },
    {
      name: 'fingerprints under another key',
      why: 'the key was rotated; nothing can be said of the values',
      before: record({ 'environmentVariables/A': secret('aa') }),
      after: record({ 'environmentVariables/A': secret('bb') }, { keyId: 'k2' }),
      expected: [],
    },
    {
      name: 'a value that could not be seen',
      why: 'what is not seen is no change',
      before: record({ 'environmentVariables/A': { state: 'unknown' } }),
      after: record({ 'environmentVariables/A': secret('bb') }),
      expected: [],
    },
    {
      name: 'a variable that appears, hidden',
      why: 'that it is set can be seen',
      before: record({}),
      after: record({ 'environmentVariables/A': { state: 'unknown' } }),
      expected: [
        {
          fields: [
            {
              path: 'environmentVariables/A',
              before: { state: 'unset' },
              after: { state: 'unknown' },
            },
          ],
        },
      ],
    },
    {
      name: 'another mark and nothing else',
      why: 'marks are ours, and values are what people ask for',
      before: record({ clientId: value('C') }, { mark: 'one' }),
      after: record({ clientId: value('C') }, { mark: 'two' }),
      expected: [],
    },
    {
      name: 'another value under another mark',
      why: 'a colleague ran fairlead apply',
      before: record({ clientId: value('C') }, { mark: 'one' }),
      after: record({ clientId: value('D') }, { mark: 'two' }),
      expected: [{ marked: true }],
    },
  ])('$name: $why', async ({ before, after, expected }) => {
    await see(10, [before]);
    await see(20, [after]);
    await see(30, [after]);

    expect(told()).toHaveLength(expected.length);
    expect(told()).toMatchObject(expected);
  });

  it('is not history twice where it was our own write', async () => {
    await see(10, [merchant('M-77')]);
    await see(20, [{ ...merchant('M-88'), written: ['merchantId'] }], { own: true, whole: false });
    await see(30, [merchant('M-88')]);

    expect(told()).toEqual([]);
  });

  it('is history where the answer to our own write shows what we did not write', async () => {
    const before = record({ merchantId: value('M-77'), clientId: value('C') });
    const after = record(
      { merchantId: value('M-88'), clientId: value('X') },
      { written: ['merchantId'], mark: 'ours' },
    );
    await see(10, [before]);
    await see(20, [after], { own: true, whole: false });
    await see(30, [{ ...after, written: [] }]);

    expect(told()).toMatchObject([
      { at: 20, marked: false, fields: [{ path: 'clientId', after: value('X') }] },
    ]);
    expect(told()).toHaveLength(1);
  });

  it('tells of a record that appears, but of none of the first whole look', async () => {
    const other = { ...record({ clientId: value('C') }), key: release('2.0.0') };
    await see(10, [merchant('M')], { whole: false });
    await see(20, [merchant('M'), { ...merchant('M'), key: release('1.5.0') }]);
    await see(30, [merchant('M'), other]);

    expect(told()).toEqual([
      {
        kind: 'observed',
        at: 30,
        program,
        key: release('2.0.0'),
        marked: false,
        status: { before: null, after: 'NewVersionCreated' },
        fields: [{ path: 'clientId', before: { state: 'unset' }, after: value('C') }],
      },
    ]);
  });

  it('says when a record was last seen by itself, not when others were', async () => {
    const second = { ...merchant('M-1'), key: release('2.0.0') };
    await see(10, [merchant('M-77'), second]);
    await see(20, [second], { whole: false });
    await see(30, [merchant('M-99'), { ...second, ...merchant('M-2'), key: second.key }]);

    expect(told()).toMatchObject([
      { key: release('1.0.0'), lastSeen: 10 },
      { key: release('2.0.0'), lastSeen: 20 },
    ]);
  });

  it('counts records as seen that a sweep found unchanged without reading them out', async () => {
    await see(10, [merchant('M-77')]);
    await see(20, [], { rest: 'unchanged' });
    await see(30, [merchant('M-99')]);

    expect(told()).toMatchObject([{ lastSeen: 20, at: 30 }]);
  });

  it('never ends before it began, though the clock was set back', async () => {
    await see(100, [merchant('M-77')]);
    await see(50, [merchant('M-99')]);

    expect(told()).toMatchObject([{ lastSeen: 50, at: 50 }]);
  });

  it('writes one row for a program of a thousand unchanged records', async () => {
    const records = Array.from({ length: 1000 }, (_, i) => ({
      ...merchant('M'),
      key: release(`1.0.${String(i)}`),
    }));
    await see(10, records);
    const before = changesOf(() => see(20, records));

    expect(await before).toBe(1);
  });
});

/** Rows that SQLite wrote, as another connection's change counter cannot tell: asked of the file's own moments. */
async function changesOf(work: () => Promise<void>): Promise<number> {
  const file = join(folder, 'ledger.db');
  const moments = (): readonly string[] => {
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = [
      ...database.prepare('SELECT program AS key, seen_at, 0 AS since FROM programs').all(),
      ...database.prepare('SELECT key, seen_at, since FROM records').all(),
      ...database.prepare('SELECT seq AS key, at AS seen_at, 0 AS since FROM history').all(),
    ];
    database.close();
    return rows.map((row) => JSON.stringify(row));
  };
  const before = new Set(moments());
  await work();
  return moments().filter((row) => !before.has(row)).length;
}
