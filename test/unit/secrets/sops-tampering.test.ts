import { describe, expect, it } from 'vitest';

import { fixture, refusal } from './opening.ts';

const everything = fixture('everything.enc.yaml');
const json = fixture('everything.enc.json');
const suffix = fixture('encrypted-suffix.enc.yaml');
const only = fixture('mac-only-encrypted.enc.yaml');
const sealed = /ENC\[AES256_GCM,[^\]]*\]/g;

/** The value behind a name of the text. */
function valueOf(text: string, name: string): string {
  return new RegExp(`${name}"?: "?(ENC\\[[^\\]]*\\])`).exec(text)?.[1] ?? '';
}

function swap(text: string, a: string, b: string): string {
  const [first, second] = [valueOf(text, a), valueOf(text, b)];
  return text.replace(first, '@').replace(second, first).replace('@', second);
}

/** The text with something about one value changed. */
function changed(text: string, name: string, part: RegExp, into: (base64: string) => string) {
  const value = valueOf(text, name);
  return text.replace(
    value,
    value.replace(part, (all, base64: string) => all.replace(base64, into(base64))),
  );
}

function flip(base64: string): string {
  return (base64.startsWith('A') ? 'B' : 'A') + base64.slice(1);
}

function lineOf(text: string, start: string): string {
  return text.split('\n').find((line) => line.startsWith(start)) ?? '';
}

const yaml = 'everything.enc.yaml';

describe('what was changed without sops is refused', () => {
  it.each([
    {
      name: 'a value',
      why: 'its tag is another one',
      text: changed(everything, 'apiKey', /data:([^,]+)/, flip),
    },
    {
      name: 'a tag',
      why: 'it stands for the value',
      text: changed(everything, 'apiKey', /tag:([^,]+)/, flip),
    },
    {
      name: 'a shorter tag',
      why: 'four bytes can be guessed',
      text: changed(everything, 'apiKey', /tag:([^,]+)/, (tag) =>
        Buffer.from(tag, 'base64').subarray(0, 4).toString('base64'),
      ),
    },
    {
      name: 'an iv',
      why: 'it is part of the encryption',
      text: changed(everything, 'apiKey', /iv:([^,]+)/, flip),
    },
    {
      name: 'the sum',
      why: 'it is a value like others',
      text: changed(everything, 'mac', /data:([^,]+)/, flip),
    },
    {
      name: 'no sum',
      why: 'without it nothing holds',
      text: everything.replace(/^ +mac: .*\n/m, ''),
    },
    {
      name: 'an empty sum',
      why: 'the same',
      text: everything.replace(/mac: ENC\[[^\]]*\]/, 'mac: ""'),
    },
    {
      name: 'the sum of another document',
      why: 'it was encrypted with another key',
      text: everything.replace(valueOf(everything, 'mac'), valueOf(suffix, 'mac')),
    },
    {
      name: 'the time of the last change',
      why: 'the sum is bound to it',
      text: everything.replace(/lastmodified: "\d{4}/, 'lastmodified: "1999'),
    },
    {
      name: 'a renamed value',
      why: 'an encrypted value is bound to its name',
      text: everything.replace('apiKey:', 'apikey:'),
    },
    {
      name: 'a renamed parent',
      why: 'and to the names above',
      text: everything.replace('nested:', 'nestled:'),
    },
    {
      name: 'values that changed places',
      why: 'each is bound to its own',
      text: swap(everything, 'apiKey', 'quoted'),
    },
    {
      name: 'a value of another document',
      why: 'it was encrypted with another key',
      text: everything.replace(valueOf(everything, 'apiKey'), valueOf(suffix, 'apiKey_secret')),
    },
    {
      name: 'a removed value',
      why: 'the sum covers it',
      text: everything.replace(`${lineOf(everything, 'quoted: ')}\n`, ''),
    },
    {
      name: 'a list that is added',
      why: 'the sum does not cover it',
      text: everything.replace('sops:\n', `more:\n    - x\nsops:\n`),
    },
    {
      name: 'one name twice',
      why: 'readers differ in which one counts',
      text: everything.replace('quoted: ', `${lineOf(everything, 'apiKey: ')}\nquoted: `),
    },
    {
      name: 'another order',
      why: 'the sum goes in the order of the text',
      text: everything
        .replace(`${lineOf(everything, 'apiKey: ')}\n`, '')
        .replace('sops:\n', `${lineOf(everything, 'apiKey: ')}\nsops:\n`),
    },
    {
      name: 'items of a list in another order',
      why: 'their places are not part of their names',
      text: everything.replace(
        /( +- ENC\[[^\]]*type:str\]\n)( +- ENC\[[^\]]*type:str\]\n)/,
        '$2$1',
      ),
    },
    {
      name: 'a value that calls itself a comment',
      why: 'comments are not summed',
      text: everything.replace(
        valueOf(everything, 'apiKey'),
        valueOf(everything, 'apiKey').replace('type:str', 'type:comment'),
      ),
    },
    {
      name: 'a value of no type',
      why: 'sops writes none',
      text: everything.replace('type:str', 'type:map'),
    },
    {
      name: 'a value in clear',
      why: 'the sum is over what was encrypted',
      text: everything.replace(valueOf(everything, 'apiKey'), 'evil'),
    },
    {
      name: 'an unencrypted value',
      why: 'the sum covers those too',
      text: everything.replace('text: open', 'text: evil'),
    },
    {
      name: 'an unencrypted value that is added',
      why: 'the same',
      text: everything.replace('text: open', 'text: open\n    more: evil'),
    },
    {
      name: 'a sum said to be over encrypted values alone',
      why: 'such a sum begins differently',
      text: everything.replace('sops:\n', 'sops:\n    mac_only_encrypted: true\n'),
    },
    {
      name: 'a sum no longer said to be over encrypted values alone',
      why: 'the same',
      document: 'mac-only-encrypted.enc.yaml',
      text: only.replace(/^ +mac_only_encrypted.*\n/m, ''),
    },
    {
      name: 'an encrypted value in clear, under a sum over encrypted values alone',
      why: 'it is missing from the sum',
      document: 'mac-only-encrypted.enc.yaml',
      text: only.replace(valueOf(only, 'token_secret'), 'evil'),
    },
    {
      name: 'no sops at all',
      why: 'then anybody wrote it',
      text: 'apiKey: evil\n',
    },
    {
      name: 'an alias',
      why: 'sops writes none, and it may grow without end',
      text: everything
        .replace(valueOf(everything, 'apiKey'), '&a x')
        .replace('empty: ""', 'empty: *a'),
    },
    { name: 'a tag', why: 'sops writes none', text: `!!map\n${everything}` },
    {
      name: 'a damaged value',
      why: 'it is no value',
      text: everything.replace(/iv:(?=[^\n]*type:str)/, 'vi:'),
    },
    {
      name: 'JSON with a value that was swapped',
      why: 'the same rules',
      document: 'everything.enc.json',
      text: swap(json, 'z', '10'),
    },
    {
      name: 'JSON with a name twice',
      why: 'the same rules',
      document: 'everything.enc.json',
      text: json.replace('"empty": ""', '"empty": "", "z": ""'),
    },
    {
      name: 'JSON with an item removed',
      why: 'the same rules',
      document: 'everything.enc.json',
      text: json.replace('-7,', ''),
    },
    {
      name: 'JSON that is cut',
      why: 'it is none',
      document: 'everything.enc.json',
      text: json.slice(0, -9),
    },
    { name: 'nothing', why: 'an empty file holds nothing', text: '' },
    {
      name: 'a damaged data key',
      why: 'no key, no values',
      text: everything.replace(/YWdl/, 'YWdm'),
    },
    {
      name: 'a document for nobody',
      why: 'no key, no values',
      text: everything.replace('age:', 'pgp:'),
    },
  ])('$name: $why', async ({ document = yaml, text, why }) => {
    expect(text, 'the row changes something').not.toBe(fixture(document));

    const error = await refusal(document, text);

    expect(error.code, why).toBe('SecretUnavailable');
    expect(error.message, 'it names the file').toContain(document);
    expect(JSON.stringify([error.message, error.nextStep, String(error.cause)])).not.toMatch(
      /s3cret|evil|closed|inner|0123|AGE-SECRET|ENC\[/,
    );
  });

  it('every single encrypted value, comments aside', async () => {
    const values = [...everything.matchAll(sealed)].filter(
      ([value]) => !value.includes('comment]'),
    );

    for (const [value] of values) {
      const other = value.replace(/data:([^,]+)/, (_, data: string) => `data:${flip(data)}`);
      expect((await refusal(yaml, everything.replace(value, other))).code).toBe(
        'SecretUnavailable',
      );
    }
    expect(values.length).toBe(20);
  });
});

