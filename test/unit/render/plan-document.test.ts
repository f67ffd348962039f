import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Held, Plan } from '../../../src/core/model/plan.ts';
import { planDocument } from '../../../src/core/render/plan-document.ts';
import { PlanSchema } from '../../../src/core/render/plan-schema.ts';
import { actions } from '../../../src/core/words/reasons.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import {
  coffee,
  decision,
  field,
  globalChange,
  inherits,
  key,
  now,
  plan,
  release,
  secret,
  set,
  storyPlan,
  unset,
  value,
} from './build.ts';

const isPlan = new Ajv({ allErrors: true }).compile(JSON.parse(JSON.stringify(PlanSchema)));

function problemsOf(document: unknown): readonly string[] {
  isPlan(JSON.parse(JSON.stringify(document)));
  return (isPlan.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Everything that a plan can hold at once. */
function fullPlan(): Plan {
  const story = storyPlan();
  return {
    ...story,
    global: [
      globalChange({
        fields: [field('serverDomains', value(['a']), value(['b']))],
        reach: { serverDomains: [key('2.5.0 megapay/Sandbox')] },
      }),
    ],
    changes: [
      ...story.changes,
      release('2.6.0 megapay/Test', 'adopt', { fields: [field('mark', unset, value('00'))] }),
      release('2.6.0 megapay/Sandbox', 'waiting', { reasons: ['VersionNotUploaded'] }),
      release('2.6.0 rapipay/Test', 'update', {
        status: 'PilotTesting',
        fields: [
          field('testers', inherits(['1']), value(['1', '2']), { surplus: 1 }),
          field('environmentVariables/K', { state: 'unknown' }, { state: 'unverified' }),
          field('environmentVariables/L', secret('0123456789abcdef'), inherits()),
        ],
      }),
    ],
    unmanaged: [{ key: key('1.0.0 megapay/Test'), status: 'Archived' }],
    unverified: [{ key: key('2.6.0 rapipay/Test'), path: 'environmentVariables/K' }],
    problems: [
      {
        rule: 'foreign-fingerprint-key',
        severity: 'warning',
        message: 'no',
        nextStep: 'do',
        related: [{ object: { kind: 'Secret', name: 'x' }, path: '/data' }],
      },
    ],
    attested: true,
  };
}

describe('the JSON plan', () => {
  it('is this, word for word', () => {
    const one = plan(
      [
        release('2.5.0 megapay/Test', 'update', {
          undo: 'Declare the earlier values again.',
          fields: [field('merchantId', inherits('M-1'), value('M-2'), { at: 'a.yaml:3' })],
        }),
        release('2.4.0 megapay/Test', 'unchanged'),
      ],
      { undeclared: [{ key: coffee, path: 'wapUrls' }] },
    );
    const id = one.changes[0]!.fields[0]!.changeId;
    const held: Held = { changeId: id, reason: 'DriftReported', message: 'drift' };

    expect(planDocument(set([one], { decisions: [decision(one, [held])] }))).toEqual({
      formatVersion: 1,
      kind: 'Plan',
      planHash: expect.stringMatching(/^[\w-]{43}$/),
      changeId: expect.stringMatching(/^c-[0-9a-f]{12}$/),
      observedAt: '2026-03-01T12:00:00.000Z',
      platforms: [
        {
          connection: 'megapay',
          platform: 'api.megapay.example',
          driver: 'http',
          emulator: false,
          attestedAt: null,
        },
      ],
      summary: {
        create: 0,
        adopt: 0,
        update: 1,
        unchanged: 1,
        settled: 0,
        waiting: 0,
        blocked: 0,
        held: 1,
        global: 0,
        undeclared: 1,
        unverified: 0,
        unmanaged: 0,
      },
      apiCalls: { reads: 3, writes: 2 },
      global: [],
      changes: [
        {
          key: { ...coffee, version: '2.5.0', app: 'megapay', environment: 'Test' },
          name: 'coffee-2.5.0',
          action: 'update',
          status: 'NewVersionCreated',
          reasons: [],
          nextStep: null,
          undo: 'Declare the earlier values again.',
          changeId: one.changes[0]!.changeId,
          fields: [
            {
              path: 'merchantId',
              before: { state: 'inherited', value: 'M-1' },
              after: { state: 'value', value: 'M-2' },
              sensitive: false,
              cause: 'declaration',
              changeId: id,
              locked: null,
              held: 'DriftReported',
              origins: [{ file: 'a.yaml', line: 3, column: 15 }],
            },
          ],
          origins: [{ file: 'releases/coffee-2.5.0.yaml', line: 6, column: 15 }],
        },
      ],
      undeclared: [{ key: coffee, path: 'wapUrls' }],
      unmanaged: [],
      problems: [],
    });
  });

  it('is valid against its schema, whatever it holds', () => {
    const document = planDocument(set([fullPlan()], { all: true }));

    expect(problemsOf(document)).toEqual([]);
    expect(document.changes).toHaveLength(8);
  });

  it('is refused by the schema as soon as it says more or less', () => {
    const document = planDocument(set([storyPlan()]));

    expect(problemsOf({ ...document, extra: 1 })).toEqual([' must NOT have additional properties']);
    expect(problemsOf({ ...document, summary: undefined })).toEqual([
      " must have required property 'summary'",
    ]);
  });

  it('partitions the desired releases among seven actions', () => {
    const one = fullPlan();

    const { summary } = planDocument(set([one]));

    const counted = actions.reduce((sum, action) => sum + summary[action], 0);
    expect(counted).toBe(one.changes.length);
    expect(summary).toEqual({
      ...{ create: 1, adopt: 1, update: 2, unchanged: 1, settled: 1, waiting: 1, blocked: 1 },
      ...{ held: 0, global: 1, undeclared: 1, unverified: 1, unmanaged: 1 },
    });
  });

  it('leaves unchanged releases out unless all is asked for', () => {
    const listed = (all: boolean) =>
      planDocument(set([storyPlan()], { all })).changes.map(({ action }) => action);

    expect(listed(false)).toEqual(['settled', 'blocked', 'create', 'update']);
    expect(listed(true)).toEqual(['unchanged', 'settled', 'blocked', 'create', 'update']);
  });

  it('does not claim to know what is unmanaged when one program was not read whole', () => {
    const document = planDocument(set([fullPlan(), plan([], { unmanaged: null })]));

    expect([document.unmanaged, document.summary.unmanaged]).toEqual([null, null]);
  });

  it('is as old as its oldest reading', () => {
    const older = plan([], { observedAt: epochMs(now - 60_000) });

    const { observedAt } = planDocument(set([plan([]), older]));

    expect(observedAt).toBe('2026-03-01T11:59:00.000Z');
  });

  it('counts a change with several held fields once, and a held create', () => {
    const fields = [field('merchantId', unset, value('M')), field('clientId', unset, value('C'))];
    const one = plan([
      release('2.5.0 megapay/Test', 'update', { fields }),
      release('2.5.0 megapay/Sandbox', 'create', { fields }),
      release('2.5.0 megapay/Production', 'create'),
    ]);
    const held = [
      ...one.changes.flatMap((change) => change.fields.map(({ changeId }) => changeId)),
      one.changes[2]!.changeId,
    ].map((changeId): Held => ({ changeId, reason: 'AwaitingApproval', message: 'wait' }));

    expect(planDocument(set([one], { decisions: [decision(one, held)] })).summary.held).toBe(3);
  });

  it('of two reasons shows the one that is harder to lift', () => {
    const one = plan([
      release('2.5.0 megapay/Test', 'update', { fields: [field('merchantId', unset, value('M'))] }),
    ]);
    const { changeId } = one.changes[0]!.fields[0]!;
    const held: Held[] = [
      { changeId, reason: 'DriftReported', message: '' },
      { changeId, reason: 'Suspended', message: '' },
    ];

    const document = planDocument(set([one], { decisions: [decision(one, held)] }));

    expect(document.changes[0]!.fields[0]!.held).toBe('Suspended');
  });

  it('carries nothing that a plan holds beside what may be shown', () => {
    const leaky = { state: 'secret', fingerprint: '00', value: 'canary' } as never;
    const one = plan([
      release('2.5.0 megapay/Test', 'update', {
        fields: [field('environmentVariables/K', leaky, leaky)],
      }),
    ]);

    expect(JSON.stringify(planDocument(set([one])))).not.toContain('canary');
  });

  it('is the same in any order of the input, which it leaves alone', () => {
    const program = { platform: 'p', workspace: 'w', miniProgram: 'x' };
    const plans = [
      fullPlan(),
      plan([release(key('1.0.0 m/Test', program), 'create')], { key: program, name: 'tea' }),
    ];
    const expected = JSON.stringify(planDocument(deepFreeze(set(plans))));

    fc.assert(
      fc.property(
        fc.shuffledSubarray(plans, { minLength: 2 }),
        fc.shuffledSubarray([...plans[0]!.changes], { minLength: plans[0]!.changes.length }),
        (order, changes) => {
          const shuffled = order.map((one) => (one === plans[0] ? { ...one, changes } : one));
          expect(JSON.stringify(planDocument(deepFreeze(set(shuffled))))).toBe(expected);
        },
      ),
    );
  });
});

function deepFreeze<T>(root: T): T {
  if (typeof root === 'object' && root !== null && !Object.isFrozen(root)) {
    Object.freeze(root);
    Object.values(root).forEach(deepFreeze);
  }
  return root;
}
