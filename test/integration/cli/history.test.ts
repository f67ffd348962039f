import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AttemptEntry } from '../../../src/core/model/history.ts';
import type { ControllerStatus } from '../../../src/core/model/controller.ts';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import type { RequestId } from '../../../src/core/model/write.ts';
import { programId } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { lockState } from '../../../src/cli/composition/state-lock.ts';
import { openLedger, type OpenLedger } from '../../../src/ledger/ledger.ts';
import { createPlace, type Place } from '../../support/cli.ts';

const program = { platform: 'megapay', workspace: 'acme', miniProgram: '3500020208396321' };
const key = { ...program, version: '2.5.0', app: 'megapay', environment: 'Production' } as const;
const id = 'c-41d0c7e2aa19' as ChangeId;
const start = Date.parse('2026-03-01T12:00:00Z');
const at = (minutes: number) => epochMs(start + minutes * 60_000);

const commit = {
  id: '1a2b3c4d5e6f77889900aabbccddeeff00112233',
  author: 'Jane Doe <jane@example.com>',
  subject: 'Pay the new company',
};

const value = (text: string) => ({ state: 'value', value: text }) as const;
const seen = (merchant: string) => ({
  key,
  status: 'NewVersionCreated' as const,
  fields: { merchantId: value(merchant) },
});

const attempt: AttemptEntry = {
  kind: 'attempt',
  at: at(1),
  program,
  key,
  action: 'update',
  changeId: id,
  requestId: 'r' as RequestId,
  result: 'applied',
  source: 'team',
  explained: { commit },
  approvedBy: 'release-manager',
  fields: [
    {
      path: 'merchantId',
      before: value('M-77'),
      after: value('M-88'),
      cause: 'declaration',
      explained: { commit, file: 'releases/coffee.yaml', line: 14 },
    },
  ],
};

/** A change by commit, then one by hand. */
async function told(stateDir: string): Promise<OpenLedger> {
  const ledger = openLedger({
    file: join(stateDir, 'ledger.db'),
    onTrouble: (message) => expect.fail(message),
  });
  const whole = { program, own: false, whole: true, names: ['coffee'] };
  await ledger.seen({ ...whole, at: at(0), records: [seen('M-77')] });
  await ledger.append({ ...attempt, names: ['coffee'] });
  await ledger.seen({ program, own: true, at: at(1), records: [seen('M-88')] });
  await ledger.seen({ ...whole, at: at(30), records: [], rest: 'unchanged' });
  await ledger.seen({ ...whole, at: at(35), records: [seen('M-99')] });
  return ledger;
}

async function place(): Promise<Place & { readonly state: string }> {
  const created = await createPlace();
  const state = created.path('state');
  await mkdir(state);
  return { ...created, state };
}

const answer = `2026-03-01 12:35:00Z  coffee  2.5.0  megapay/Production  changed on the platform, not by fairlead
    merchantId  M-88 -> M-99
    seen as before until 2026-03-01 12:30:00Z, and so since 2026-03-01 12:35:00Z

2026-03-01 12:01:00Z  coffee  2.5.0  megapay/Production  written by fairlead
    merchantId  M-77 -> M-88  releases/coffee.yaml:14
    commit 1a2b3c4d5e6f by Jane Doe <jane@example.com>: Pay the new company
    approved by release-manager
`;

