import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';

import { columnsOf, drawRow, type Row, wrap } from '../../../src/core/render/table.ts';
import { folded, visible } from '../../../src/core/render/visible.ts';
import { painter } from '../../../src/core/render/style.ts';

describe('what could act on a terminal', () => {
  it.each([
    { name: 'escape sequences', text: '\u001b[2Jx', expected: '\\u{001b}[2Jx' },
    { name: 'C1 controls', text: '\u009b31m', expected: '\\u{009b}31m' },
    { name: 'line breaks', text: 'a\r\nb', expected: 'a\\r\\nb' },
    { name: 'tabs', text: 'a\tb', expected: 'a\\tb' },
    { name: 'nothing', text: '\u0000\u007f', expected: '\\u{0000}\\u{007f}' },
    { name: 'right-to-left override', text: 'a\u202eb', expected: 'a\\u{202e}b' },
    { name: 'isolates', text: '\u2066x\u2069', expected: '\\u{2066}x\\u{2069}' },
    { name: 'zero width', text: 'a\u200bb\ufeff', expected: 'a\\u{200b}b\\u{feff}' },
    { name: 'line separators', text: '\u2028\u2029', expected: '\\u{2028}\\u{2029}' },
    { name: 'tags', text: '\u{e0041}', expected: '\\u{e0041}' },
    { name: 'half a character', text: '\ud800', expected: '\\u{d800}' },
    { name: 'Hangul fillers', text: '\u3164', expected: '\\u{3164}' },
  ])('$name is made visible', ({ text, expected }) => {
    expect(visible(text)).toBe(expected);
  });

  it.each(['M-77', '咖啡', 'Кофе', 'قهوة', '☕', 'https://a.example/?q=1&r=2', ''])(
    '%s stays as it is',
    (text) => {
      expect(visible(text)).toBe(text);
    },
  );

  it('is gone from any text, and gone for good', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const inert = visible(text);

        expect(inert).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
        expect(visible(inert)).toBe(inert);
      }),
    );
  });
});

describe('folding', () => {
  it.each([
    { name: 'short', text: 'abc', max: 40, expected: 'abc' },
    {
      name: 'long',
      text: `${'a'.repeat(50)}${'z'.repeat(50)}`,
      max: 40,
      expected: `${'a'.repeat(18)}[..72..]${'z'.repeat(10)}`,
    },
  ])('of a $name text', ({ text, max, expected }) => {
    expect(folded(text, max)).toBe(expected);
  });

  it('never takes more room than it was given', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), fc.integer({ min: 24, max: 200 }), (text, max) => {
        expect([...folded(text, max)].length).toBeLessThanOrEqual(max);
      }),
    );
  });
});

const pieces = fc.array(fc.record({ text: fc.stringMatching(/^[a-z0-9./:+-]{1,60}$/) }), {
  minLength: 1,
  maxLength: 8,
});
const rows: fc.Arbitrary<readonly Row[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('field' as const, 'list' as const, 'targets' as const),
    name: fc.stringMatching(/^[A-Za-z_]{1,40}$/),
    value: pieces,
    origin: fc.stringMatching(/^([a-z/]{1,50}\.yaml:\d{1,4})?$/),
    remarks: fc.array(fc.record({ text: fc.stringMatching(/^[a-z ]{1,40}$/) }), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('rows', () => {
  it('stay within a terminal of 100 columns and lose nothing', () => {
    const style = { color: false, width: 100, unicode: true };

    fc.assert(
      fc.property(rows, (all) => {
        const columns = columnsOf(all, 13, style);
        for (const row of all) {
          const lines = drawRow(row, columns, painter(style));

          for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(100);
          const words = lines.join(' ');
          const wanted = [row.name, row.origin, ...row.value.map(({ text }) => text)];
          for (const text of wanted) if (text.length <= 40) expect(words).toContain(text);
        }
      }),
    );
  });

  it('keep the column of origins whatever stands before them', () => {
    const style = { color: false, width: 100, unicode: true };
    const row = (text: string): Row => ({
      ...{ kind: 'field', name: 'merchantId', value: [{ text }], origin: 'a.yaml:1', remarks: [] },
    });
    const all = [row('M'), row('咖啡'), row('M-12345')];

    const columns = columnsOf(all, 2, style);

    const starts = all
      .flatMap((one) => drawRow(one, columns, painter(style)))
      .map((line) => stringWidth(line.slice(0, line.indexOf('a.yaml'))));
    expect(new Set(starts).size).toBe(1);
  });

  it('give a piece that is too wide a line of its own', () => {
    const lines = wrap([{ text: 'aa' }, { text: 'b'.repeat(20) }, { text: 'cc' }], 10);

    expect(lines.map((line) => line.map(({ text }) => text).join(' '))).toEqual([
      'aa',
      'b'.repeat(20),
      'cc',
    ]);
  });
});
