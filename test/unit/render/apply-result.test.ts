import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

import { revision } from '../../../src/core/model/observed.ts';
import type { ReleaseChange } from '../../../src/core/model/plan.ts';
import { applyDocument, applyText, type Done } from '../../../src/core/render/apply-result.ts';
import { ApplySchema } from '../../../src/core/render/apply-schema.ts';
import { renderText } from '../../../src/core/render/text.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { wide } from './as-text.ts';
import { decision, field, holdingAll, key, plan, release, set, unset, value } from './build.ts';

const isResult = new Ajv().compile(JSON.parse(JSON.stringify(ApplySchema)));

const one = plan([
  release('2.5.0 megapay/Production', 'create', {
    fields: [field('merchantId', unset, value('M-1'))],
  }),
  release('2.5.0 megapay/Sandbox', 'update', {
    fields: [
      field('merchantId', value('M-1'), value('M-2')),
      field('clientId', value('1'), value('2')),
      field('testers', value(['1']), value(['2'])),
    ],
  }),
  release('2.5.0 rapipay/Sandbox', 'update', {
    fields: [field('merchantId', value('M-1'), value('M-2'))],
  }),
  release('2.5.0 tapngo/Sandbox', 'update', {
    fields: [field('merchantId', value('M-1'), value('M-2'))],
  }),
  release('2.5.0 tapngo/Test', 'update', {
    fields: [field('merchantId', value('M-1'), value('M-2'))],
  }),
  release('2.4.0 tapngo/Test', 'unchanged'),
]);
const [created, updated, failed, skipped, held] = one.changes as [
  ReleaseChange,
  ReleaseChange,
  ReleaseChange,
  ReleaseChange,
  ReleaseChange,
];
const [, clientId, testers] = updated.fields;

const decided = decision(one, [
  { changeId: held.fields[0]!.changeId, reason: 'DriftReported', message: 'drift: --allow c' },
  { changeId: testers!.changeId, reason: 'GateRefused', message: 'clears' },
]);

function applied(change: ReleaseChange, left: Extract<Done, { result: 'applied' }>['left']): Done {
  return {
    result: 'applied',
    change,
    left,
    written: {
      kind: 'release',
      release: {
        key: change.key,
        id: `r-${change.key.environment}`,
        status: 'NewVersionCreated',
        revision: revision('8'),
        config: {},
        testQrCode: `https://qr.example/${change.key.environment}`,
      },
    },
  };
}

const result = {
  set: set([one], { decisions: [decided] }),
  outcomes: [
    applied(updated, [clientId!.changeId]),
    applied(created, []),
    {
      result: 'failed',
      change: failed,
      error: new ReconcileError('PlatformRefused', 'merchant M-2 is unknown', {
        nextStep: 'ask the acquirer',
      }),
    },
    { result: 'skipped', change: skipped, why: 'interrupted' },
  ] satisfies Done[],
};

