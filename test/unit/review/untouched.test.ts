import { describe, expect, it } from 'vitest';

import type { DesiredProgram, DesiredRelease } from '../../../src/core/model/desired.ts';
import { compare } from '../../../src/review/compare.ts';
import { untouchedOf } from '../../../src/review/untouched.ts';
import { noDiff } from '../../support/review.ts';
import {
  coffee,
  decision,
  field,
  globalChange,
  key,
  plan,
  release,
  value,
} from '../render/build.ts';
import { removedReview } from './situations.ts';
import { declaredReview } from './story.ts';

const wanted = ['2.5.0 megapay/Production', '2.5.0 megapay/Sandbox', '2.4.0 rapipay/Production'];
const program = {
  key: coffee,
  releases: wanted.map((where) => ({ key: key(where) }) as DesiredRelease),
} as unknown as DesiredProgram;
const other = {
  key: { ...coffee, miniProgram: '3500020208396399' },
  releases: [{ key: key('1.0.0 megapay/Production') }],
} as unknown as DesiredProgram;
const after = [program, other];
const pairs = [{ before: program, after: program }];

function comparedWith(one: ReturnType<typeof plan>) {
  const planned = { plan: one, decision: decision(one) };
  const compared = compare({ key: coffee, before: undefined, after: planned });
  return compared ? [compared] : [];
}

const changed = release('2.5.0 megapay/Sandbox', 'update', {
  fields: [field('merchantId', value('M-7'), value('M-8'))],
});
const reaching = globalChange({
  fields: [field('merchantId', value('M-1'), value('M-2'))],
  reach: { merchantId: [key('2.5.0 megapay/Production'), key('2.4.0 rapipay/Production')] },
});
const { diff: declared } = declaredReview();
const [touched] = declared.programs;
const globally = touched && {
  ...declared,
  programs: [{ ...touched, releases: [], global: [{}] as unknown as typeof touched.global }],
};

describe('what is not touched', () => {
  it.each([
    {
      name: 'a change at a platform',
      why: 'two others of the program, and one of another program',
      merged: { compared: comparedWith(plan([changed])), diff: noDiff },
      expected: { targets: 3, programs: 1 },
    },
    {
      name: 'no platform',
      why: 'what is declared anew or otherwise is touched, though nobody planned it',
      merged: { compared: [], diff: declared },
      expected: { targets: 2, programs: 1 },
    },
    {
      name: 'taken away',
      why: 'what is gone is not declared any more, and counts nowhere',
      merged: { compared: [], diff: removedReview().diff },
      expected: { targets: 4, programs: 1 },
    },
    {
      name: 'a global configuration at a platform',
      why: 'the records that it reaches are touched',
      merged: { compared: comparedWith(plan([], { global: [reaching] })), diff: noDiff },
      expected: { targets: 2, programs: 1 },
    },
    {
      name: 'a global configuration without a platform',
      why: 'nobody knows which records inherit it: none is called untouched',
      merged: { compared: [], diff: globally ?? noDiff },
      expected: { targets: 1, programs: 1 },
    },
  ])('$name: $why', ({ merged, expected }) => {
    expect(untouchedOf({ after, pairs, ...merged })).toEqual(expected);
  });
});
