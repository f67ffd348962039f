import { describe, expect, it } from 'vitest';

import { field, inherits, plan, release, secret, testers, unset, value } from './build.ts';
import { text, linesOf } from './as-text.ts';

describe('values', () => {
  it.each([
    {
      name: 'a first value',
      why: 'nothing was there',
      row: field('merchantId', unset, value('M-2')),
      expected: '(unset) -> M-2',
    },
    {
      name: 'an inherited value that is pinned',
      why: 'the same value may stand elsewhere tomorrow',
      row: field('merchantId', inherits('M-2'), value('M-2')),
      expected: '(inherits M-2) -> M-2',
    },
    {
      name: 'back to inheriting',
      why: 'what is inherited is what users get',
      row: field('merchantId', value('M-2'), inherits('M-1')),
      expected: 'M-2 -> (inherits M-1)',
    },
    {
      name: 'a cleared value',
      why: 'nothing is left',
      row: field('merchantId', value('M-2'), inherits()),
      expected: 'M-2 -> (inherits)',
    },
    {
      name: 'a secret for a secret',
      why: 'four digits tell them apart',
      row: field(
        'environmentVariables/KEY',
        secret('7c1e0000aaaa0000'),
        secret('91ff0000aaaa0000'),
      ),
      expected: '(secret 7c1e) -> (secret 91ff)',
    },
    {
      name: 'secrets that begin alike',
      why: 'a change must not look like none',
      row: field(
        'environmentVariables/KEY',
        secret('7c1e0000aaaa0000'),
        secret('7c1e1111aaaa0000'),
      ),
      expected: '(secret 7c1e0000) -> (secret 7c1e1111)',
    },
    {
      name: 'a secret nobody could compare',
      why: 'it is not said to be equal or different',
      row: field('environmentVariables/KEY', unset, { state: 'unverified' }),
      expected: '(unset) -> (secret, not compared here)',
    },
    {
      name: 'testers',
      why: 'who they are is nobody else’s business',
      row: field('testers', value(testers(12)), value(testers(30, 6))),
      expected: '12 -> 30 (+24, -6)',
    },
    {
      name: 'all testers cleared',
      why: 'the number says it',
      row: field('testers', value(testers(2)), inherits()),
      expected: '2 -> (inherits)',
    },
    {
      name: 'domains gained and lost',
      why: 'the ones that stay are noise',
      row: field(
        'serverDomains',
        value(['https://a.example', 'https://b.example', 'https://c.example']),
        value(['https://b.example', 'https://c.example', 'https://d.example']),
      ),
      expected: '+https://d.example, -https://a.example, (2 stay)',
    },
    {
      name: 'an inherited list that is pinned',
      why: 'no entry changes',
      row: field('serverDomains', inherits(['https://a.example']), value(['https://a.example'])),
      expected: 'the same 1, said here',
    },
  ])('$name', ({ row, expected, why }) => {
    const one = plan([release('2.5.0 megapay/Test', 'update', { fields: [row] })], {
      known: { serverDomains: ['https://a.example', 'https://d.example'] },
    });

    const line = text([one]).split('\n\n')[2]!.split('\n')[1]!;

    expect(line.trim().split(/  +/)[1], why).toBe(expected);
  });

  it('says how many undeclared testers stay', () => {
    const lines = linesOf(
      release('2.5.0 megapay/Test', 'update', {
        status: 'PilotTesting',
        fields: [field('testers', value(testers(3)), value(testers(4)), { surplus: 2, at: 'a:1' })],
      }),
    );

    expect(lines[1]).toBe('             testers  3 -> 4 (+1, -0)  a:1  2 undeclared stay');
  });

  it('folds a long value and keeps both ends', () => {
    const long = `M-${'7'.repeat(300)}-END`;

    const lines = linesOf(
      release('2.5.0 megapay/Test', 'create', {
        fields: [field('merchantId', unset, value(long), { at: 'a.yaml:3' })],
      }),
    );

    expect(lines.every((line) => line.length <= 120)).toBe(true);
    expect(lines[1]).toMatch(/^ {13}merchantId {2}M-7+\[\.\.\d+\.\.\]7+-END$/);
  });

  it('shows a variable that is called like a field under its whole path', () => {
    const lines = linesOf(
      release('2.5.0 megapay/Test', 'create', {
        fields: [field('environmentVariables/merchantId', unset, value('x'), { at: 'a:1' })],
      }),
    );

    expect(lines[1]).toBe('             environmentVariables/merchantId  x  a:1');
  });
});
