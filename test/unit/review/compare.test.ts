import { describe, expect, it } from 'vitest';

import type { Held, Plan } from '../../../src/core/model/plan.ts';
import { compare } from '../../../src/review/compare.ts';
import { decision, field, plan, release, unset, value } from '../render/build.ts';

const merchant = field('merchantId', value('M-1'), value('M-2'));
const client = field('clientId', value('C-1'), value('C-2'));
const mark = field('mark', value('a'), value('b'));

const update = (...fields: readonly ReturnType<typeof field>[]): Plan =>
  plan([release('2.5.0 megapay/Production', 'update', { fields })]);
const create = (...fields: readonly ReturnType<typeof field>[]): Plan =>
  plan([release('2.5.0 megapay/Production', 'create', { fields })]);
const equal = plan([release('2.5.0 megapay/Production', 'unchanged')]);
const blocked = plan([
  release('2.5.0 megapay/Production', 'blocked', { reasons: ['ConfigLocked'] }),
]);

/** Every field held for one reason. */
function held(one: Plan, reason: Held['reason']): readonly Held[] {
  return one.changes
    .flatMap(({ fields }) => fields)
    .map(({ changeId }) => ({ changeId, reason, message: 'held' }));
}

interface Case {
  readonly name: string;
  readonly why: string;
  readonly before: Plan | undefined;
  readonly after: Plan | undefined;
  readonly heldBefore?: Held['reason'];
  readonly heldAfter?: Held['reason'];
  readonly own: readonly string[];
  readonly riding: readonly string[];
  readonly dropped?: readonly string[];
}

const cases: readonly Case[] = [
  {
    ...{ name: 'a new wish', why: 'nothing was pending', before: equal, after: update(merchant) },
    ...{ own: ['update merchantId'], riding: [] },
  },
  {
    ...{ name: 'the same wish', why: 'it was pending before', before: update(merchant) },
    ...{ after: update(merchant), own: [], riding: ['update merchantId'] },
  },
  {
    ...{ name: 'one more field', why: 'each is judged alone', before: update(merchant) },
    ...{ after: update(merchant, client), own: ['update clientId'], riding: ['update merchantId'] },
  },
  {
    ...{ name: 'another value', why: 'it is another change', before: update(merchant) },
    after: update(field('merchantId', value('M-1'), value('M-3'))),
    ...{ own: ['update merchantId'], riding: [] },
  },
  {
    name: 'a wish that was held and now goes',
    why: 'whoever loosens a policy makes it happen',
    ...{ before: update(merchant), heldBefore: 'DriftReported', after: update(merchant) },
    ...{ own: ['update merchantId'], riding: [] },
  },
  {
    name: 'a wish that went and is now held',
    why: 'a gate that counts it in is an effect too',
    ...{ before: update(merchant), after: update(merchant), heldAfter: 'GateRefused' },
    ...{ own: ['update merchantId'], riding: [] },
  },
  {
    ...{
      name: 'a new record',
      why: 'it stays for ever',
      before: undefined,
      after: create(merchant),
    },
    ...{ own: ['create merchantId'], riding: [] },
  },
  {
    name: 'a field of a record that was pending',
    why: 'the record itself is not the fault of this pull request',
    before: create(field('clientId', unset, value('C'))),
    after: create(field('clientId', unset, value('C')), field('merchantId', unset, value('M'))),
    ...{ own: ['update merchantId'], riding: ['create clientId'] },
  },
  {
    ...{ name: 'a block that stood before', why: 'it is not new', before: blocked, after: blocked },
    ...{ own: [], riding: ['blocked '] },
  },
  {
    ...{ name: 'a new block', why: 'somebody must do something', before: equal, after: blocked },
    ...{ own: ['blocked '], riding: [] },
  },
  {
    name: 'a wish that is taken back',
    why: 'what was to happen does not',
    ...{ before: update(merchant), after: equal },
    ...{ own: [], riding: [], dropped: ['update merchantId'] },
  },
  {
    ...{ name: 'a mark', why: 'nobody notices it', before: equal, after: update(merchant, mark) },
    ...{ own: ['update merchantId'], riding: [] },
  },
  {
    ...{ name: 'a program that is gone', why: 'nothing is deleted', before: equal },
    ...{ after: undefined, own: [], riding: [] },
  },
];

describe('the plan of head minus the plan of base', () => {
  it.each(cases)('$name: $why', ({ before, after, heldBefore, heldAfter, ...expected }) => {
    const side = (one: Plan | undefined, reason: Held['reason'] | undefined) =>
      one && { plan: one, decision: decision(one, reason ? held(one, reason) : []) };
    const key = (after ?? before)!.key;

    const found = compare({
      key,
      before: side(before, heldBefore),
      after: side(after, heldAfter),
    });
    const told = (part: 'own' | 'riding' | 'dropped') =>
      found?.[part].changes.map(
        ({ change, fields }) =>
          `${change.action} ${fields.map(({ field: { path } }) => path).join(' ')}`,
      );

    expect(told('own'), expected.why).toEqual(expected.own);
    expect(told('riding'), expected.why).toEqual(expected.riding);
    expect(told('dropped'), expected.why).toEqual(expected.dropped ?? []);
  });
});
