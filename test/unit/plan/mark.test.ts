import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Base } from '../../../src/core/model/plan.ts';
import {
  claimantTag,
  formatMark,
  installationTag,
  maxMarkLength,
  parseMark,
} from '../../../src/core/plan/mark.ts';
import { variablePath, type FieldPath } from '../../../src/core/words/fields.ts';

const base = (text: string): Base => text as Base;
const content = { installation: 'iiiiii', claimant: 'cccccc', keyId: 'kkkk' };

const formatted = [
  {
    name: 'no base',
    why: 'the header alone tells whose record it is',
    bases: {},
    expected: '1iiiiiicccccckkkk',
  },
  {
    name: 'fields by letter, sorted',
    why: 'two machines that agree must write the same text',
    bases: {
      testers: base('TTTTTTTTTTT'),
      clientId: base('CCCCCCCCCCC'),
      wapUrls: base('WWWWWWWWWWW'),
    },
    expected: '1iiiiiicccccckkkk' + 'cCCCCCCCCCCC' + 'tTTTTTTTTTTT' + 'wWWWWWWWWWWW',
  },
  {
    name: 'every field has its letter',
    why: 'a letter that changed would lose the bases of every record',
    bases: {
      clientId: base('aaaaaaaaaaa'),
      merchantId: base('bbbbbbbbbbb'),
      serverDomains: base('ddddddddddd'),
      wapUrls: base('eeeeeeeeeee'),
      testers: base('fffffffffff'),
    },
    expected:
      '1iiiiiicccccckkkk' +
      'caaaaaaaaaaa' +
      'dddddddddddd' +
      'mbbbbbbbbbbb' +
      'tfffffffffff' +
      'weeeeeeeeeee',
  },
  {
    name: 'a variable by the digest of its name',
    why: 'names are not for everybody who reads the record',
    // printf '"API_KEY"' | openssl dgst -sha256 -binary | basenc --base64url
    bases: { 'environmentVariables/API_KEY': base('sVVVVVVVVVV') },
    expected: '1iiiiiicccccckkkk' + 'l5JRmb' + 'sVVVVVVVVVV',
  },
  {
    name: 'an empty base',
    why: 'no base is no entry',
    bases: { testers: base('') },
    expected: '1iiiiiicccccckkkk',
  },
];

describe('formatMark', () => {
  it.each(formatted)('$name', ({ bases, expected, why }) => {
    expect(formatMark({ ...content, bases }), why).toBe(expected);
  });

  it('takes five fields and ten variables in at most 247 characters', () => {
    const variables = Array.from({ length: 12 }, (_, i) => [
      variablePath(`V${i}`),
      base(`l${String(i).padStart(10, '0')}`),
    ]);
    const bases = {
      ...Object.fromEntries(variables),
      clientId: base('aaaaaaaaaaa'),
      merchantId: base('bbbbbbbbbbb'),
      serverDomains: base('ddddddddddd'),
      wapUrls: base('eeeeeeeeeee'),
      testers: base('fffffffffff'),
    };

    const mark = formatMark({ ...content, bases });

    expect(mark).toHaveLength(247);
    expect(maxMarkLength).toBe(247);
    expect(parseMark(mark)?.entries.size).toBe(15);
  });
});

const foreign = [
  { name: 'nothing', text: '' },
  { name: 'another tool', text: 'managed-by: somebody' },
  { name: 'a later format', text: '2iiiiiicccccckkkk' },
  { name: 'half a header', text: '1iiiiiiccccc' },
  { name: 'a length no mark has', text: '1iiiiiicccccckkkk' + 'caaaa' },
  { name: 'an unknown field letter', text: '1iiiiiicccccckkkk' + 'xaaaaaaaaaaa' },
  { name: 'fields out of order', text: '1iiiiiicccccckkkk' + 'taaaaaaaaaaa' + 'caaaaaaaaaaa' },
  { name: 'a field twice', text: '1iiiiiicccccckkkk' + 'caaaaaaaaaaa' + 'caaaaaaaaaaa' },
  { name: 'a variable of an unknown kind', text: '1iiiiiicccccckkkk' + 'nnnnnn' + 'xaaaaaaaaaa' },
  {
    name: 'variables out of order',
    text: '1iiiiiicccccckkkk' + 'nnnnnn' + 'laaaaaaaaaa' + 'mmmmmm' + 'laaaaaaaaaa',
  },
  { name: 'characters of another alphabet', text: '1iiiiiicccccckkkk' + 'caaaaaaaaaa=' },
  { name: 'more than 247 characters', text: '1iiiiiicccccckkkk' + 'l'.repeat(300) },
];

describe('parseMark', () => {
  it.each(foreign)('does not take $name for a mark', ({ text }) => {
    expect(parseMark(text)).toBeUndefined();
  });

  it('reads back what was written, for any fields and variables', () => {
    const chars = fc.constantFrom(...'abcXYZ019-_');
    const digest = (length: number) =>
      fc.array(chars, { minLength: length, maxLength: length }).map((all) => all.join(''));
    const fieldBases = fc.dictionary(
      fc.constantFrom('clientId', 'merchantId', 'serverDomains', 'wapUrls', 'testers'),
      digest(11),
      { maxKeys: 5 },
    );
    const variableBases = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).map((name) => variablePath(name)),
      fc.tuple(fc.constantFrom('l', 's'), digest(10)).map(([kind, rest]) => kind + rest),
      { maxKeys: 10 },
    );

    fc.assert(
      fc.property(fieldBases, variableBases, (fields, variables) => {
        const bases = { ...fields, ...variables } as Record<FieldPath, Base>;

        const mark = formatMark({ ...content, bases });
        const parsed = parseMark(mark);

        expect(mark.length).toBeLessThanOrEqual(247);
        expect(parsed).toMatchObject({ installation: 'iiiiii', claimant: 'cccccc', keyId: 'kkkk' });
        expect([...(parsed?.entries.values() ?? [])].sort()).toEqual(Object.values(bases).sort());
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('tells any text from a mark without failing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const parsed = parseMark(text);

        expect(parsed === undefined || text.startsWith('1')).toBe(true);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});

describe('tags', () => {
  it('are the first six characters of the SHA-256 of the name', () => {
    // printf '"default"' | openssl dgst -sha256 -binary | basenc --base64url, and the same for "cli"
    expect([installationTag('default'), claimantTag('cli')]).toEqual(['EICmCA', 'oRInRo']);
  });
});