describe('fairlead history', () => {
  it('says who changed the merchant id in Production and when, while the ledger is written', async () => {
    const { state, run } = await place();
    const ledger = await told(state);
    const whileOpen = await run(['history', 'coffee/Production', 'merchantId', '--state', state]);
    ledger.close();
    const after = await run([
      'history',
      '3500020208396321/2.5.0/megapay/Production',
      '--state',
      state,
    ]);

    expect(whileOpen).toEqual({ code: 0, signal: null, stdout: answer, stderr: '' });
    expect(after.stdout).toBe(answer);
  });

  it('tells the same to a script', async () => {
    const { state, run } = await place();
    (await told(state)).close();
    const { stdout } = await run([
      'history',
      'acme/3500020208396321',
      '--state',
      state,
      '-o',
      'json',
    ]);

    expect(JSON.parse(stdout)).toMatchObject({
      formatVersion: 1,
      kind: 'History',
      hasMore: false,
      entries: [
        {
          kind: 'observed',
          lastSeenAt: '2026-03-01T12:30:00.000Z',
          fields: [{ path: 'merchantId', before: value('M-88'), after: value('M-99') }],
        },
        { kind: 'attempt', approvedBy: 'release-manager', fields: [{ commit: { id: commit.id } }] },
      ],
    });
  });

  it.each([
    { name: 'newest only', args: ['--limit', '1'], entries: ['observed'], hasMore: true },
    { name: 'since a moment', args: ['--since', '2026-03-01T12:20Z'], entries: ['observed'] },
    { name: 'since a day', args: ['--since', '2026-03-02'], entries: [] },
    { name: 'since not long ago', args: ['--since', '1s'], entries: [] },
    { name: 'of another environment', args: ['coffee/Sandbox'], entries: [] },
    { name: 'of another field', args: ['coffee', 'testers'], entries: [] },
  ])('$name', async ({ args, entries, hasMore = false }) => {
    const { state, run } = await place();
    (await told(state)).close();
    const { stdout, code } = await run(['history', ...args, '--state', state, '-o', 'json']);
    const document = JSON.parse(stdout) as { readonly entries: readonly { kind: string }[] };

    expect(code).toBe(0);
    expect(document.entries.map(({ kind }) => kind)).toEqual(entries);
    expect(document).toMatchObject({ hasMore });
  });

  it.each([
    {
      name: 'a program nobody knows',
      args: ['cofee'],
      code: 'NotFound',
      next: 'did you mean coffee?',
    },
    {
      name: 'a field that is none',
      args: ['coffee', 'merchantID'],
      code: 'Usage',
      next: 'did you mean merchantId?',
    },
    { name: 'a time that is none', args: ['--since', 'yesterday'], code: 'Usage', next: '7d' },
    { name: 'a limit that is none', args: ['--limit', 'many'], code: 'Usage', next: '--limit' },
  ])('refuses $name', async ({ args, code, next }) => {
    const { state, run } = await place();
    (await told(state)).close();
    const ran = await run(['history', ...args, '--state', state, '-o', 'json']);

    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      kind: 'Error',
      error: { code, nextStep: expect.stringContaining(next) as string },
    });
  });

  it('says in one line that there is nothing yet', async () => {
    const { state, run } = await place();
    const ran = await run(['history', '--state', state]);

    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^nothing has been recorded in .*\n$/);
    expect(await readdir(state), 'asking leaves no trace').toEqual([]);
  });

  it('says that a file is no ledger', async () => {
    const { state, write, run } = await place();
    await write('state/ledger.db', 'x'.repeat(5_000));
    const ran = await run(['history', '--state', state]);

    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('ledger.db cannot be read');
    expect(
      (await readFile(join(state, 'ledger.db'), 'utf8')).length,
      'a reader moves nothing',
    ).toBe(5_000);
  });
});

function status(): ControllerStatus {
  const now = epochMs(Date.now());
  return {
    formatVersion: 1,
    kind: 'ControllerStatus',
    version: '0.1.0',
    startedAt: now,
    at: now,
    config: { file: 'fairlead.yaml', loadedAt: now },
    sources: [],
    connections: [],
    programs: [
      {
        id: programId(program),
        key: program,
        names: ['coffee'],
        connection: 'default',
        sources: ['team'],
        state: 'Held',
        since: now,
        targets: { total: 2, done: 1 },
        held: [
          {
            where: '2.5.0/megapay/Production',
            path: 'merchantId',
            reason: 'GateRefused',
            message: 'it asks',
            changeId: id,
            change: id,
            plan: id,
          },
        ],
        blocked: [],
      },
    ],
  };
}

describe('fairlead status', () => {
  it('says whether a controller runs, and what waits for a person', async () => {
    const { state, write, run } = await place();
    await write('state/status.json', JSON.stringify(status()));
    const lock = await lockState(state);
    onTestFinished(() => lock.release());
    const running = await run(['status', '--state', state]);
    lock.release();
    const stopped = await run(['status', '--state', state, '-o', 'json']);

    expect(running).toMatchObject({ code: 0, stderr: '' });
    expect(running.stdout).toMatch(/^The controller runs \(fairlead 0\.1\.0/);
    expect(running.stdout).toContain(`fairlead approve ${id}`);
    expect(JSON.parse(stopped.stdout)).toMatchObject({
      formatVersion: 1,
      kind: 'Status',
      running: false,
      summary: { programs: 1, held: 1 },
      programs: [{ names: ['coffee'], held: [{ changeId: id }] }],
    });
  });

  it('refuses a program nobody knows, and says which was meant', async () => {
    const { state, write, run } = await place();
    await write('state/status.json', JSON.stringify(status()));
    const ran = await run(['status', 'cofee', '--state', state, '-o', 'json']);

    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      error: { code: 'NotFound', nextStep: 'did you mean coffee?' },
    });
  });

  it('ends with 1 where no controller ever was', async () => {
    const { state, run } = await place();
    const ran = await run(['status', '--state', state]);

    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(await readdir(state)).toEqual([]);
  });
});
