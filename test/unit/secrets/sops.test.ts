import { describe, expect, it } from 'vitest';

import { floatText } from '../../../src/secrets/sops/plaintext.ts';
import { fixture, opened, other, own, refusal } from './opening.ts';

const rules = {
  open: ['plain', 'clear', 'open'],
  seven: ['nested.plain', 'clear', '7'],
  apiKey: ['apiKey_secret', 'str', 'closed'],
};

describe('what sops wrote', () => {
  it.each([
    {
      name: 'everything.enc.yaml',
      why: 'every type, comments, lists, multi-line and odd names',
      expected: [
        ['apiKey', 'str', 's3cret-✓'],
        ['quoted', 'str', '0123'],
        ['multi', 'str', 'first\nsecond\n'],
        ['empty', 'none', ''],
        ['nothing', 'none', ''],
        ['count', 'int', '42'],
        ['octal', 'int', '511'],
        ['ratio', 'float', '1.5'],
        ['huge', 'float', '1000000000000000000000'],
        ['tiny', 'float', '0.0000001'],
        ['minus', 'int', '-3'],
        ['yes', 'bool', 'True'],
        ['no', 'bool', 'False'],
        ['day', 'time', '2020-01-01T00:00:00Z'],
        ['moment', 'time', '2001-12-14T21:59:43.1-05:00'],
        ['tokens.0', 'str', 'one'],
        ['tokens.1', 'str', 'two'],
        ['tokens.2.nested.deep.0', 'str', 'three'],
        ['with: colon', 'str', 'value'],
        ['with.dot', 'str', 'dotted'],
        ['1', 'str', 'digit'],
        ['note_unencrypted.text', 'clear', 'open'],
        ['note_unencrypted.n', 'clear', '1.5'],
        ['note_unencrypted.big', 'clear', '1000000000000000000000'],
        ['note_unencrypted.on', 'clear', 'True'],
        ['note_unencrypted.off', 'none', ''],
        ['note_unencrypted.hex', 'clear', '0x1f'],
        ['note_unencrypted.list.0', 'clear', 'a'],
        ['note_unencrypted.list.1', 'clear', 'b'],
      ],
    },
    {
      name: 'everything.enc.json',
      why: 'names like numbers keep their place, and escapes are undone',
      expected: [
        ['z', 'str', 'last'],
        ['10', 'str', 'ten'],
        ['2.list.0', 'float', '1.5'],
        ['2.list.1', 'float', '1000000000000000000000'],
        ['2.list.2', 'bool', 'True'],
        ['2.list.3', 'none', ''],
        ['2.list.4', 'str', 'x'],
        ['2.list.5.q', 'str', '\u2028<&>😀\n'],
        ['2.open_unencrypted.0', 'clear', '1.5'],
        ['2.open_unencrypted.1', 'clear', '1000000000000000000000'],
        ['2.open_unencrypted.2', 'clear', '0.000000001'],
        ['2.open_unencrypted.3', 'clear', '-7'],
        ['2.open_unencrypted.4', 'clear', 'False'],
        ['2.open_unencrypted.5', 'none', ''],
        ['2.open_unencrypted.6', 'clear', 'y'],
        ['', 'str', 'unnamed'],
        ['empty', 'none', ''],
      ],
    },
    {
      name: 'documents.enc.yaml',
      why: 'one sum over all documents of a stream, the last of them empty',
      expected: [
        ['first', 'str', 'one'],
        ['second', 'str', 'two'],
      ],
    },
    {
      name: 'whole.enc',
      why: 'a whole file is JSON with one value',
      expected: [['data', 'str', 'a whole file\nof two lines\n']],
    },
    {
      name: 'bytes.enc',
      why: 'what is no text is told apart, and summed as it is',
      expected: [['data', 'binary', '\0\ufffd\ufffd\n']],
    },
    {
      name: 'encrypted-suffix.enc.yaml',
      why: 'the end of a name, also of one above',
      expected: [
        rules.apiKey,
        rules.open,
        ['nested.token_secret', 'str', 'inner'],
        rules.seven,
        ['data.a', 'clear', 'b'],
      ],
    },
    {
      name: 'unencrypted-suffix.enc.yaml',
      why: 'the other way round',
      expected: [
        rules.apiKey,
        rules.open,
        ['nested.token_secret', 'str', 'inner'],
        rules.seven,
        ['data.a', 'str', 'b'],
      ],
    },
    {
      name: 'encrypted-regex.enc.yaml',
      why: 'a pattern is never run: what is encrypted shows',
      expected: [
        rules.apiKey,
        rules.open,
        ['nested.token_secret', 'clear', 'inner'],
        rules.seven,
        ['data.a', 'str', 'b'],
      ],
    },
    {
      name: 'unencrypted-regex.enc.yaml',
      why: 'the other way round',
      expected: [
        rules.apiKey,
        ['plain', 'str', 'open'],
        ['nested.token_secret', 'clear', 'inner'],
        rules.seven,
        ['data.a', 'str', 'b'],
      ],
    },
    {
      name: 'encrypted-comment.enc.yaml',
      why: 'comments may say what is encrypted',
      expected: [
        ['open', 'clear', 'a'],
        ['closed', 'str', 'b'],
      ],
    },
    {
      name: 'unencrypted-comment.enc.yaml',
      why: 'the other way round',
      expected: [
        ['closed', 'str', 'a'],
        ['open', 'clear', 'b'],
      ],
    },
    {
      name: 'mac-only-encrypted.enc.yaml',
      why: 'a sum over encrypted values alone begins with bytes of its own',
      expected: [
        rules.apiKey,
        rules.open,
        ['nested.token_secret', 'str', 'inner'],
        rules.seven,
        ['data.a', 'clear', 'b'],
      ],
    },
    {
      name: 'two-recipients.enc.yaml',
      why: 'the first recipient is somebody else',
      expected: [['apiKey', 'str', 'for two']],
    },
  ])('is read: $name ($why)', async ({ name, expected, why }) => {
    expect(await opened(name), why).toEqual(expected);
  });

  it.each([
    { name: 'other-recipient.enc.yaml', why: 'it was encrypted for somebody else' },
    { name: 'groups.enc.yaml', why: 'a key shared among groups is not put together here' },
  ])('is refused: $name ($why)', async ({ name, why }) => {
    expect((await refusal(name)).code, why).toBe('SecretUnavailable');
  });

  it('is opened by any of several age keys', async () => {
    const name = 'other-recipient.enc.yaml';

    expect(await opened(name, fixture(name), [own, other])).toEqual([
      ['apiKey', 'str', 'for other'],
    ]);
  });
});

describe('numbers are spelt out', () => {
  it.each([
    ['1.5', '1.5'],
    ['1e+21', '1000000000000000000000'],
    ['1.25e+22', '12500000000000000000000'],
    ['1e-7', '0.0000001'],
    ['1.25e-07', '0.000000125'],
    ['-2.5e-10', '-0.00000000025'],
    ['-0.0', '-0'],
    ['123456789012345678901234567890', '123456789012345680000000000000'],
    ['5e-324', `0.${'0'.repeat(323)}5`],
    ['.inf', '+Inf'],
    ['-.inf', '-Inf'],
    ['.nan', 'NaN'],
  ])('%s is %s', (written, expected) => {
    expect(floatText(written)).toBe(expected);
  });
});
