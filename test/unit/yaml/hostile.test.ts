import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { yamlLimits } from '../../../src/core/yaml/limits.ts';
import { declared, read } from './reading.ts';

const profile = declared('ConfigProfile', '  config: { testers: ["2088001"] }');

describe('refusals', () => {
  it.each([
    { name: 'an anchor', content: 'a: &x 1\n', told: ['1:4 yaml-alias'] },
    { name: 'an alias', content: 'a: *x\n', told: ['1:4 yaml-alias'] },
    { name: 'an alias as key', content: '*x : 1\n', told: ['1:1 yaml-alias'] },
    { name: 'a tag', content: 'a: !!str 1\n', told: ['1:4 yaml-tag'] },
    { name: 'a local tag', content: 'a: !secret b\n', told: ['1:4 yaml-tag'] },
    { name: 'a verbatim tag', content: 'a: !<tag:yaml.org,2002:str> b\n', told: ['1:4 yaml-tag'] },
    { name: 'a directive', content: '%YAML 1.1\n---\na: b\n', told: ['1:1 yaml-directive'] },
    { name: 'a merge key', content: '<<: { a: b }\n', told: ['1:1 yaml-merge-key'] },
    { name: 'a quoted merge key', content: '"<<": { a: b }\n', told: ['1:1 yaml-merge-key'] },
    {
      name: 'a key written twice',
      content: 'a: b\nc: d\na: e\n',
      told: ['3:1 yaml-duplicate-key'],
    },
    {
      name: 'a key written twice, once in quotes',
      content: 'a: b\n"a": e\n',
      told: ['2:1 yaml-duplicate-key'],
    },
    {
      name: 'a key written twice in brackets',
      content: 'x: { a: b, a: c }\n',
      told: ['1:12 yaml-duplicate-key'],
    },
    { name: '__proto__', content: '__proto__: { polluted: b }\n', told: ['1:1 yaml-reserved-key'] },
    {
      name: '__proto__ by escape',
      content: '"__\\x70roto__": b\n',
      told: ['1:1 yaml-reserved-key'],
    },
    { name: 'a list as key', content: '? [a]\n: b\n', told: ['1:3 yaml-key'] },
    { name: 'a number as key', content: '2088001: b\n', told: ['1:1 yaml-key'] },
    { name: 'nothing as key', content: ': b\n', told: ['1:1 yaml-key'] },
    { name: 'a key read differently', content: 'on: b\n', told: ['1:1 yaml-ambiguous'] },
    { name: 'a value read differently', content: 'a: yes\n', told: ['1:4 yaml-ambiguous'] },
    { name: 'a control character', content: 'a: b\u0007\n', told: ['1:5 control-character'] },
    {
      name: 'an invisible space in a comment',
      content: 'a: b # c\u200Bd\n',
      told: ['1:9 control-character'],
    },
    {
      name: 'a line break that only some show',
      content: 'a: b\u2028c\n',
      told: ['1:5 control-character'],
    },
    { name: 'a carriage return alone', content: 'a: b\rc\n', told: ['1:5 control-character'] },
    {
      name: 'a reversed reading order',
      content: 'a: "b\u202E"\n',
      told: ['1:6 bidirectional-character'],
    },
    {
      name: 'an isolate in a comment',
      content: 'a: b # \u2066c\n',
      told: ['1:8 bidirectional-character'],
    },
  ])('$name', ({ content, told }) => {
    const about = read(content).told.filter((line) => !line.endsWith('unknown-api-version'));

    expect(about).toEqual(told);
  });

  it('leaves the prototype of everything alone', () => {
    read(
      '{ "__proto__": { "polluted": "yes" }, "constructor": { "prototype": { "polluted": "yes" } } }',
    );

    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it.each([
    { name: 'Latin-1', bytes: [0x61, 0x3a, 0x20, 0xe9, 0x0a] },
    { name: 'UTF-16, little end first', bytes: [0xff, 0xfe, 0x61, 0x00] },
    { name: 'UTF-16, big end first', bytes: [0xfe, 0xff, 0x00, 0x61] },
    { name: 'an overlong slash', bytes: [0xc0, 0xaf] },
    { name: 'half a surrogate pair', bytes: [0xed, 0xa0, 0x80] },
    { name: 'a cut character', bytes: [0x61, 0xe2, 0x82] },
  ])('bytes that are no UTF-8: $name', ({ bytes }) => {
    expect(read(Uint8Array.from(bytes)).told).toEqual(['1:1 yaml-encoding']);
  });

  it.each([
    { name: 'a line break', value: '"a\\nb"', rule: 'control-character' },
    { name: 'a tab', value: '"a\\tb"', rule: 'control-character' },
    { name: 'zero', value: '"a\\0b"', rule: 'control-character' },
    { name: 'a reversed order', value: '"a\\u202eb"', rule: 'bidirectional-character' },
    { name: 'an invisible space', value: '"a\\u200bb"', rule: 'control-character' },
    { name: 'half a surrogate pair', value: '"a\\ud800b"', rule: 'control-character' },
    { name: 'a tag character', value: '"a\\U000e0041b"', rule: 'control-character' },
    { name: 'a block of lines', value: '|\n      a\n      b', rule: 'control-character' },
  ])('a value that escapes $name', ({ value, rule }) => {
    const { told } = read(declared('ConfigProfile', `  config:\n    merchantId: ${value}`));

    expect(told).toEqual([`6:17 ${rule}`]);
  });

  it.each([
    { name: 'Arabic and Hebrew', value: '"مقهى קפה"' },
    { name: 'joined emoji', value: '"👩‍💻"' },
    { name: 'Persian with its non-joiner', value: '"می‌خواهم"' },
    { name: 'combining marks', value: '"Café"' },
  ])('$name is ordinary text', ({ value }) => {
    expect(read(declared('ConfigProfile', `  config:\n    merchantId: ${value}`)).told).toEqual([]);
  });
});

describe('limits', () => {
  it.each([
    { name: 'as large as may be', extra: 0, told: [] },
    { name: 'one byte larger', extra: 1, told: ['1:1 yaml-size'] },
  ])('a file $name', ({ extra, told }) => {
    const comment = `#${'x'.repeat(yamlLimits.bytes - profile.length - 2 + extra)}\n`;

    expect(read(comment + profile).told).toEqual(told);
  });

  it('counts brackets, and the mapping they stand in', () => {
    const nested = (brackets: number): string =>
      `a: ${'['.repeat(brackets)}${']'.repeat(brackets)}\n`;

    expect(read(nested(15)).told).toEqual(['1:1 unknown-api-version']);
    expect(read(nested(16)).told).toEqual(['1:19 yaml-depth']);
  });

  it('counts depth in blocks as in brackets', () => {
    const nested = (levels: number): string =>
      Array.from({ length: levels }, (_, level) => `${'  '.repeat(level)}a:\n`).join('');

    expect(read(nested(16)).told.some((line) => line.endsWith('yaml-depth'))).toBe(false);
    expect(read(nested(17)).told).toEqual(['17:34 yaml-depth']);
  });

  it('counts tokens, not lines', () => {
    const list = (entries: number): string => `a: [${'b,'.repeat(entries)}]\n`;

    expect(read(list(6000)).told).toEqual(['1:1 unknown-api-version']);
    expect(read(list(7000)).told).toHaveLength(1);
    expect(read(list(7000)).told[0]).toMatch(/yaml-tokens$/);
  });
});

/** Each within 256 KiB; the first line of a document follows, to see that it is not waited for. */
const bombs: Readonly<Record<string, string>> = {
  laughs: `${'a: &a [x]\n'}${Array.from({ length: 9000 }, (_, i) => `b${i}: [*a,*a]\n`).join('')}`,
  brackets: '['.repeat(200_000),
  braces: '{a: '.repeat(60_000),
  commas: `[${','.repeat(200_000)}]`,
  dashes: '- '.repeat(120_000),
  questions: '? '.repeat(120_000),
  colons: ':'.repeat(200_000),
  separators: '---\n'.repeat(60_000),
  documents: 'a\n---\n'.repeat(40_000),
  anchors: '&a '.repeat(80_000),
  tags: '! '.repeat(100_000),
  directives: '%YAML\n'.repeat(40_000),
  stairs: Array.from({ length: 700 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
  spaces: ' '.repeat(250_000),
  tabs: '\t'.repeat(250_000),
  lines: '\n'.repeat(250_000),
  returns: '\r'.repeat(250_000),
  bells: '\u0007\n'.repeat(120_000),
  escapes: `a: "${'\\x'.repeat(100_000)}"`,
  surrogates: `a: "${'\\ud800'.repeat(40_000)}"`,
  folded: `a: >\n${' x\n\n'.repeat(60_000)}`,
  literal: `a: |\n${'  x\n'.repeat(60_000)}`,
  headers: 'a: |9\n'.repeat(20_000),
  'plain lines': `a: b\n${'  a\n'.repeat(60_000)}`,
  'quoted lines': `"${'a\n'.repeat(120_000)}"`,
  quotes: "'".repeat(250_000),
  'long key': `${'x'.repeat(250_000)}: 1`,
  'long number': `a: ${'1'.repeat(250_000)}`,
  'underscored number': `a: ${'1_'.repeat(120_000)}`,
  'base 60': `a: 1${':1'.repeat(100_000)}`,
  'duplicate keys': `{${'a: 1,'.repeat(3_900)}}`,
  'empty targets': declared('MiniProgram', `  targets: [${'{},'.repeat(4_800)}]`),
  'unknown fields': declared(
    'MiniProgram',
    `  x: {${Array.from({ length: 2_400 }, (_, i) => `k${i}: 1,`).join('')}}`,
  ),
  'duplicate variables': declared(
    'ConfigProfile',
    `  config: { environmentVariables: [${'{name: A},'.repeat(2_300)}] }`,
  ),
  'long name': profile.replace('coffee', 'a.'.repeat(100_000)),
  'long kind': profile.replace('ConfigProfile', 'x'.repeat(200_000)),
};

describe('bombs', () => {
  it.each(Object.entries(bombs))('%s are told in a bounded number of problems', (_, content) => {
    const { documents, told } = read(content);

    expect(documents).toEqual([]);
    expect(told.length).toBeLessThanOrEqual(201);
  });

  it('cost at most a few times what an ordinary file of the same size may cost', () => {
    const ordinary = Array.from({ length: 230 }, () => profile).join('---\n');
    for (let round = 0; round < 5; round += 1) cpuOf(ordinary);
    const limit = 5 * leastCpu(ordinary);

    const slow = Object.entries(bombs).filter(([, content]) => leastCpu(content) > limit);

    expect(slow.map(([name]) => name)).toEqual([]);
  }, 60_000);
});

/** The least of three: noise only adds. */
function leastCpu(content: string): number {
  return Math.min(cpuOf(content), cpuOf(content), cpuOf(content));
}

function cpuOf(content: string): number {
  const before = process.cpuUsage();
  read(content);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

describe('any input', () => {
  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(Array.isArray(read(bytes).problems)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws, however YAML is cut up and put together', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        ': ',
        '- ',
        '\n',
        '  ',
        '[',
        ']',
        '{',
        '}',
        ', ',
        '"',
        "'",
        '|',
        '>',
        '&a ',
        '*a',
        '!t ',
        '? ',
        '#',
        '---\n',
      ],
      ...[
        'kind: MiniProgram\n',
        'apiVersion: fairlead.dev/v1alpha1\n',
        'metadata: { name: a }\n',
        'spec:\n',
        '<<: ',
        '\t',
        '%',
        '@',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const { documents, problems } = read(pieces.join(''));
        // Whatever is not understood is told, or it is no document at all.
        expect(documents.length).toBe(0);
        expect(
          problems.every(({ message, nextStep }) => message !== '' && nextStep !== undefined),
        ).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it('reads JSON as what it says', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify({
          apiVersion: 'fairlead.dev/v1',
          kind: 'ConfigProfile',
          metadata: { name: 'a' },
          spec: value,
        });
        fc.pre(
          !/__proto__|\\u|[\u007f-\uffff]|<</.test(text) &&
            !numbersOf(value).some((number) => String(number).includes('e')),
        );

        expect(read(text).invalid[0]?.value).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });
});

/** Numbers written with an exponent are read differently by YAML 1.1. */
function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}