describe('what was and what was not done', () => {
  it('as JSON, in the order of the plan', () => {
    const document = applyDocument(result);

    expect(isResult(JSON.parse(JSON.stringify(document))), 'its own schema').toBe(true);
    expect(
      document.outcomes.map(({ key, ...rest }) => [Object.values(key).slice(3), rest]),
    ).toEqual([
      [
        ['2.5.0', 'megapay', 'Production'],
        {
          ...{ action: 'create', result: 'applied', code: null, message: null },
          ...{ releaseId: 'r-Production', testQrCode: 'https://qr.example/Production' },
        },
      ],
      [
        ['2.5.0', 'megapay', 'Sandbox'],
        {
          ...{ action: 'update', result: 'applied', code: null },
          message: 'not written: clientId; held: testers',
          ...{ releaseId: 'r-Sandbox', testQrCode: 'https://qr.example/Sandbox' },
        },
      ],
      [
        ['2.5.0', 'rapipay', 'Sandbox'],
        {
          ...{ action: 'update', result: 'failed', code: 'PlatformRefused' },
          ...{ message: 'merchant M-2 is unknown', releaseId: null, testQrCode: null },
        },
      ],
      [
        ['2.5.0', 'tapngo', 'Sandbox'],
        {
          ...{ action: 'update', result: 'skipped', code: null, message: 'interrupted' },
          ...{ releaseId: null, testQrCode: null },
        },
      ],
      [
        ['2.5.0', 'tapngo', 'Test'],
        {
          ...{ action: 'update', result: 'held', code: 'DriftReported' },
          ...{ message: 'drift: --allow c', releaseId: null, testQrCode: null },
        },
      ],
    ]);
  });

  it('as text', () => {
    expect(applyText(result, wide)).toBe(
      `
done       + 2.5.0  megapay/Production
           test QR: https://qr.example/Production
done       ~ 2.5.0  megapay/Sandbox
           not written: clientId; held: testers
           test QR: https://qr.example/Sandbox
failed     ~ 2.5.0  rapipay/Sandbox
           PlatformRefused: merchant M-2 is unknown
           next: ask the acquirer
not done   ~ 2.5.0  tapngo/Sandbox
           interrupted
held       ~ 2.5.0  tapngo/Test
           DriftReported: drift: --allow c
2 changes done, 1 failed, 1 not done, 1 held.
`.trimStart(),
    );
  });

  it('does not offer the test QR code of a record that only got a mark', () => {
    const adopting = plan([
      release('2.5.0 megapay/Test', 'adopt', { fields: [field('mark', unset, value('00'))] }),
    ]);
    const outcomes = [applied(adopting.changes[0]!, [])];

    expect(applyText({ set: set([adopting]), outcomes }, wide)).toBe(
      'done       ≈ 2.5.0  megapay/Test\n1 change done.\n',
    );
  });

  it('counts a record that got nothing but our mark as held, and lists every id that lets it pass', () => {
    const marking = plan([
      release('2.5.0 megapay/Sandbox', 'update', {
        fields: [
          field('merchantId', value('M-1'), value('M-2')),
          field('clientId', value('1'), value('2')),
          field('mark', unset, value('00')),
        ],
      }),
      release('2.5.0 megapay/Test', 'update', {
        fields: [field('merchantId', value('M-1'), value('M-2'))],
      }),
    ]);
    const [marked, written] = marking.changes as [ReleaseChange, ReleaseChange];
    const [merchantIdId, clientIdId] = marked.fields.map((one) => one.changeId);
    const holding = decision(marking, [
      ...[merchantIdId!, clientIdId!].map((changeId) => ({
        changeId,
        reason: 'AwaitingApproval' as const,
        message: `onChange is Plan: --allow ${changeId}`,
      })),
    ]);
    const partly = {
      set: set([marking], { decisions: [holding] }),
      outcomes: [applied(marked, []), applied(written, [])],
    };

    expect(applyText(partly, wide)).toBe(
      `
held       ~ 2.5.0  megapay/Sandbox
           AwaitingApproval: mark written; held: merchantId, clientId: onChange is Plan: --allow ${merchantIdId!} --allow
           ${clientIdId!}
done       ~ 2.5.0  megapay/Test
           test QR: https://qr.example/Test
1 change done, 1 held.
`.trimStart(),
    );
    expect(applyDocument(partly).outcomes.map((one) => one.result)).toEqual(['held', 'applied']);
    expect(renderText(partly.set, wide)).toContain(
      'held   gets our mark; nothing users or testers notice',
    );
  });

  it('names the program where there are several', () => {
    const tea = { ...one.key, miniProgram: '3500020208396322' };
    const update = (program: typeof tea) =>
      release(key('2.5.0 megapay/Test', program), 'update', {
        fields: [field('merchantId', value('M-1'), value('M-2'))],
      });
    const [first, second] = [
      plan([update(one.key)]),
      plan([update(tea)], { key: tea, name: 'tea' }),
    ] as const;
    const outcomes = [first, second].map(({ changes }) => applied(changes[0]!, []));

    expect(applyText({ set: set([second, first]), outcomes }, wide)).toBe(
      `
coffee (acme/3500020208396321)
done       ~ 2.5.0  megapay/Test
           test QR: https://qr.example/Test
tea (acme/3500020208396322)
done       ~ 2.5.0  megapay/Test
           test QR: https://qr.example/Test
2 changes done.
`.trimStart(),
    );
  });

  it('says once that something is suspended', () => {
    const frozen = plan([
      release('2.5.0 megapay/Test', 'update', {
        fields: [field('merchantId', value('M-1'), value('M-2'))],
      }),
    ]);
    const decisions = [holdingAll(frozen, 'Suspended', 'suspended: audit')];

    expect(applyText({ set: set([frozen], { decisions }), outcomes: [] }, wide)).toBe(
      `
held       ~ 2.5.0  megapay/Test
           suspended: audit
Nothing was written: 1 change is held.
`.trimStart(),
    );
  });

  it.each([
    { name: 'one is blocked', count: 1, told: 'Nothing was written: 1 release is blocked.\n' },
    {
      name: 'several are blocked',
      count: 2,
      told: 'Nothing was written: 2 releases are blocked.\n',
    },
  ])('does not say that there was nothing to do where $name', ({ count, told }) => {
    const blocked = plan(
      ['2.5.0 megapay/Test', '2.5.0 megapay/Sandbox']
        .slice(0, count)
        .map((where) => release(where, 'blocked', { reasons: ['ConfigLocked'] })),
    );

    expect(applyText({ set: set([blocked]), outcomes: [] }, wide)).toBe(told);
  });

  it('says so when there was nothing', () => {
    expect(applyText({ set: set([plan([])]), outcomes: [] }, wide)).toBe('Nothing to do.\n');
  });
});
