import { describe, expect, it } from 'vitest';
import { judge, judgeGlobal, type Situation } from '../../../src/core/plan/ownership.ts';

const nothing: Situation = { declared: false, set: false, equal: false, base: 'none' };

const release = [
  {
    name: '1: equal, no mark',
    given: { declared: true, set: true, equal: true, base: 'noMark' },
    expected: [1, null, null, 'desired'],
  },
  {
    name: '1: equal, base differs',
    given: { declared: true, set: true, equal: true, base: 'neither' },
    expected: [1, null, null, 'desired'],
  },
  {
    name: '2: no mark, set',
    given: { declared: true, set: true, base: 'noMark' },
    expected: [2, 'value', 'adoption', 'desired'],
  },
  {
    name: '2: no mark, unset',
    given: { declared: true, base: 'noMark' },
    expected: [2, 'value', 'adoption', 'desired'],
  },
  {
    name: '2: marked without a base, set',
    given: { declared: true, set: true, base: 'none' },
    expected: [2, 'value', 'adoption', 'desired'],
  },
  {
    name: '3: observed is the base',
    given: { declared: true, set: true, base: 'observed' },
    expected: [3, 'value', 'declaration', 'desired'],
  },
  {
    name: '3: neither base nor value',
    given: { declared: true, base: 'none' },
    expected: [3, 'value', 'declaration', 'desired'],
  },
  {
    name: '4: declared is the base, set',
    given: { declared: true, set: true, base: 'desired' },
    expected: [4, 'value', 'drift', 'desired'],
  },
  {
    name: '4: declared is the base, removed by hand',
    given: { declared: true, base: 'desired' },
    expected: [4, 'value', 'drift', 'desired'],
  },
  {
    name: '5: both moved',
    given: { declared: true, set: true, base: 'neither' },
    expected: [5, 'value', 'conflict', 'desired'],
  },
  {
    name: '5: declared anew, removed by hand',
    given: { declared: true, base: 'neither' },
    expected: [5, 'value', 'conflict', 'desired'],
  },
  {
    name: '6: what we wrote left the declaration',
    given: { set: true, base: 'observed' },
    expected: [6, 'inherit', 'declaration', 'none'],
  },
  {
    name: '7: set by hand over what we wrote',
    given: { set: true, base: 'neither' },
    expected: [7, null, 'undeclared', 'none'],
  },
  {
    name: '7: set by hand',
    given: { set: true, base: 'none' },
    expected: [7, null, 'undeclared', 'none'],
  },
  {
    name: '7: set, no mark',
    given: { set: true, base: 'noMark' },
    expected: [7, null, 'undeclared', 'none'],
  },
  { name: '8: nothing anywhere', given: { base: 'none' }, expected: [8, null, null, 'none'] },
  { name: '8: gone on both sides', given: { base: 'neither' }, expected: [8, null, null, 'none'] },
] as const;

describe('judge', () => {
  it.each(release)('row $name', ({ given, expected }) => {
    const { row, write, cause, nextBase } = judge({ ...nothing, ...given });

    expect([row, write, cause, nextBase]).toEqual(expected);
  });
});

const global = [
  {
    name: '3: declared',
    unset: false,
    given: { declared: true, set: true, base: 'observed' },
    expected: [3, 'value', 'declaration', 'desired'],
  },
  {
    name: '9: unset what we wrote',
    unset: true,
    given: { set: true, base: 'observed' },
    expected: [9, 'inherit', 'declaration', 'none'],
  },
  {
    name: '10: unset what somebody set',
    unset: true,
    given: { set: true, base: 'none' },
    expected: [10, 'inherit', 'adoption', 'none'],
  },
  {
    name: '10: unset, no mark',
    unset: true,
    given: { set: true, base: 'noMark' },
    expected: [10, 'inherit', 'adoption', 'none'],
  },
  {
    name: '11: unset what somebody changed',
    unset: true,
    given: { set: true, base: 'neither' },
    expected: [11, 'inherit', 'conflict', 'none'],
  },
  {
    name: '8: unset and not set',
    unset: true,
    given: { base: 'neither' },
    expected: [8, null, null, 'none'],
  },
  {
    name: '12: what we wrote left the declaration and stays',
    unset: false,
    given: { set: true, base: 'observed' },
    expected: [12, null, 'undeclared', 'none'],
  },
  {
    name: '12: set by hand',
    unset: false,
    given: { set: true, base: 'none' },
    expected: [12, null, 'undeclared', 'none'],
  },
  { name: '8: nothing anywhere', unset: false, given: {}, expected: [8, null, null, 'none'] },
] as const;

describe('judgeGlobal', () => {
  it.each(global)('row $name', ({ given, unset, expected }) => {
    const { row, write, cause, nextBase } = judgeGlobal({ ...nothing, ...given }, unset);

    expect([row, write, cause, nextBase]).toEqual(expected);
  });
});
