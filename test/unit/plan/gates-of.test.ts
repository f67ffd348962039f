import { describe, expect, it } from 'vitest';
import { gatesOf } from '../../../src/core/plan/gates.ts';

describe('gatesOf', () => {
  it('fills in the defaults', () => {
    expect(gatesOf(undefined)).toEqual({
      maxChanges: 50,
      maxPercent: 30,
      maxPrograms: 20,
      clearTesters: 'ask',
      clearDomains: 'ask',
      productionPayee: 'ask',
    });
    expect(gatesOf({ maxChanges: 'off', maxPercent: 0, clearTesters: 'off' })).toEqual({
      maxChanges: 'off',
      maxPercent: 0,
      maxPrograms: 20,
      clearTesters: 'off',
      clearDomains: 'ask',
      productionPayee: 'ask',
    });
  });
});
