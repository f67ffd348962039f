import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { standing, stillNeeded, worthKeeping, type Order } from '../../../src/core/model/orders.ts';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import type { ProgramId } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';

const a = 'c-aaaaaaaaaaaa' as ChangeId;
const b = 'c-bbbbbbbbbbbb' as ChangeId;
const coffee = 'mega/acme/1' as ProgramId;
const books = 'mega/acme/2' as ProgramId;

const base = (at: number, by = 'ann') => ({ id: `order-${String(at)}`, at: epochMs(at), by });
const end = (until?: number) => (until === undefined ? {} : { until: epochMs(until) });

const approve = (at: number, ids: readonly ChangeId[], until?: number, by?: string): Order => ({
  ...base(at, by),
  kind: 'approve',
  asked: ids[0] ?? a,
  ids,
  ...end(until),
});
const used = (at: number, ids: readonly ChangeId[]): Order => ({ ...base(at), kind: 'used', ids });
const suspend = (
  at: number,
  reason: string,
  { program, until, by }: { program?: ProgramId; until?: number; by?: string } = {},
): Order => ({
  ...base(at, by),
  kind: 'suspend',
  reason,
  ...(program === undefined ? {} : { program }),
  ...end(until),
});
const resume = (at: number, program?: ProgramId): Order => ({
  ...base(at),
  kind: 'resume',
  ...(program === undefined ? {} : { program }),
});

/** What stands, as plain data. */
function stands(orders: readonly Order[], now: number) {
  const { approved, everything, programs, changesAt } = standing(orders, epochMs(now));
  return {
    approved: [...approved].toSorted().map(([id, { by, until }]) => ({ id, by, until })),
    everything,
    programs: [...programs].toSorted(),
    changesAt,
  };
}

const nothing = { approved: [], everything: undefined, programs: [], changesAt: undefined };

describe('approvals', () => {
  it.each([
    { name: 'none', why: 'nobody said anything', orders: [], now: 10, expected: [] },
    {
      name: 'two ids of one order',
      why: 'a plan is approved field by field',
      orders: [approve(1, [a, b])],
      now: 10,
      expected: [
        { id: a, by: 'ann', until: undefined },
        { id: b, by: 'ann', until: undefined },
      ],
    },
    {
      name: 'before its end',
      why: 'the last millisecond still counts',
      orders: [approve(1, [a], 20)],
      now: 19,
      expected: [{ id: a, by: 'ann', until: 20 }],
    },
    {
      name: 'at its end',
      why: 'until is when it is over',
      orders: [approve(1, [a], 20)],
      now: 20,
      expected: [],
    },
    {
      name: 'used',
      why: 'the first write uses it up',
      orders: [approve(1, [a]), used(2, [a])],
      now: 10,
      expected: [],
    },
    {
      name: 'used in part',
      why: 'the rest of a plan is not void',
      orders: [approve(1, [a, b]), used(2, [a])],
      now: 10,
      expected: [{ id: b, by: 'ann', until: undefined }],
    },
    {
      name: 'approved again after use',
      why: 'the same change may come once more, and somebody said yes once more',
      orders: [approve(1, [a]), used(2, [a]), approve(3, [a], undefined, 'bob')],
      now: 10,
      expected: [{ id: a, by: 'bob', until: undefined }],
    },
    {
      name: 'approved twice, the second shorter',
      why: 'the last word counts, also where it says less',
      orders: [approve(1, [a]), approve(2, [a], 5)],
      now: 10,
      expected: [],
    },
    {
      name: 'used before it was approved',
      why: 'a use ends only what was said before it',
      orders: [used(1, [a]), approve(2, [a])],
      now: 10,
      expected: [{ id: a, by: 'ann', until: undefined }],
    },
  ])('$name', ({ why, orders, now, expected }) => {
    expect(stands(orders, now).approved, why).toEqual(expected);
  });
});

describe('suspensions', () => {
  it('replace one another, reason, end and person included', () => {
    const orders = [
      suspend(1, 'first', { until: 100 }),
      suspend(2, 'second', { until: 50, by: 'bob' }),
    ];

    expect(stands(orders, 10)).toEqual({
      ...nothing,
      everything: { reason: 'second', by: 'bob', at: 2, until: 50 },
      changesAt: 50,
    });
    expect(stands(orders, 50), 'the first does not come back').toEqual(nothing);
  });

  it('of everything and of a program stand and end apart', () => {
    const orders = [
      suspend(1, 'all'),
      suspend(2, 'one', { program: coffee }),
      suspend(3, 'other', { program: books, until: 30 }),
    ];
    const one = [coffee, { reason: 'one', by: 'ann', at: 2 }];
    const other = [books, { reason: 'other', by: 'ann', at: 3, until: 30 }];

    expect(stands(orders, 10)).toEqual({
      ...nothing,
      everything: { reason: 'all', by: 'ann', at: 1 },
      programs: [one, other],
      changesAt: 30,
    });
    expect(
      stands([...orders, resume(4)], 10),
      'resume without a program lifts that of everything only',
    ).toMatchObject({ everything: undefined, programs: [one, other] });
    expect(stands([...orders, resume(4, coffee)], 10)).toMatchObject({
      everything: { reason: 'all' },
      programs: [other],
    });
    expect(stands([...orders, resume(4), resume(5, coffee), resume(6, books)], 10)).toEqual(
      nothing,
    );
  });

  it('given after a resume stand again', () => {
    expect(stands([suspend(1, 'a'), resume(2), suspend(3, 'b')], 10).everything?.reason).toBe('b');
  });

  it('tell the next moment at which anything ends by itself', () => {
    const orders = [
      approve(1, [a], 40),
      approve(2, [b], 15),
      suspend(3, 'x', { program: coffee, until: 30 }),
    ];

    expect([10, 15, 30, 40].map((now) => stands(orders, now).changesAt)).toEqual([
      15,
      30,
      40,
      undefined,
    ]);
  });
});

