import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../../src/core/model/history.ts';
import { historyDocument } from '../../../src/core/render/history-document.ts';
import { HistorySchema } from '../../../src/core/render/history-schema.ts';
import { historyText, programNames } from '../../../src/core/render/history-text.ts';
import type { Style } from '../../../src/core/render/style.ts';
import { stringWidth } from '../../../src/core/render/width.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { coffee, key, now, secret, value } from './build.ts';

const plain: Style = { color: false, width: 100, unicode: true };
const nameOf = programNames([{ key: coffee, names: ['coffee'] }]);
const minute = 60_000;

const commit = {
  id: '1a2b3c4d5e6f77889900aabbccddeeff00112233',
  author: 'Jane Doe <jane@example.com>',
  subject: 'Pay the new company',
  at: now,
};

const attempt = {
  kind: 'attempt',
  at: now,
  program: coffee,
  key: key('2.5.0 megapay/Production'),
  action: 'update',
  changeId: 'c-41d0c7e2aa19',
  requestId: 'r',
  result: 'applied',
  source: 'team',
  explained: { commit, file: 'coffee.yaml', line: 3 },
  approvedBy: 'root',
  fields: [
    {
      path: 'merchantId',
      before: value('M-77'),
      after: value('M-88'),
      cause: 'declaration',
      explained: { commit, file: 'coffee.yaml', line: 14 },
    },
    {
      path: 'environmentVariables/API_KEY',
      before: secret('7c1e000000000000'),
      after: secret('7c1f000000000000'),
      cause: 'drift',
      explained: { commit, file: 'coffee.yaml', line: 15 },
    },
  ],
} as unknown as HistoryEntry;

const observed = {
  kind: 'observed',
  at: epochMs(now + 5 * minute),
  lastSeen: now,
  program: coffee,
  key: key('2.5.0 megapay/Production'),
  marked: false,
  status: { before: 'NewVersionCreated', after: 'UnderReview' },
  fields: [
    { path: 'merchantId', before: value('M-88'), after: value('M-99') },
    { path: 'testers', before: value(['208801', '208802']), after: value(['208803']) },
  ],
} as unknown as HistoryEntry;

function textOf(entries: readonly HistoryEntry[], style = plain, hasMore = false): string {
  return historyText({ entries, hasMore }, { style, nameOf });
}

describe('historyText', () => {
  it('says who wrote what, by which commit and line, and who approved', () => {
    expect(textOf([attempt])).toBe(
      `2026-03-01 12:00:00Z  coffee  2.5.0  megapay/Production  written by fairlead
    merchantId  M-77 -> M-88                    coffee.yaml:14
    API_KEY     (secret 7c1e) -> (secret 7c1f)  coffee.yaml:15  put back as declared
    commit 1a2b3c4d5e6f by Jane Doe <jane@example.com>: Pay the new company
    approved by root
`,
    );
  });

  it('says between which two observations something changed by hand, and names no tester', () => {
    expect(textOf([observed])).toBe(
      `2026-03-01 12:05:00Z  coffee  2.5.0  megapay/Production  changed on the platform, not by fairlead
    status      NewVersionCreated -> UnderReview
    merchantId  M-88 -> M-99
    testers     2 -> 1 (+1, -2)
    seen as before until 2026-03-01 12:00:00Z, and so since 2026-03-01 12:05:00Z
`,
    );
  });

  it.each([
    {
      name: 'a colleague’s command',
      entry: { ...observed, marked: true },
      expected: 'changed by another run of fairlead',
    },
    {
      name: 'a record that appeared',
      entry: { ...observed, lastSeen: undefined },
      expected: 'appeared on the platform, not by fairlead',
    },
    {
      name: 'a write that failed',
      entry: { ...attempt, result: 'failed', code: 'PlatformRefused' },
      expected: 'not written: PlatformRefused',
    },
    {
      name: 'a record that was created',
      entry: { ...attempt, action: 'create' },
      expected: 'created by fairlead',
    },
    {
      name: 'the global configuration',
      entry: { ...attempt, key: coffee },
      expected: 'coffee  global configuration  written by fairlead',
    },
    {
      name: 'something held',
      entry: {
        kind: 'decision',
        at: now,
        program: coffee,
        changeId: 'c-1',
        held: [
          {
            key: key('2.5.0 megapay/Production'),
            path: 'merchantId',
            reason: 'GateRefused',
            message: 'too many',
            changeId: 'c-41d0c7e2aa19',
          },
        ],
      },
      expected: '2.5.0 megapay/Production merchantId: GateRefused, too many (c-41d0c7e2aa19)',
    },
    {
      name: 'nothing held any more',
      entry: { kind: 'decision', at: now, program: coffee, changeId: 'c-1', held: [] },
      expected: 'coffee  nothing is held any more',
    },
    {
      name: 'a suspension of everything',
      entry: {
        kind: 'order',
        at: now,
        order: { kind: 'suspend', id: '1', at: now, by: 'root', reason: 'incident', until: now },
      },
      expected: 'every program  suspended by root\n    incident\n    until 2026-03-01 12:00:00Z',
    },
    {
      name: 'an approval of something unknown',
      entry: {
        kind: 'order',
        at: now,
        order: { kind: 'approve', id: '1', at: now, by: 'root', asked: 'c-1', ids: ['c-1'] },
      },
      expected: '2026-03-01 12:00:00Z  approved by root\n    c-1',
    },
    {
      name: 'a commit',
      entry: { kind: 'commit', at: now, source: 'team', commit, before: '0011223344556677' },
      expected: 'source team  came into force\n    commit 1a2b3c4d5e6f by Jane Doe',
    },
  ])('tells $name', ({ entry, expected }) => {
    expect(textOf([entry as unknown as HistoryEntry])).toContain(expected);
  });

  it('stays within a narrow terminal', () => {
    const lines = textOf([observed, attempt], { ...plain, width: 60 }).split('\n');

    expect(lines.filter((line) => stringWidth(line) > 60)).toEqual([]);
    expect(lines.join(' ')).toContain('M-88 -> M-99');
  });

  it('says that there is more', () => {
    expect(textOf([attempt], plain, true)).toContain('--limit 0');
    expect(textOf([attempt])).not.toContain('--limit');
  });

  it('is loud about Production in colour alone', () => {
    const coloured = textOf([attempt], { ...plain, color: true });

    expect(coloured).toContain('\u001b[1;31mmegapay/Production\u001b[0m');
    expect(textOf([attempt])).not.toContain('\u001b');
  });

  it('makes what others wrote inert', () => {
    const wild = 'x\u001b[31m\ny\u202e';
    const entry = {
      ...attempt,
      approvedBy: wild,
      explained: { commit: { ...commit, author: wild, subject: wild }, file: wild },
    } as unknown as HistoryEntry;
    const text = historyText(
      { entries: [entry], hasMore: false },
      { style: plain, nameOf: () => wild },
    );

    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(text.split('\n')).toHaveLength(textOf([attempt]).split('\n').length);
  });
});

