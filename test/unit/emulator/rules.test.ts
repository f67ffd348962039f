import { describe, expect, it } from 'vitest';

import { ruleIds, rules } from '../../../src/emulator/world/rules.ts';
import { givenWithout, scenarios } from './rule-scenarios.ts';

describe('every documented rule holds', () => {
  it.each(ruleIds.map((id) => ({ id, source: rules[id].source, why: rules[id].text })))(
    '$source: $id',
    ({ id, why }) => {
      const holds = scenarios[id](givenWithout());

      expect(holds, why).toBe(true);
    },
  );
});

describe('switching a rule off turns exactly its own scenario red', () => {
  it.each(ruleIds)('without %s', (id) => {
    const given = givenWithout(id);

    const red = ruleIds.filter((other) => !scenarios[other](given));

    expect(
      red,
      'a test that cannot fail proves nothing, and one that others break says little',
    ).toEqual([id]);
  });
});
