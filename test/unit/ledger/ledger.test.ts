import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import type { RequestId } from '../../../src/core/model/write.ts';
import { programId, releaseId, type ReleaseKey } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import type { LedgerEntry } from '../../../src/ports/index.ts';

const program = { platform: 'p', workspace: 'w', miniProgram: 'coffee' };
const key: ReleaseKey = { ...program, version: '1.0.0', app: 'megapay', environment: 'Test' };
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-ledger-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Attempt = Extract<LedgerEntry, { readonly kind: 'attempt' }>;

function entry(more: Partial<Attempt>): Attempt {
  return {
    kind: 'attempt',
    action: 'update',
    source: 'team',
    explained: {},
    fields: [],
    at: epochMs(1),
    program,
    key,
    changeId: 'c-000000000001' as ChangeId,
    requestId: 'r' as RequestId,
    result: 'applied',
    ...more,
  };
}

function open(file = join(folder, 'state', 'ledger.db')) {
  const trouble: string[] = [];
  const ledger = openLedger({ file, onTrouble: (message) => trouble.push(message) });
  return { ledger, trouble };
}

describe('openLedger', () => {
  it('keeps the last base of each record and of the global level, over a restart', async () => {
    const first = open();
    await first.ledger.append(entry({ mark: 'one' }));
    await first.ledger.append(entry({ mark: 'two' }));
    await first.ledger.append(entry({ key: program, mark: 'global' }));
    first.ledger.close();

    const second = open();

    expect(await second.ledger.bases(program)).toEqual({
      [releaseId(key)]: 'two',
      [programId(program)]: 'global',
    });
    expect([...first.trouble, ...second.trouble]).toEqual([]);
    second.ledger.close();
  });

  it('lets nobody but its owner read it', async () => {
    const { ledger } = open();
    await ledger.append(entry({ mark: 'one' }));
    const files = await readdir(join(folder, 'state'));
    const modes = await Promise.all(
      files.map(async (name) => (await stat(join(folder, 'state', name))).mode & 0o777),
    );

    expect(files).toEqual(expect.arrayContaining(['ledger.db', 'ledger.db-wal']));
    expect(new Set(modes)).toEqual(new Set([0o600]));
    ledger.close();
  });

  it('keeps bases that were seen, without history', async () => {
    const { ledger } = open();
    await ledger.append(entry({ mark: 'one' }));
    await ledger.keep(program, { [releaseId(key)]: 'seen', [programId(program)]: 'global' });

    expect(await ledger.bases(program)).toEqual({
      [releaseId(key)]: 'seen',
      [programId(program)]: 'global',
    });
    ledger.close();
  });

  it('takes no base from a write that failed', async () => {
    const { ledger } = open();
    await ledger.append(entry({ result: 'failed', code: 'Stale', mark: 'never' }));

    expect(await ledger.bases(program)).toEqual({});
    ledger.close();
  });

  it('tells one program nothing of another', async () => {
    const { ledger } = open();
    await ledger.append(entry({ mark: 'one' }));

    expect(await ledger.bases({ ...program, miniProgram: 'tea' })).toEqual({});
    ledger.close();
  });

  it('serves two processes of one state directory at a time', async () => {
    const [left, right] = [open(), open()];
    await left.ledger.append(entry({ mark: 'one' }));
    await right.ledger.append(entry({ key: program, mark: 'two' }));

    expect(await left.ledger.bases(program)).toEqual({
      [releaseId(key)]: 'one',
      [programId(program)]: 'two',
    });
    left.ledger.close();
    right.ledger.close();
  });

  it.each([
    { name: 'a folder that is a file', file: () => join(folder, 'file', 'ledger.db') },
    { name: 'a place where no folder can be made', file: () => '/proc/fairlead/state/ledger.db' },
    { name: 'a full disk', file: () => '/dev/full' },
    { name: 'a folder in its place', file: () => folder },
  ])('goes on over $name, says so once, and remembers what it was told', async ({ file }) => {
    await writeFile(join(folder, 'file'), '');
    const { ledger, trouble } = open(file());
    await ledger.append(entry({ mark: 'one' }));
    await ledger.append(entry({ mark: 'two' }));

    expect(await ledger.bases(program)).toEqual({ [releaseId(key)]: 'two' });
    expect(trouble).toHaveLength(1);
    expect(ledger.trouble).toBe(trouble[0]);
    ledger.close();
  });
});
