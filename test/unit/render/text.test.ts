import { describe, expect, it } from 'vitest';

import { renderText } from '../../../src/core/render/text.ts';
import {
  decision,
  field,
  key,
  plan,
  release,
  set,
  storyPlan,
  testers,
  unset,
  value,
} from './build.ts';
import { text, linesOf, wide } from './as-text.ts';

describe('the plan as text', () => {
  it('reads like this', () => {
    expect(text([storyPlan()])).toBe(
      `
Plan for coffee (acme/3500020208396321)   change c-3d69baf45d1c   megapay: api.megapay.example, read just now

coffee 2.5.0 gets 1 new record, in PRODUCTION of megapay.
coffee 2.5.0 changes in Sandbox of megapay.
Who gets paid changes in PRODUCTION of megapay: M-77 -> M-88.
30 testers are added.
New for coffee: it may call https://cdn.acme.example.
Users notice nothing until somebody applies for release: 2.4.0 stays live.
The new record cannot be undone: it stays for ever, harmless until somebody applies for release.
1 release is blocked and needs a person.

+ create   2.5.0  megapay/Production
             merchantId     M-88                       programs/coffee.yaml:14        live 2.4.0: M-77
             serverDomains  https://api.acme.example,  releases/coffee-2.5.0.yaml:9
                            https://cdn.acme.example
                            cdn.acme.example is new for this program
             API_KEY        (secret 7c1e)              releases/coffee-2.5.0.yaml:17
                            from coffee-keys/apiKey; live 2.4.0: the same
~ update   2.5.0  megapay/Sandbox      New Version Created   new test QR code
             testers        12 -> 42 (+30, -0)         profiles/qa.yaml:5
! blocked  2.4.0  rapipay/Production   Under Review   ConfigLocked
             merchantId     M-12 -> M-14               releases/coffee-2.4.0.yaml:31
             next: withdraw the request in the console, or release a new version
» settled  2.4.0  megapay/Production   Full Release   takes effect with the next version
             merchantId     M-77 -> M-88               programs/coffee.yaml:14

= 1 unchanged   ? 1 undeclared value left alone (--all shows it)

2 writes, 3 reads, about 1 s at 5 calls/s.
`.trimStart(),
    );
  });

  it('keeps to a narrow terminal and to ASCII', () => {
    const narrow = renderText(set([storyPlan()]), { color: false, width: 72, unicode: false });

    expect(narrow).toBe(
      `
Plan for coffee (acme/3500020208396321)   change c-3d69baf45d1c
megapay: api.megapay.example, read just now

coffee 2.5.0 gets 1 new record, in PRODUCTION of megapay.
coffee 2.5.0 changes in Sandbox of megapay.
Who gets paid changes in PRODUCTION of megapay: M-77 -> M-88.
30 testers are added.
New for coffee: it may call https://cdn.acme.example.
Users notice nothing until somebody applies for release: 2.4.0 stays
live.
The new record cannot be undone: it stays for ever, harmless until
somebody applies for release.
1 release is blocked and needs a person.

+ create   2.5.0  megapay/Production
             merchantId     M-88
                            programs/coffee.yaml:14
                            live 2.4.0: M-77
             serverDomains  https://api.acme.example,
                            https://cdn.acme.example
                            releases/coffee-2.5.0.yaml:9
                            cdn.acme.example is new for this program
             API_KEY        (secret 7c1e)
                            releases/coffee-2.5.0.yaml:17
                            from coffee-keys/apiKey;
                            live 2.4.0: the same
~ update   2.5.0  megapay/Sandbox
             New Version Created   new test QR code
             testers        12 -> 42 (+30, -0)
                            profiles/qa.yaml:5
! blocked  2.4.0  rapipay/Production   Under Review   ConfigLocked
             merchantId     M-12 -> M-14
                            releases/coffee-2.4.0.yaml:31
             next: withdraw the request in the console, or release a new
             version
> settled  2.4.0  megapay/Production
             Full Release   takes effect with the next version
             merchantId     M-77 -> M-88
                            programs/coffee.yaml:14

= 1 unchanged   ? 1 undeclared value left alone (--all shows it)

2 writes, 3 reads, about 1 s at 5 calls/s.
`.trimStart(),
    );
  });

  it('says the same with colours', () => {
    const colored = renderText(set([storyPlan()]), { ...wide, color: true });

    // eslint-disable-next-line no-control-regex -- colours are what is looked for
    expect(colored.replaceAll(/\u001b\[[\d;]*m/g, '')).toBe(text([storyPlan()]));
    expect(colored).toContain('\u001b[32m+ create   \u001b[0m2.5.0');
    expect(colored).toContain('megapay/\u001b[1;31mProduction\u001b[0m');
  });

  it('folds nothing away with --all', () => {
    const all = text([storyPlan()], { all: true });

    expect(all).toContain('= unchanged  2.3.0  megapay/Test         New Version Created\n');
    expect(all).toContain(
      '? 1 undeclared value left alone\n    2.5.0  megapay/Sandbox  clientId\n',
    );
    expect(all).not.toContain('--all');
  });
});

describe('each action has a line', () => {
  const merchant = field('merchantId', value('M-1'), value('M-2'), { at: 'a.yaml:3' });
  const locked = { ...merchant, locked: 'ConfigLocked' as const };

  it.each([
    {
      name: 'create',
      why: 'a new record has no status yet',
      change: release('2.5.0 megapay/Test', 'create', {
        fields: [field('merchantId', unset, value('M-2'), { at: 'a.yaml:3' })],
      }),
      expected: ['+ create   2.5.0  megapay/Test', '             merchantId  M-2  a.yaml:3'],
    },
    {
      name: 'create without a value of its own',
      why: 'selecting a target is a change even if everything is inherited',
      change: release('2.5.0 megapay/Test', 'create'),
      expected: ['+ create   2.5.0  megapay/Test'],
    },
    {
      name: 'update',
      why: 'the QR code people scanned is void afterwards',
      change: release('2.5.0 megapay/Test', 'update', { fields: [merchant] }),
      expected: [
        '~ update   2.5.0  megapay/Test   New Version Created   new test QR code',
        '             merchantId  M-1 -> M-2  a.yaml:3',
      ],
    },
    {
      name: 'update with the mark alongside',
      why: 'the mark is no news for people',
      change: release('2.5.0 megapay/Test', 'update', {
        fields: [merchant, field('mark', unset, value('0011223344556677'))],
      }),
      expected: [
        '~ update   2.5.0  megapay/Test   New Version Created   new test QR code',
        '             merchantId  M-1 -> M-2  a.yaml:3',
      ],
    },
    {
      name: 'adopt',
      why: 'it must be plain that nothing changes',
      change: release('2.5.0 megapay/Test', 'adopt', {
        fields: [field('mark', unset, value('0011223344556677'))],
      }),
      expected: [
        '≈ adopt    2.5.0  megapay/Test   New Version Created   as declared; gets our mark, nothing else',
      ],
    },
    {
      name: 'settled behind a live release',
      why: 'a live release never changes',
      change: release('2.5.0 megapay/Test', 'settled', { status: 'FullRelease', fields: [locked] }),
      expected: [
        '» settled  2.5.0  megapay/Test   Full Release   takes effect with the next version',
        '             merchantId  M-1 -> M-2  a.yaml:3',
      ],
    },
    {
      name: 'settled without a record',
      why: 'an old version gets no new target',
      change: release('2.5.0 megapay/Test', 'settled', { status: null, superseded: true }),
      expected: ['» settled  2.5.0  megapay/Test   not created: a newer version is declared'],
    },
    {
      name: 'settled after a cancellation',
      why: 'the target is spent, and nobody needs it any more',
      change: release('2.5.0 megapay/Test', 'settled', { status: 'Canceled', superseded: true }),
      expected: ['» settled  2.5.0  megapay/Test   Canceled   a newer version is declared'],
    },
    {
      name: 'settled under review',
      why: 'the newer version carries the change',
      change: release('2.5.0 megapay/Test', 'settled', {
        ...{ status: 'UnderReview', superseded: true, fields: [locked] },
      }),
      expected: [
        '» settled  2.5.0  megapay/Test   Under Review   a newer version gets the change',
        '             merchantId  M-1 -> M-2  a.yaml:3',
      ],
    },
    {
      name: 'waiting',
      why: 'it goes on by itself once somebody uploads',
      change: release('2.5.0 megapay/Test', 'waiting', {
        ...{ reasons: ['VersionNotUploaded'], nextStep: 'Upload version 2.5.0.' },
      }),
      expected: [
        '… waiting  2.5.0  megapay/Test   VersionNotUploaded',
        '             next: Upload version 2.5.0.',
      ],
    },
    {
      name: 'blocked',
      why: 'a person must act, and is told how',
      change: release('2.5.0 megapay/Test', 'blocked', {
        ...{ status: 'UnderReview', reasons: ['ConfigLocked'], fields: [locked] },
        nextStep: 'Withdraw the request.',
      }),
      expected: [
        '! blocked  2.5.0  megapay/Test   Under Review   ConfigLocked',
        '             merchantId  M-1 -> M-2  a.yaml:3',
        '             next: Withdraw the request.',
      ],
    },
    {
      name: 'suspended',
      why: 'who stopped it says why',
      change: release('2.5.0 megapay/Test', 'update', {
        fields: [merchant],
        suspended: { reason: 'year-end freeze' },
      }),
      expected: [
        '~ update   2.5.0  megapay/Test   New Version Created   new test QR code',
        '             merchantId  M-1 -> M-2  a.yaml:3',
        '             suspended: year-end freeze',
      ],
    },
  ])('$name', ({ change, expected, why }) => {
    expect(linesOf(change), why).toEqual(expected);
  });
});

describe('many targets', () => {
  const many = Array.from({ length: 300 }, (_, i) => `app${String(i).padStart(3, '0')}`);
  const row = field('testers', value(testers(2)), value(testers(5)), { at: 'profiles/qa.yaml:5' });

  it('that change alike stand together, each by name', () => {
    const one = plan(
      many.map((app) => release(`2.5.0 ${app}/Sandbox`, 'update', { fields: [row] })),
    );

    const shown = text([one]);

    expect(shown.split('\n').length).toBeLessThan(45);
    expect(shown).toContain('~ update   2.5.0  Sandbox of 300 apps   New Version Created');
    expect(many.filter((app) => !shown.includes(app))).toEqual([]);
  });

  it('that differ in anything stand alone', () => {
    const other = field('testers', value(testers(2)), value(testers(6)), { at: 'a.yaml:1' });
    const one = plan([
      release('2.5.0 a/Sandbox', 'update', { fields: [row] }),
      release('2.5.0 b/Sandbox', 'update', { fields: [other] }),
      release('2.5.0 c/Sandbox', 'update', { fields: [row] }),
    ]);

    expect(text([one])).toContain(
      `
~ update   2.5.0  Sandbox of 2 apps   New Version Created   new test QR code
             Sandbox  a, c
             testers  2 -> 5 (+3, -0)  profiles/qa.yaml:5
~ update   2.5.0  b/Sandbox           New Version Created   new test QR code
             testers  2 -> 6 (+4, -0)  a.yaml:1
`,
    );
  });
});

describe('stability', () => {
  it('does not depend on the order of plans, changes and decisions', () => {
    const program = { platform: 'p', workspace: 'w', miniProgram: 'x' };
    const other = plan([release(key('1.0.0 m/Test', program), 'create')], {
      ...{ key: program, name: 'tea' },
    });
    const story = storyPlan();
    const shuffled = { ...story, changes: story.changes.toReversed() };

    const one = text([story, other], { decisions: [decision(story), decision(other)] });
    const two = text([other, shuffled], { decisions: [decision(other), decision(shuffled)] });

    expect(two).toBe(one);
  });
});
