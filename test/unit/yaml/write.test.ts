import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readText } from '../../../src/core/yaml/stream.ts';
import { newDocument, writeDocument } from '../../../src/core/yaml/write.ts';

function roundTrip(value: unknown): {
  readonly value: unknown;
  readonly problems: readonly string[];
} {
  const { documents, problems } = readText(writeDocument(newDocument(value)));
  const [document] = documents;
  return {
    value: document?.value,
    problems: [...problems, ...document!.problems].map(({ rule }) => rule),
  };
}

const treacherous = [
  ...[
    'no',
    'Y',
    'On',
    '1:30',
    '2026-11-22',
    '=',
    '<<',
    '~',
    '',
    '0o7',
    '0777',
    '1_000',
    '.inf',
    '1e3',
    '2.4',
    '2.4.0',
  ],
  ...[
    'a\nb',
    '# x',
    'a #b',
    'a: b',
    '{',
    '- a',
    'null',
    ' x',
    'x ',
    '!tag',
    '*a',
    '&a',
    '%',
    '@',
    '---',
    '...',
    '?',
  ],
  ...[
    '\u202e',
    '\u2028',
    '\ufeff',
    '\u0085',
    '\u0000',
    '\t',
    'é',
    '"',
    "'",
    '\\',
    '\u{e0001}',
    '3500020208396321',
  ],
];

it.each(treacherous)('writes %j so that it is read again as the same text', (text) => {
  expect(roundTrip({ key: text, list: [text, text] })).toEqual({
    value: { key: text, list: [text, text] },
    problems: [],
  });
});

it('writes any text so that it is read again, without a problem', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }))), (texts) => {
      expect(roundTrip({ texts })).toEqual({ value: { texts }, problems: [] });
    }),
  );
});

it('never folds a line and never repeats by alias', () => {
  const list = ['x '.repeat(200).trim()];

  expect(writeDocument(newDocument({ a: list, b: list }))).toBe(
    `a:\n  - ${list[0]}\nb:\n  - ${list[0]}\n`,
  );
});
