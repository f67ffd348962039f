import { expect, it } from 'vitest';
import { lintPlans } from '../../../src/core/lint/lint.ts';
import { settledFindings } from '../../../src/core/lint/settled.ts';
import type { Change, FieldChange, Plan } from '../../../src/core/model/plan.ts';
import type { Action } from '../../../src/core/words/reasons.ts';
import { noon } from './linting.ts';
import type { DocumentId, Place } from '../../../src/core/words/places.ts';

const document = 'cli|shop.yaml#0' as DocumentId;
const shared: Place = { document, pointer: '/spec/config/merchantId' };
const own: Place = { document, pointer: '/spec/targets/0/config/merchantId' };

function plan(...changes: readonly (readonly [Action, ...Place[]])[]): Plan {
  const entries = changes.map(
    ([action, ...origins]) =>
      ({
        action,
        fields: [{ path: 'merchantId', origins } as unknown as FieldChange],
      }) as unknown as Change,
  );
  return { changes: entries, global: [] } as unknown as Plan;
}

it.each([
  {
    name: 'a line that reaches only settled records',
    plans: [plan(['settled', shared], ['settled', shared])],
    told: [shared.pointer],
  },
  {
    name: 'a line that also updates a record',
    plans: [plan(['settled', shared], ['update', shared])],
    told: [],
  },
  {
    name: 'a line that also updates a record of another program',
    plans: [plan(['settled', shared]), plan(['create', shared])],
    told: [],
  },
  {
    name: 'a line that is blocked elsewhere, which is told there',
    plans: [plan(['blocked', shared], ['settled', shared])],
    told: [],
  },
  {
    name: 'one of two lines',
    plans: [plan(['settled', shared, own], ['update', shared])],
    told: [own.pointer],
  },
  { name: 'a line without any difference', plans: [plan(['unchanged'])], told: [] },
])('$name', ({ plans, told }) => {
  expect(settledFindings(plans).map(({ rule, place }) => [rule, place.pointer])).toEqual(
    told.map((pointer) => ['settled-only', pointer]),
  );
});

it('is judged by the repository like everything else', () => {
  const input = {
    sources: [],
    plans: [plan(['settled', shared])],
    locate: () => ({ file: 'shop.yaml', line: 1, column: 1 }),
    now: noon,
  };
  const waiver = { rule: 'settled-only', reason: 'for 2.5.0', expires: '2026-12-31' };

  expect(lintPlans({ ...input, repository: undefined }).map(({ severity }) => severity)).toEqual([
    'warning',
  ]);
  expect(lintPlans({ ...input, repository: { lint: { waivers: [waiver] } } })).toEqual([]);
  expect(
    lintPlans({ ...input, repository: { lint: { severities: { 'settled-only': 'info' } } } })[0]
      ?.severity,
  ).toBe('info');
});
