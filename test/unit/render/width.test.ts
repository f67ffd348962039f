import fc from 'fast-check';
import libraryWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { stringWidth } from '../../../src/core/render/width.ts';

describe('stringWidth', () => {
  it.each([
    { text: '', width: 0, why: 'nothing' },
    { text: 'M-77 -> M-88', width: 12, why: 'one column each' },
    { text: '» settled … ≈', width: 13, why: 'our symbols are narrow' },
    { text: '\u001b[31merror\u001b[39m', width: 5, why: 'colours take no room' },
    { text: '咖啡', width: 4, why: 'wide characters' },
    { text: 'ｈｏ', width: 4, why: 'full-width letters' },
    { text: '한국', width: 4, why: 'Hangul syllables' },
    { text: 'e\u0301', width: 1, why: 'an accent of its own' },
    { text: 'قهوة', width: 4, why: 'Arabic letters' },
    { text: '☕', width: 2, why: 'an emoji' },
    { text: '👩‍💻', width: 2, why: 'two emoji joined to one' },
    { text: '🇩🇪', width: 2, why: 'a flag' },
    { text: 'a\u200bb', width: 2, why: 'what cannot be seen' },
  ])('$text takes $width: $why', ({ text, width, why }) => {
    expect(stringWidth(text), why).toBe(width);
    expect(libraryWidth(text), 'the library thinks the same').toBe(width);
  });

  it('agrees with the library on anything people write', () => {
    const letters = fc.constantFrom(
      ...'abc 0-9/.»≈…咖啡カフェ한국인éüßдюεώقهשל',
      'e\u0301',
      '☕',
      '🇩🇪',
      '👍🏽',
      '👩‍💻',
      '❤️',
      '\u001b[31m',
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');

        expect(stringWidth(text)).toBe(libraryWidth(text));
      }),
      { numRuns: 1500 },
    );
  });
});