/** Any history: few ids, so that orders meet. Times are distinct, as the directory makes them. */
const histories = fc
  .array(
    fc.record({
      kind: fc.constantFrom('approve', 'used', 'suspend', 'resume'),
      ids: fc.subarray([a, b], { minLength: 1 }),
      program: fc.constantFrom(undefined, coffee, books),
      until: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    }),
    { maxLength: 14 },
  )
  .map((drawn) =>
    drawn.map(({ kind, ids, program, until }, index): Order => {
      const at = index + 1;
      if (kind === 'approve') return approve(at, ids, until);
      if (kind === 'used') return used(at, ids);
      if (kind === 'resume') return resume(at, program);
      return suspend(at, `reason ${String(at)}`, {
        ...(program === undefined ? {} : { program }),
        ...(until === undefined ? {} : { until }),
      });
    }),
  );
const moments = fc.integer({ min: 0, max: 70 });

describe('any history', () => {
  it('means the same in any order of its files', () => {
    fc.assert(
      fc.property(histories, moments, fc.integer(), (orders, now, seed) => {
        const shuffled = orders
          .map((order, index) => ({ order, key: Math.sin(seed + index) }))
          .toSorted((x, y) => x.key - y.key)
          .map(({ order }) => order);

        expect(stands(shuffled, now)).toEqual(stands(orders, now));
      }),
    );
  });

  it('lets nothing stand that is over, and tells no end that is past', () => {
    fc.assert(
      fc.property(histories, moments, (orders, now) => {
        const { approved, everything, programs, changesAt } = standing(orders, epochMs(now));
        const all = [
          ...approved.values(),
          ...programs.values(),
          ...(everything ? [everything] : []),
        ];

        expect(all.every(({ until }) => until === undefined || until > now)).toBe(true);
        expect(changesAt === undefined || changesAt > now).toBe(true);
      }),
    );
  });

  it('means the same now and later when what is not needed goes, one file after the other', () => {
    fc.assert(
      fc.property(histories, moments, (orders, now) => {
        const needed = new Set(stillNeeded(orders, epochMs(now)));
        const dead = orders.filter((order) => !needed.has(order));

        let left = orders;
        for (const order of [undefined, ...dead]) {
          left = left.filter((one) => one !== order);
          for (const moment of [now, now + 1, now + 5, now + 30, now + 100]) {
            expect(stands(left, moment)).toEqual(stands(orders, moment));
          }
        }
        expect(left).toEqual([...needed]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is still needed', () => {
  it.each([
    { name: 'a used approval is not', orders: [approve(1, [a]), used(2, [a])], expected: [] },
    {
      name: 'an approval used in part is, and what says so',
      orders: [approve(1, [a, b]), used(2, [a])],
      expected: [1, 2],
    },
    {
      name: 'an expired approval is not',
      orders: [approve(1, [a], 5), approve(2, [b], 50)],
      expected: [2],
    },
    {
      name: 'a suspension that was resumed is not, nor what resumed it',
      orders: [suspend(1, 'x'), suspend(2, 'y', { program: coffee }), resume(3)],
      expected: [2],
    },
    {
      name: 'of two suspensions the later is',
      orders: [suspend(1, 'x'), suspend(2, 'y')],
      expected: [2],
    },
    { name: 'a resume of nothing is not', orders: [resume(1), resume(2, coffee)], expected: [] },
  ])('$name', ({ orders, expected }) => {
    expect(stillNeeded(orders, epochMs(10)).map(({ at }) => at)).toEqual(expected);
  });
});

describe('a clock that is wrong', () => {
  const day = 86_400_000;

  it('set back, revives no approval, and lets a suspension hold again', () => {
    const orders = [approve(1, [a], 20), suspend(2, 'x', { until: 20 })];

    const { approved, everything } = standing(orders, epochMs(10), epochMs(30));

    expect([...approved]).toEqual([]);
    expect(everything).toMatchObject({ reason: 'x' });
  });

  const over = suspend(1, 'x', { until: 10 });
  it.each([
    {
      name: 'ahead by years removes nothing by itself',
      why: 'a suspension would be gone for good once the clock is right again',
      orders: [over, approve(2, [a])],
      now: 9_999 * day,
      expected: [1, 2],
    },
    {
      name: 'behind removes nothing',
      why: 'the newest order may have been given by a clock that was ahead',
      orders: [over, approve(9_999 * day, [a])],
      now: 10 + 29 * day,
      expected: [1, 9_999 * day],
    },
    {
      name: 'right, and orders go on being given: what is over for thirty days goes',
      why: 'the directory must not grow for ever',
      orders: [over, approve(10 + 31 * day, [a])],
      now: 10 + 31 * day,
      expected: [10 + 31 * day],
    },
    {
      name: 'what was used, replaced or resumed goes at once',
      why: 'no clock can bring it back',
      orders: [approve(1, [a]), suspend(2, 'x'), suspend(3, 'y'), resume(4), used(5, [a])],
      now: 6,
      expected: [],
    },
  ])('$name', ({ orders, now, expected }) => {
    expect(worthKeeping(orders, epochMs(now)).map(({ at }) => at)).toEqual(expected);
  });
});
