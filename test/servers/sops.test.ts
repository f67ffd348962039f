import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { reveal, SecretText } from '../../src/core/words/secret-text.ts';
import { openEncrypted } from '../../src/secrets/sops.ts';
import {
  fixtureFolder,
  fixtures,
  realSops,
  type Fixture,
  type Sops,
} from '../support/sops-fixtures.ts';
import { serverTool } from '../support/server-tools.ts';

/*
 * The committed documents are made anew with the real tool by UPDATE_FIXTURES=1.
 */

let sops: Sops;
let own: SecretText;

beforeAll(async () => {
  sops = await realSops(await serverTool('sops'));
  const key = await readFile(join(fixtureFolder, 'own.key'), 'utf8');
  own = new SecretText(/^AGE-SECRET-KEY-1.*$/m.exec(key)?.[0] ?? '');
});
afterAll(async () => {
  await sops.close();
});

async function opened(file: string, text: string) {
  const values = await openEncrypted(file, Buffer.from(text), [own]);
  return values.map(({ key, type, text: value }) => [key, type, reveal(value)] as const);
}

const readable = fixtures.filter(
  ({ keys = ['own'], isShared = false }) => keys.includes('own') && !isShared,
);

describe('the committed documents are what the tool writes today', () => {
  it.each(readable)('$file', async (fixture) => {
    const fresh = await sops.encrypt(fixture);
    const path = join(fixtureFolder, fixture.file);
    if (process.env['UPDATE_FIXTURES'] === '1') await writeFile(path, fresh);

    expect(await opened(fixture.file, fresh)).toEqual(
      await opened(fixture.file, await readFile(path, 'utf8')),
    );
  });
});

type Leaf = string | number | boolean | null;
type Tree = Leaf | readonly Tree[] | { readonly [name: string]: Tree };

/** Every leaf by its place, spelt as sops spells what it encrypts; what is empty has no spelling. */
function leavesOf(tree: Tree, place: readonly string[] = []): [string, string][] {
  if (typeof tree === 'object' && tree !== null) {
    const entries = Array.isArray(tree)
      ? tree.map((value, index) => [String(index), value as Tree] as const)
      : Object.entries(tree);
    return entries.flatMap(([name, value]) => leavesOf(value, [...place, name]));
  }
  return [[place.join('.'), spelt(tree)]];
}

function spelt(leaf: Leaf): string {
  if (leaf === null) return '';
  if (typeof leaf === 'boolean') return leaf ? 'True' : 'False';
  return typeof leaf === 'number' ? spelledOut(leaf) : leaf;
}

function spelledOut(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  return /e/.test(text) ? value.toLocaleString('en', wide) : text;
}

const wide = { useGrouping: false, maximumSignificantDigits: 17 } as const;

const names = fc.oneof(
  fc.constantFrom('apiKey', 'token_secret', 'note_unencrypted', 'data', 'plain', 'y', 'null', '1'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(isName),
);

/** `sops` is its own name; what it writes for `<<` it cannot read again; control characters other than line ends are no YAML. */
function isName(text: string): boolean {
  return text !== 'sops' && text !== '__proto__' && isYaml(text) && !text.includes('.');
}

// eslint-disable-next-line no-control-regex -- these are what no YAML text may hold
const notYaml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\ufffe\uffff]/;

function isYaml(text: string): boolean {
  return !notYaml.test(text) && text.isWellFormed();
}

const texts = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '#',
    '- a',
    'true',
    'null',
    '0x1f',
    '1e3',
    '2020-01-01',
    'a\n',
    '\n\na',
    ' lead',
    'trail ',
    'k: v',
    '"',
    "'",
    '\t',
    'a\r\nb',
    '\u2028',
    'ENC[',
    '~',
    '=',
    '<<',
    '!x',
    '&a',
    '*a',
    '%',
    '@',
    '`',
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }).filter(isYaml),
  fc.string({ maxLength: 200 }).filter(isYaml),
);

const leaves: fc.Arbitrary<Leaf> = fc.oneof(
  { weight: 6, arbitrary: texts },
  { weight: 1, arbitrary: fc.integer() },
  {
    weight: 1,
    arbitrary: fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 })
      .filter((value) => !Number.isInteger(value)),
  },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constant(null) },
);

const { document } = fc.letrec<{ tree: Tree; document: { readonly [name: string]: Tree } }>(
  (tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaves,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(names, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
    document: fc.dictionary(names, tie('tree'), { minKeys: 1, maxKeys: 6, noNullPrototype: true }),
  }),
);

const rules: fc.Arbitrary<NonNullable<Fixture['rule']>> = fc
  .tuple(
    fc.constantFrom(
      {},
      { unencrypted_suffix: '_unencrypted' },
      { encrypted_suffix: '_secret' },
      { unencrypted_regex: '^(data|plain)$' },
      { encrypted_regex: '(?i)^(API|data)' },
    ),
    fc.boolean(),
  )
  .map(([rule, only]) => (only ? { ...rule, mac_only_encrypted: true } : rule));

describe('documents that the tool encrypts hold what it decrypts', () => {
  it.each([
    { form: 'json', runs: 60, args: [] },
    { form: 'yaml', runs: 60, args: ['--output-type', 'json'] },
  ])('$form', async ({ form, runs, args }) => {
    await fc.assert(
      fc.asyncProperty(document, rules, async (tree, rule) => {
        const file = `generated.${form}`;
        // JSON is YAML, and sops writes its own.
        const fixture = { file, plain: JSON.stringify(tree), rule };
        const text = await sops.encrypt(fixture);
        const told = JSON.parse(await sops.decrypt(file, text, args)) as Tree;

        const read = await opened(file, text);

        const found = read.map(([key, , value]) => [key, value]);
        expect(found.toSorted()).toEqual(leavesOf(told).toSorted());
      }),
      { numRuns: runs, seed: 20261122, endOnFailure: true },
    );
  });
});
