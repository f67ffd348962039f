import { describe, expect, it } from 'vitest';

import { fewest, hotLimit } from '../../../src/reconcile/hot-limit.ts';

describe('how many programs are read one by one', () => {
  it.each([
    { name: 'nothing was swept yet', sweepCalls: undefined, rate: 10, limit: 0 },
    { name: 'a sweep is one call', sweepCalls: 1, rate: 10, limit: 3 },
    { name: 'the rate sets the pace', sweepCalls: 10, rate: 10, limit: 10 },
    { name: 'it does so just yet', sweepCalls: 10, rate: 25, limit: 10 },
    { name: 'pages take the time', sweepCalls: 10, rate: 1000, limit: 102 },
  ])('where $name: $limit', ({ sweepCalls, rate, limit }) => {
    expect(hotLimit(sweepCalls, rate)).toBe(limit);
  });
});

describe('whose programs those are', () => {
  const ownerOf = (name: string): string => name.slice(0, 1);

  it.each([
    { name: 'all fit', members: ['a1', 'b1', 'b2'], limit: 3, few: ['a1', 'b1', 'b2'] },
    { name: 'one wants many', members: ['a1', 'a2', 'a3', 'a4', 'b1'], limit: 3, few: ['b1'] },
    { name: 'nobody fits', members: ['a1', 'a2'], limit: 1, few: [] },
    {
      name: 'two want little',
      members: ['c1', 'c2', 'c3', 'a1', 'b1'],
      limit: 4,
      few: ['a1', 'b1'],
    },
  ])('where $name: $few', ({ members, limit, few }) => {
    expect(fewest(members, limit, ownerOf)).toEqual(few);
  });
});
