import { describe, expect, it } from 'vitest';
import { answerOf, findPrograms, isAskable } from '../../../src/core/history/query.ts';
import type { HistoryEntry, KnownProgram } from '../../../src/core/model/history.ts';
import { programId } from '../../../src/core/words/keys.ts';

const program = (workspace: string, miniProgram: string) => ({
  platform: 'mp',
  workspace,
  miniProgram,
});
const coffee = program('acme', '3500');
const coffeeAbroad = program('abroad', '9900');
const books = program('acme', '3501');
const acme = program('other', 'acme');

const known: readonly KnownProgram[] = [
  { key: coffee, names: ['coffee', 'espresso'] },
  { key: coffeeAbroad, names: ['coffee'] },
  { key: books, names: [] },
  { key: acme, names: ['3501'] },
];

describe('findPrograms', () => {
  it.each([
    { subject: 'espresso', why: 'a name', found: [coffee], rest: [] },
    {
      subject: 'coffee/2.5.0',
      why: 'one name, two consoles',
      found: [coffee, coffeeAbroad],
      rest: ['2.5.0'],
    },
    { subject: '3500/Production', why: 'an id', found: [coffee], rest: ['Production'] },
    { subject: '3501', why: 'an id goes before a name', found: [books], rest: [] },
    {
      subject: 'acme/3501/1.0/megapay/Test',
      why: 'a workspace and an id go before an id',
      found: [books],
      rest: ['1.0', 'megapay', 'Test'],
    },
    {
      subject: 'acme/2.0',
      why: 'an id that is a workspace elsewhere',
      found: [acme],
      rest: ['2.0'],
    },
    { subject: 'mp/acme/3500/1.0', why: 'the whole key', found: [coffee], rest: ['1.0'] },
    { subject: 'coffee/', why: 'what a shell completes', found: [coffee, coffeeAbroad], rest: [] },
  ])('$subject: $why', ({ subject, found, rest }) => {
    const answer = findPrograms(subject, known);

    expect(answer?.programs.map(({ key }) => key)).toEqual(found);
    expect(answer?.rest).toEqual(rest);
  });

  it('finds nothing for a name that nobody has', () => {
    expect(findPrograms('cofee', known)).toBeUndefined();
    expect(findPrograms('', known)).toBeUndefined();
  });
});

describe('isAskable', () => {
  it.each([
    { field: 'merchantId', expected: true },
    { field: 'environmentVariables/API_KEY', expected: true },
    { field: 'status', expected: true },
    { field: 'merchantid', expected: false },
    { field: 'API_KEY', expected: false },
  ])('$field: $expected', ({ field, expected }) => {
    expect(isAskable(field)).toBe(expected);
  });
});

const key = { ...coffee, version: '2.5.0', app: 'megapay', environment: 'Production' } as const;
const value = (text: string) => ({ state: 'value', value: text }) as const;
const change = { before: value('a'), after: value('b'), cause: 'drift', explained: {} } as const;

const attempt = {
  kind: 'attempt',
  at: 1,
  program: coffee,
  key,
  action: 'update',
  changeId: 'c-000000000001',
  requestId: 'r',
  result: 'applied',
  source: 'team',
  explained: {},
  fields: [
    { path: 'merchantId', ...change },
    { path: 'clientId', ...change },
  ],
} as unknown as HistoryEntry;

const observed = {
  kind: 'observed',
  at: 1,
  lastSeen: 0,
  program: coffee,
  key,
  marked: false,
  status: { before: 'NewVersionCreated', after: 'UnderReview' },
  fields: [{ path: 'merchantId', before: value('a'), after: value('b') }],
} as unknown as HistoryEntry;

const global = { ...attempt, key: coffee } as HistoryEntry;

const decision = {
  kind: 'decision',
  at: 1,
  program: coffee,
  changeId: 'c-000000000001',
  held: [
    { key, path: 'merchantId', reason: 'GateRefused', message: 'm', changeId: 'c-000000000002' },
    {
      key: coffee,
      path: 'clientId',
      reason: 'GateRefused',
      message: 'm',
      changeId: 'c-000000000003',
    },
  ],
} as unknown as HistoryEntry;

const suspendAll = {
  kind: 'order',
  at: 1,
  order: { kind: 'suspend', id: '1', at: 1, by: 'root', reason: 'x' },
} as unknown as HistoryEntry;

const commit = {
  kind: 'commit',
  at: 1,
  source: 'team',
  commit: { id: 'a' },
} as unknown as HistoryEntry;

const all = { attempt, observed, global, decision, suspendAll, commit };

describe('answerOf', () => {
  it.each<{
    readonly name: string;
    readonly query: Parameters<typeof answerOf>[1];
    readonly expected: readonly (keyof typeof all)[];
  }>([
    {
      name: 'everything',
      query: { parts: [] },
      expected: ['attempt', 'observed', 'global', 'decision', 'suspendAll', 'commit'],
    },
    {
      name: 'a program, with what was said of every program',
      query: { parts: [], programs: new Set([programId(coffee)]) },
      expected: ['attempt', 'observed', 'global', 'decision', 'suspendAll'],
    },
    {
      name: 'another program',
      query: { parts: [], programs: new Set([programId(books)]) },
      expected: ['suspendAll'],
    },
    {
      name: 'parts in any order',
      query: { parts: ['Production', '2.5.0'] },
      expected: ['attempt', 'observed', 'decision'],
    },
    { name: 'another environment', query: { parts: ['Sandbox'] }, expected: [] },
    {
      name: 'the global configuration',
      query: { parts: ['global'] },
      expected: ['global', 'decision'],
    },
    {
      name: 'a field',
      query: { parts: [], field: 'merchantId' },
      expected: ['attempt', 'observed', 'global', 'decision'],
    },
    { name: 'a status', query: { parts: [], field: 'status' }, expected: ['observed'] },
    { name: 'a field nobody touched', query: { parts: [], field: 'testers' }, expected: [] },
  ])('$name', ({ query, expected }) => {
    const found = Object.entries(all).filter(([, entry]) => answerOf(entry, query));

    expect(found.map(([name]) => name)).toEqual(expected);
  });

  it('leaves of an entry what was asked for', () => {
    const query = { parts: [], field: 'merchantId' };

    expect(answerOf(attempt, query)).toMatchObject({ fields: [{ path: 'merchantId' }] });
    expect(answerOf(observed, query)).not.toHaveProperty('status');
    expect(answerOf(observed, { parts: [], field: 'status' })).toMatchObject({ fields: [] });
    expect(answerOf(decision, { parts: ['global'] })).toMatchObject({
      held: [{ path: 'clientId' }],
    });
  });
});
