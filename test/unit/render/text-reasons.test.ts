import { describe, expect, it } from 'vitest';

import type { Shown } from '../../../src/core/model/plan.ts';
import type { Cause, HeldReason, Reason } from '../../../src/core/words/reasons.ts';
import { field, holdingAll, plan, release, unset, value } from './build.ts';
import { text, linesOf } from './as-text.ts';

interface HeldRow {
  readonly reason: HeldReason;
  /** Beside the field. */
  readonly remark: string;
  /** As decide says it. */
  readonly message: string;
  /** As the plan says it, below everything. */
  readonly why: string;
  /** An approval helps. */
  readonly allowed: boolean;
}

interface CauseRow {
  readonly cause: Cause;
  readonly before: Shown;
  readonly remark: string;
}

describe('each reason to hold says how to go on', () => {
  it.each<HeldRow>([
    {
      reason: 'GateRefused',
      remark: 'held: a gate asks',
      message: 'merchantId: changes who gets paid in Production (gate productionPayee): --allow ID',
      why: 'changes who gets paid in Production (gate productionPayee)',
      allowed: true,
    },
    {
      reason: 'AwaitingApproval',
      remark: 'held: needs approval',
      message: 'onChange is Plan: --allow ID',
      why: 'onChange is Plan',
      allowed: true,
    },
    {
      reason: 'DriftReported',
      remark: 'held: only reported',
      message: 'somebody changed it on the platform, and onDrift is Report: --allow ID',
      why: 'somebody changed it on the platform, and onDrift is Report',
      allowed: true,
    },
    {
      reason: 'DriftIgnored',
      remark: 'held: ignored',
      message: 'somebody changed it on the platform, and onDrift is Ignore',
      why: 'somebody changed it on the platform, and onDrift is Ignore',
      allowed: false,
    },
    {
      reason: 'AwaitsOther',
      remark: 'held: waits for another change',
      message: 'the global merchantId must be changed first',
      why: 'the global merchantId must be changed first',
      allowed: false,
    },
    {
      reason: 'Suspended',
      remark: 'held: suspended',
      message: 'suspended: year-end freeze',
      why: 'suspended: year-end freeze',
      allowed: false,
    },
  ])('$reason', ({ reason, remark, message, why, allowed }) => {
    const one = plan([
      release('2.5.0 megapay/Test', 'update', {
        fields: [field('merchantId', value('M-1'), value('M-2'), { at: 'a.yaml:3' })],
      }),
    ]);
    const id = one.changes[0]!.fields[0]!.changeId;

    const shown = text([one], { decisions: [holdingAll(one, reason, message)] });

    expect(shown).toContain(`~ update   2.5.0  megapay/Test   New Version Created   held\n`);
    expect(shown).toContain(`merchantId  M-1 -> M-2  a.yaml:3  ${remark}\n`);
    expect(shown).toContain(`\nHeld: merchantId of 2.5.0 megapay/Test: ${why}\n`);
    expect(shown.includes(`allow it with --allow ${id}\n`)).toBe(allowed);
    expect(shown).toContain('1 change is held back.\n');
  });

  it('holds a create whole', () => {
    const one = plan([
      release('2.5.0 megapay/Test', 'create', {
        fields: [
          field('merchantId', unset, value('M-2'), { at: 'a.yaml:3' }),
          field('clientId', unset, value('20'), { at: 'a.yaml:4' }),
        ],
      }),
    ]);
    const { changeId } = one.changes[0]!;

    const shown = text([one], {
      decisions: [holdingAll(one, 'AwaitingApproval', `onChange is Plan: --allow ${changeId}`)],
    });

    expect(shown).toContain(
      `
+ create   2.5.0  megapay/Test   held: needs approval
             merchantId  M-2  a.yaml:3
             clientId    20   a.yaml:4
`,
    );
    expect(shown).toContain(
      `
Held: 2.5.0 megapay/Test: onChange is Plan
      allow it with --allow ${changeId}
`,
    );
    expect(shown, 'nothing is created, so nothing is for ever').not.toContain('cannot be undone');
  });

  it('gathers what is held for one reason under the id that allows all of it', () => {
    const one = plan(
      ['Test', 'Sandbox', 'Development', 'Production'].map((environment) =>
        release(`2.5.0 megapay/${environment}`, 'update', {
          fields: [field('merchantId', value('M-1'), value('M-2'), { at: 'a.yaml:3' })],
        }),
      ),
    );

    const shown = text([one], {
      decisions: [holdingAll(one, 'DriftReported', 'drift: --allow ID')],
    });

    expect(shown).toContain(
      `
Held: merchantId of 2.5.0 megapay/Development, merchantId of 2.5.0 megapay/Production and 2 more: drift
      allow them with --allow c-99b3a1d4b5c7
`.replace(/c-[0-9a-f]{12}/, planIdOf(shown)),
    );
  });
});

