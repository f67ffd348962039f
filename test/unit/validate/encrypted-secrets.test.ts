import { describe, expect, it } from 'vitest';
import { declared, read } from '../yaml/reading.ts';

function told(spec: string): readonly string[] {
  return read(declared('Settings', spec), 'settings').told;
}

function mapped(file: string, users = '[coffee]', name = 'keys'): string {
  return `    - name: ${name}
      for: ${users}
      keys: { value: { encrypted: { file: ${JSON.stringify(file)}, key: apiKey } } }
`;
}

const identities = '  ageIdentities: [{ file: age.key }]\n';

describe('the path of an encrypted document', () => {
  it.each(['secrets.yaml', 'a/b/c.enc.json', 'with space.yaml', '..a/b..yaml', 'ü.yaml'])(
    '%j is one',
    (file) => {
      expect(told(`${identities}  secrets:\n${mapped(file)}`)).toEqual([]);
    },
  );

  it.each([
    '/etc/passwd',
    '../other/secrets.yaml',
    'a/../../b.yaml',
    './a.yaml',
    'a//b.yaml',
    'a/',
    'a\\..\\b',
    'a\nb',
    'a\0b',
    '..',
  ])('%j is none: it leads elsewhere, or is spelt in two ways', (file) => {
    expect(told(`${identities}  secrets:\n${mapped(file)}`)).toContainEqual(
      expect.stringMatching(/encrypted-path/),
    );
  });
});

describe('age keys', () => {
  const two = mapped('a.yaml', '[coffee]') + mapped('a.yaml', '[tea]', 'tea-keys');

  it.each([
    {
      name: 'no key',
      why: 'nothing would ever open it',
      spec: `  secrets:\n${mapped('a.yaml')}`,
      rules: [/age-identity/],
    },
    {
      name: 'a key',
      why: 'all is said',
      spec: `${identities}  secrets:\n${mapped('a.yaml')}`,
      rules: [],
    },
    { name: 'a key and no document', why: 'it is kept for later', spec: identities, rules: [] },
    {
      name: 'one key for two sources, unsaid',
      why: 'one of them could have a copy of the other one opened',
      spec: `${identities}  secrets:\n${two}`,
      rules: [/age-identity/],
    },
    {
      name: 'one key for two sources, said',
      why: 'then it is meant',
      spec: `  ageIdentities: [{ file: age.key, for: [coffee, tea] }]\n  secrets:\n${two}`,
      rules: [],
    },
    {
      name: 'a key for each source',
      why: 'nothing is shared',
      spec: `  ageIdentities: [{ file: a.key, for: [coffee] }, { env: TEA_KEY, for: [tea] }]\n  secrets:\n${two}`,
      rules: [],
    },
    {
      name: 'one key for a source and the command line',
      why: 'whoever applies by hand is the administrator',
      spec: `${identities}  secrets:\n${mapped('a.yaml', '[coffee, cli]')}`,
      rules: [],
    },
    {
      name: 'a key kept in two places',
      why: 'which one?',
      spec: '  ageIdentities: [{ file: age.key, env: AGE_KEY }]\n',
      rules: [/exactly-one/],
    },
    {
      name: 'a value kept in two places',
      why: 'which one?',
      spec: `${identities}  secrets:
    - { name: keys, for: [cli], keys: { value: { env: A, encrypted: { file: a.yaml, key: b } } } }
`,
      rules: [/exactly-one/],
    },
  ])('$name: $why', ({ spec, rules, why }) => {
    expect(told(spec), why).toEqual(rules.map((rule) => expect.stringMatching(rule)));
  });
});