describe('what costs too much is refused', () => {
  it.each([
    { name: 'big.yaml', why: 'more than 1 MiB', text: `a: ${'x'.repeat(1024 * 1024)}` },
    { name: 'deep.yaml', why: 'no end of brackets', text: `a: ${'['.repeat(5000)}` },
    { name: 'deep.json', why: 'no end of brackets', text: '['.repeat(50_000) + ']'.repeat(50_000) },
    { name: 'wide.yaml', why: 'too many values', text: `a: [${'1,'.repeat(200_000)}1]` },
    { name: 'wide.json', why: 'too many values', text: `{"a":[${'1,'.repeat(200_000)}1]}` },
    { name: 'escapes.yaml', why: 'an error for each', text: `a: "${'\\q'.repeat(400_000)}"` },
    { name: 'list.yaml', why: 'sops knows mappings alone', text: '- a\n- b\n' },
    { name: 'app.env', why: 'another form', text: 'A=b\n' },
  ])('$name: $why', async ({ name, text, why }) => {
    expect((await refusal(name, text)).code, why).toBe('SecretUnavailable');
  });

  it('is not UTF-8', async () => {
    expect((await refusal('a.yaml', Uint8Array.of(0xff, 0xfe))).code).toBe('SecretUnavailable');
  });
});

it('shows no name that is made to look like something else', async () => {
  const renamed = everything.replace('apiKey:', '"\\e[31m ok\\n":');

  const { message } = await refusal(yaml, renamed);

  expect(message).toBe(
    'encrypted document everything.enc.yaml: the value at (a name that is not shown) was not encrypted for this place',
  );
});