const isHistory = new Ajv({ allErrors: true }).compile(JSON.parse(JSON.stringify(HistorySchema)));

describe('historyDocument', () => {
  it('is as its schema says, whatever happened', () => {
    const entries = [
      attempt,
      observed,
      { ...observed, lastSeen: undefined, status: undefined },
      { ...attempt, result: 'failed', code: 'Stale', key: coffee, explained: {}, fields: [] },
      { kind: 'commit', at: now, source: 'team', commit: { id: 'a' } },
      {
        kind: 'decision',
        at: now,
        program: coffee,
        changeId: 'c-41d0c7e2aa19',
        held: [
          {
            ...{ key: coffee, path: 'merchantId', reason: 'GateRefused', message: 'm' },
            changeId: 'c-41d0c7e2aa19',
          },
        ],
      },
      {
        kind: 'order',
        at: now,
        program: coffee,
        order: { kind: 'suspend', id: '1', at: now, by: 'root', reason: 'r', until: now },
      },
      { kind: 'order', at: now, order: { kind: 'resume', id: '1', at: now, by: 'root' } },
    ] as unknown as readonly HistoryEntry[];
    isHistory(JSON.parse(JSON.stringify(historyDocument({ entries, hasMore: false }))));

    expect(isHistory.errors).toBeNull();
  });

  it('gives every moment as text, and every question one key', () => {
    expect(historyDocument({ entries: [observed, attempt], hasMore: true })).toMatchObject({
      formatVersion: 1,
      kind: 'History',
      hasMore: true,
      entries: [
        {
          kind: 'observed',
          at: '2026-03-01T12:05:00.000Z',
          lastSeenAt: '2026-03-01T12:00:00.000Z',
          key: key('2.5.0 megapay/Production'),
          status: { before: 'NewVersionCreated', after: 'UnderReview' },
          fields: [{ path: 'merchantId' }, { path: 'testers' }],
        },
        {
          kind: 'attempt',
          result: 'applied',
          code: null,
          approvedBy: 'root',
          commit: { id: commit.id, author: commit.author, at: '2026-03-01T12:00:00.000Z' },
          origin: { file: 'coffee.yaml', line: 3 },
          fields: [
            {
              path: 'merchantId',
              before: value('M-77'),
              after: value('M-88'),
              cause: 'declaration',
            },
            { path: 'environmentVariables/API_KEY', origin: { file: 'coffee.yaml', line: 15 } },
          ],
        },
      ],
    });
  });

  it('says null where nobody knows', () => {
    const entry = { ...attempt, explained: {}, approvedBy: undefined, fields: [] };
    const document = historyDocument({
      entries: [entry as unknown as HistoryEntry],
      hasMore: false,
    });

    expect(document).toMatchObject({
      entries: [{ commit: null, origin: null, approvedBy: null, fields: [] }],
    });
  });
});
