import { describe, expect, it } from 'vitest';
import type { Effect, FaultRule } from '../../src/emulator/faults.ts';
import {
  createIds,
  createScene,
  faultWorld,
  heldBy,
  recordCounts,
  writesIn,
  type Wishes,
} from './faults-world.ts';

const wishes: Wishes = { targets: { Test: '{ merchantId: M-7, testers: [u1, u2] }' } };
const key = 'coffee/1.0.0/megapay/Test';
const held = { Test: { merchantId: 'M-7', testers: ['u1', 'u2'] } };

interface Fault {
  readonly name: string;
  readonly why: string;
  readonly effect: Effect;
  readonly more?: Partial<FaultRule>;
}

const faults: readonly Fault[] = [
  { name: 'a lost request', effect: 'dropBefore', why: 'it may be sent again with the same id' },
  {
    name: 'a lost answer after it was applied',
    effect: 'dropAfter',
    why: 'what is there is adopted',
  },
  { name: 'a duplicate', effect: 'duplicate', why: 'the platform knows the id' },
  { name: 'U', effect: 'unknown', why: 'reading the key shows that nothing happened' },
  {
    name: 'U although applied',
    effect: 'unknownApplied',
    why: 'reading the key shows that it happened',
  },
  { name: 'A', effect: 'accepted', why: 'reading the key shows that it happened' },
  { name: '429', effect: 'tooMany', why: 'nothing was done' },
  {
    name: '429 without Retry-After',
    effect: 'tooMany',
    more: { retryAfter: 'none' },
    why: 'we have a back-off of our own',
  },
  {
    name: '500 although applied',
    effect: 'errorApplied',
    why: 'a 500 says nothing about what was done',
  },
  { name: '503', effect: 'status', more: { status: 503 }, why: 'the next attempt works' },
  { name: 'an answer of garbage', effect: 'garbage', why: 'it says nothing about what was done' },
  { name: 'a truncated answer', effect: 'truncated', why: 'it says nothing about what was done' },
  { name: 'a page of HTML', effect: 'errorBody', why: 'it says nothing about what was done' },
  { name: 'a bad signature', effect: 'badSignature', why: 'an answer nobody signed is no answer' },
  {
    name: 'a missing signature',
    effect: 'missingSignature',
    why: 'an answer nobody signed is no answer',
  },
  {
    name: 'a traffic code in a result',
    effect: 'result',
    more: { resultCode: 'REQUEST_TRAFFIC_EXCEED_LIMIT' },
    why: 'nothing was done',
  },
];

describe.each(faults)('$name', ({ effect, more, why }) => {
  it('on a create: one record, as declared, by one request id', async () => {
    const scene = createScene(faultWorld(), wishes);
    const rule: FaultRule = { effect, operation: 'createRelease', times: 1, ...more };

    const { outcomes, calls } = await scene.pass({ faults: { rules: [rule] } });

    expect(
      calls.some(({ http }) => http.fault === effect),
      'the fault struck',
    ).toBe(true);
    expect(
      outcomes.map(({ result }) => result),
      why,
    ).toEqual(['applied']);
    expect(heldBy(scene.host)).toMatchObject(held);
    expect(recordCounts(scene.host)[key]).toBe(1);
    expect(createIds(calls)[`acme/${key}`]).toHaveLength(1);
    const again = await scene.pass();
    expect([again.planned, writesIn(again.calls)]).toEqual([['Test unchanged'], []]);
  });

  it('on a patch: the record as declared, and nothing to do afterwards', async () => {
    const scene = createScene(faultWorld(), { targets: { Test: '{ merchantId: M-1 }' } });
    await scene.pass();
    const rule: FaultRule = { effect, operation: 'patchReleaseConfig', times: 1, ...more };

    const { outcomes, calls } = await scene.pass({ wishes, faults: { rules: [rule] } });

    expect(
      calls.some(({ http }) => http.fault === effect),
      'the fault struck',
    ).toBe(true);
    expect(
      outcomes.map(({ result }) => result),
      why,
    ).toEqual(['applied']);
    expect(heldBy(scene.host)).toMatchObject(held);
    expect(new Set(writesIn(calls).map(({ requestId }) => requestId)).size, 'one id').toBe(1);
    const again = await scene.pass({ wishes });
    expect([again.planned, writesIn(again.calls)]).toEqual([['Test unchanged'], []]);
  });

  it('on a global patch: the global configuration as declared, and nothing to do afterwards', async () => {
    const wanted: Wishes = {
      targets: { Test: '{ testers: [u1] }' },
      global: '{ merchantId: M-9 }',
    };
    const scene = createScene(faultWorld(), wanted);
    await scene.pass({
      wishes: { targets: { Test: '{ testers: [u1] }' }, global: '{ merchantId: M-1 }' },
    });
    const rule: FaultRule = { effect, operation: 'patchGlobalConfig', times: 1, ...more };

    const { outcomes, calls } = await scene.pass({ faults: { rules: [rule] } });

    expect(
      calls.some(({ http }) => http.fault === effect),
      'the fault struck',
    ).toBe(true);
    expect(
      outcomes.map(({ result }) => result),
      why,
    ).toEqual(['applied']);
    expect(heldBy(scene.host)).toMatchObject({ global: { merchantId: 'M-9' } });
    const again = await scene.pass();
    expect([again.planned, writesIn(again.calls)]).toEqual([
      ['Test unchanged', 'global unchanged'].slice(0, again.planned.length),
      [],
    ]);
  });
});