function planIdOf(shown: string): string {
  return /change (c-[0-9a-f]{12})/.exec(shown)?.[1] ?? '';
}

describe('each reason to lock stands beside the field or the change', () => {
  it.each([
    'ConfigLocked',
    'TargetSpent',
    'TargetConflict',
    'Contended',
    'TargetUnavailable',
    'VersionNotUploaded',
    'MiniProgramNotFound',
    'VariablesUnavailable',
    'VariablesLimit',
    'Superseded',
    'DomainsNotGranted',
    'NotGranted',
    'AccessDenied',
    'PlatformRefused',
    'PlatformMismatch',
    'SecretUnavailable',
    'ReferenceNotFound',
    'Invalid',
  ] as const satisfies readonly Reason[])('%s', (reason) => {
    const going = field('merchantId', value('M-1'), value('M-2'), { at: 'a.yaml:3' });
    const locked = field('clientId', value('1'), value('2'), { at: 'a.yaml:4', locked: reason });

    const update = linesOf(
      release('2.5.0 megapay/Test', 'update', { reasons: [reason], fields: [going, locked] }),
    );
    const blocked = linesOf(
      release('2.5.0 megapay/Test', 'blocked', { reasons: [reason], fields: [locked] }),
    );

    expect(update.at(-1)).toBe(`             clientId    1 -> 2      a.yaml:4  locked: ${reason}`);
    expect(blocked).toEqual([
      `! blocked  2.5.0  megapay/Test   New Version Created   ${reason}`,
      '             clientId  1 -> 2  a.yaml:4',
    ]);
  });
});

describe('each cause is told where something is written', () => {
  it.each<CauseRow>([
    { cause: 'declaration', before: value('M-1'), remark: '' },
    { cause: 'drift', before: value('M-1'), remark: '  drift: changed by hand' },
    {
      cause: 'conflict',
      before: value('M-1'),
      remark: '  conflict: changed by hand and in the declaration',
    },
    { cause: 'adoption', before: value('M-1'), remark: '  adoption: set by hand before' },
    { cause: 'adoption', before: unset, remark: '' },
    { cause: 'undeclared', before: value('M-1'), remark: '  undeclared: set by hand' },
  ])('$cause from $before.state', ({ cause, before, remark }) => {
    const lines = linesOf(
      release('2.5.0 megapay/Test', 'update', {
        fields: [field('merchantId', before, value('M-2'), { at: 'a.yaml:3', cause })],
      }),
    );

    expect(lines[1]?.split('a.yaml:3')[1]).toBe(remark);
  });
});

it('says of a secret that is not configured here what it needs', () => {
  const one = plan([
    release('2.5.0 megapay/Test', 'create', {
      fields: [field('environmentVariables/API_KEY', unset, { state: 'unverified' })],
    }),
  ]);

  const shown = text([one], {
    decisions: [holdingAll(one, 'AwaitsOther', 'it needs a secret')],
  });

  expect(shown).toContain('held: needs a secret that is not configured here\n');
  expect(shown).not.toContain('waits for another change');
});

it('shows the payee that a new record would not have beside the one that is live', () => {
  const one = plan([
    release('2.5.0 megapay/Production', 'create', {
      live: { version: '2.4.0', status: 'FullRelease', values: { clientId: value('202005') } },
      newPayee: ['clientId'],
      inherits: { clientId: { state: 'inherited' } },
    }),
  ]);

  expect(text([one])).toMatch(/^ +clientId +\(none\)\s+live 2\.4\.0: 202005$/m);
});
