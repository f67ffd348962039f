import { describe, expect, it } from 'vitest';

import type { Plan, ReleaseChange } from '../../../src/core/model/plan.ts';
import type { PlanSet } from '../../../src/core/render/plan-document.ts';
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
  testers,
  unset,
  value,
} from './build.ts';
import { text } from './as-text.ts';

describe('what the words say first', () => {
  const words = (plans: readonly Plan[], rest: Partial<PlanSet> = {}): readonly string[] =>
    text(plans, rest).split('\n\n')[1]!.split('\n');
  const test = (fields: ReleaseChange['fields'], where = '2.5.0 megapay/Test') =>
    release(where, 'update', { fields });

  it('nothing to do', () => {
    const one = plan([release('2.3.0 megapay/Test', 'unchanged')]);

    expect(words([one], { apiCalls: { reads: 2, writes: 0 } })).toEqual([
      'Nothing to do: everything is as declared.',
    ]);
  });

  it('nothing to do as far as it can be seen', () => {
    const unverified = [
      { key: key('2.5.0 megapay/Test'), path: 'environmentVariables/K' as const },
    ];
    const one = plan([release('2.5.0 megapay/Test', 'unchanged')], { unverified });

    expect(words([one])).toEqual([
      'Nothing to do, as far as can be seen here.',
      '1 secret could not be compared here.',
    ]);
  });

  it('an id to allow only where something could be written', () => {
    const idle = plan([release('2.5.0 megapay/Test', 'unchanged')]);
    const busy = plan([release('2.5.0 megapay/Test', 'create')]);

    expect(text([idle])).not.toMatch(/change c-/);
    expect(text([busy])).toMatch(/change c-/);
  });

  it('as many changes held back as stand below', () => {
    const one = plan([
      release('2.5.0 megapay/Test', 'update', {
        fields: [
          field('merchantId', value('M-1'), value('M-2')),
          field('clientId', value('1'), value('2')),
        ],
      }),
    ]);
    const [merchantId, clientId] = one.changes[0]!.fields;
    const shown = text([one], {
      decisions: [
        decision(one, [
          { changeId: merchantId!.changeId, reason: 'GateRefused', message: 'gate' },
          { changeId: clientId!.changeId, reason: 'DriftReported', message: 'drift' },
        ]),
      ],
    });

    expect(shown).toContain('2 changes are held back.');
    expect(shown.match(/^Held: /gm)).toHaveLength(2);
  });

  it('nothing declared', () => {
    expect(words([])).toEqual(['Nothing is declared.']);
  });

  it('adoption alone', () => {
    const one = plan([
      release('2.3.0 megapay/Test', 'adopt', { fields: [field('mark', unset, value('00'))] }),
    ]);

    expect(words([one])).toEqual([
      'Nothing changes for anybody: 1 record is as declared already and gets our mark, and test QR codes stay.',
    ]);
  });

  it('an emulator', () => {
    const one = plan([release('2.3.0 megapay/Test', 'unchanged')], { emulator: true });

    expect(words([one])[0]).toBe('This is an emulator: no real app is touched.');
  });

  it('a snapshot that nobody but the platform filled, in the header too', () => {
    const one = plan([release('2.3.0 megapay/Test', 'unchanged')], { attested: true });
    const snapshot = { connection: 'c', platform: 'p', driver: 'snapshot', emulator: false };

    const shown = text([one], { platforms: [{ ...snapshot, attestedAt: now }] });

    expect(shown).toContain('c: p, from a snapshot of 2026-03-01\n');
    expect(shown).toContain('this stands on a snapshot of 2026-03-01.\n');
  });

  it('records that nobody declares any more, by program', () => {
    const tea = { ...coffee, miniProgram: '3500020208396322' };
    const left = [{ key: key('0.9.0 tapngo/Test', tea), status: 'Archived' as const }];
    const plans = [plan([]), plan([], { key: tea, name: 'tea', unmanaged: left })];
    const line = '? 1 record with our mark is no longer declared (unmanaged), left alone';

    expect(text(plans)).toContain(`${line} (--all shows it)\n`);
    expect(text(plans, { all: true })).toContain(
      `${line}\n    tea  0.9.0  tapngo/Test  Archived, unmanaged\n`,
    );
  });

  it('the program whose payee is told, where there are several', () => {
    const tea = { ...coffee, miniProgram: '3500020208396322' };
    const create = (program: typeof coffee) =>
      release(key('1.0.0 tapngo/Sandbox', program), 'create', {
        fields: [field('merchantId', unset, value('T-31-T'))],
      });
    const shown = words([plan([create(coffee)]), plan([create(tea)], { key: tea, name: 'tea' })]);

    expect(shown.filter((line) => line.startsWith('Who gets paid'))).toEqual([
      'Who gets paid for coffee is set in Sandbox of tapngo: T-31-T.',
      'Who gets paid for tea is set in Sandbox of tapngo: T-31-T.',
    ]);
  });

  it('attested state, and of when it is', () => {
    const one = plan([release('2.3.0 megapay/Test', 'unchanged')], { attested: true });

    const shown = words([one], {
      platforms: [
        {
          ...{ connection: 'c', platform: 'p', driver: 'snapshot', emulator: false },
          attestedAt: epochMs(now - 5 * 86_400_000),
        },
      ],
    });

    expect(shown[0]).toBe(
      'The platform was not asked: this stands on a snapshot of 2026-03-01, with what people attested, last on 2026-02-24.',
    );
  });

  it('a merchant id that is set, changed and cleared', () => {
    const one = plan([
      test([field('merchantId', unset, value('M-1'))], '2.5.0 a/Production'),
      test([field('merchantId', value('M-1'), value('M-2'))], '2.5.0 b/Production'),
      test([field('merchantId', value('M-1'), inherits())], '2.5.0 c/Sandbox'),
      test([field('clientId', value('1'), value('2'))], '2.5.0 d/Test'),
    ]);

    expect(words([one]).slice(1, 5)).toEqual([
      'Who gets paid is set in PRODUCTION of a: M-1.',
      'Who gets paid changes in PRODUCTION of b: M-1 -> M-2.',
      'Who gets paid is cleared in Sandbox of c: M-1 -> (none).',
      'The client id changes in Test of d: 1 -> 2.',
    ]);
  });

  it('no new payee where a value only moves between levels', () => {
    const one = plan([
      test([field('merchantId', inherits('M-1'), value('M-1'), { effective: false })]),
    ]);

    expect(words([one]).join(' ')).not.toContain('Who gets paid');
  });

  it('one payee for many apps is one sentence', () => {
    const apps = ['a', 'b', 'c', 'd', 'e'];
    const one = plan(
      apps.map((app) =>
        test([field('merchantId', value('M-1'), value('M-2'))], `2.5.0 ${app}/Production`),
      ),
    );

    expect(words([one])).toContain('Who gets paid changes in PRODUCTION of 5 apps: M-1 -> M-2.');
  });

  it('testers once per app, whatever the number of versions', () => {
    const row = field('testers', value(testers(2)), value(testers(5, 1)));
    const one = plan([test([row]), test([row], '2.6.0 megapay/Test')]);

    expect(words([one])).toContain('4 testers are added, 1 tester is removed.');
  });

  it('pilot testers notice at once', () => {
    const one = plan([
      release('2.5.0 megapay/Sandbox', 'update', {
        status: 'PilotTesting',
        fields: [field('testers', value(testers(1)), value(testers(2)))],
      }),
    ]);

    const shown = words([one]);

    expect(shown).toContain('Pilot testers notice at once in Sandbox of megapay.');
    expect(shown.join(' ')).not.toContain('Users notice nothing');
  });

  it('the global configuration and whom it reaches', () => {
    const reached = [key('2.5.0 megapay/Production'), key('2.5.0 rapipay/Production')];
    const one = plan([release('2.3.0 megapay/Test', 'unchanged')], {
      global: [
        globalChange({
          fields: [field('merchantId', value('M-1'), value('M-2'))],
          reach: { merchantId: reached },
        }),
      ],
    });

    expect(words([one]).slice(0, 2)).toEqual([
      'The global configuration of coffee changes, at once for what inherits it in PRODUCTION of megapay and rapipay.',
      'Who gets paid changes in PRODUCTION of megapay and rapipay: M-1 -> M-2.',
    ]);
    expect(text([one])).toContain(
      '~ update   global  reaches 2.5.0 megapay/Production, 2.5.0 rapipay/Production\n',
    );
  });

  it('many programs are summed up', () => {
    const plans = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => {
      const program = { platform: 'p', workspace: 'w', miniProgram: id };
      return plan(
        [
          release(key('1.0.0 megapay/Production', program), 'create'),
          release(key('1.0.0 megapay/Test', program), 'create'),
        ],
        { key: program, name: id },
      );
    });

    expect(words(plans)[0]).toBe(
      '6 programs (a, b, c and 3 more) in 1 app: 12 new records (6 in PRODUCTION), 0 changed records.',
    );
  });

  it('what the platform lacks', () => {
    const one = plan([release('2.3.0 megapay/Test', 'unchanged')], { lacks: ['marks', 'frozen'] });

    expect(words([one]).at(-1)).toBe(
      'This platform lacks frozen and marks: convenience is lost, never safety.',
    );
  });
});
