import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../src/core/words/time.ts';
import { parseFile } from '../../../src/core/yaml/parse.ts';
import { declared, read } from './reading.ts';

const release = declared(
  'MiniProgramRelease',
  '  miniProgram: coffee\n  version: 2.4.0\n  environments: [Sandbox]',
);
const profile = declared('ConfigProfile', '  config: { testers: ["2088001"] }');

describe('parseFile', () => {
  it('yields each document of a stream with its place, name and plain value', () => {
    const parsed = parseFile(
      {
        source: 'team',
        file: 'a/shop.yaml',
        bytes: new TextEncoder().encode(`# head\n---\n${release}---\n${profile}`),
        commit: 'c0ffee',
        since: epochMs(1_700_000_000_000),
      },
      'declarations',
    );

    expect(parsed.problems).toEqual([]);
    expect(
      parsed.documents.map(({ id, kind, name, since }) => ({ id, kind, name, since })),
    ).toEqual([
      {
        id: 'team|a/shop.yaml#0',
        kind: 'MiniProgramRelease',
        name: 'coffee',
        since: 1_700_000_000_000,
      },
      { id: 'team|a/shop.yaml#1', kind: 'ConfigProfile', name: 'coffee', since: 1_700_000_000_000 },
    ]);
    expect(parsed.documents[0]?.origin).toMatchObject({
      kind: 'file',
      file: 'a/shop.yaml',
      index: 0,
      commit: 'c0ffee',
    });
    expect(parsed.documents[1]?.value).toEqual({
      apiVersion: 'fairlead.dev/v1alpha1',
      kind: 'ConfigProfile',
      metadata: { name: 'coffee' },
      spec: { config: { testers: ['2088001'] } },
    });
  });

  it.each([
    { name: 'nothing', content: '' },
    { name: 'spaces and line breaks', content: ' \n\n  \n' },
    { name: 'a comment', content: '# to be written\n' },
    { name: 'separators', content: '---\n---\n# later\n---\n' },
    { name: 'a byte order mark', content: '\uFEFF' },
  ])('finds no document and no fault in $name', ({ content }) => {
    expect(read(content)).toMatchObject({ documents: [], invalid: [], problems: [] });
  });

  it.each([
    { name: 'line breaks of Windows', content: release.replaceAll('\n', '\r\n') },
    { name: 'a byte order mark', content: `\uFEFF${release}` },
    {
      name: 'JSON',
      content: JSON.stringify(
        {
          apiVersion: 'fairlead.dev/v1alpha1',
          kind: 'MiniProgramRelease',
          metadata: { name: 'coffee' },
          spec: { miniProgram: 'coffee', version: '2.4.0', environments: ['Sandbox'] },
        },
        undefined,
        '\t',
      ),
    },
    { name: 'no line break at the end', content: release.trimEnd() },
  ])('reads a document with $name', ({ content }) => {
    const { documents, told } = read(content);

    expect(told).toEqual([]);
    expect(documents.map(({ name }) => name)).toEqual(['coffee']);
  });

  it.each([
    {
      name: 'a syntax error in the first document leaves the second',
      content: `kind: [a, b\n---\n${profile}`,
      documents: ['ConfigProfile/coffee'],
      invalid: [],
      told: ['2:1 yaml-syntax'],
    },
    {
      name: 'a tab as indentation spoils its own document only',
      content: `${profile}---\nspec:\n\tconfig: {}\n---\n${release}`,
      documents: ['ConfigProfile/coffee', 'MiniProgramRelease/coffee'],
      invalid: [],
      told: ['8:1 yaml-syntax'],
    },
    {
      name: 'an invalid document whose kind and name can be read keeps both',
      content: release.replace('version', 'verison'),
      documents: [],
      invalid: ['MiniProgramRelease/coffee'],
      told: ['5:3 missing-field', '6:3 unknown-field'],
    },
    {
      name: 'a document with a misread apiVersion keeps its kind and name',
      content: release.replace('v1alpha1', 'v1'),
      documents: [],
      invalid: ['MiniProgramRelease/coffee'],
      told: ['1:13 unknown-api-version'],
    },
    {
      name: 'a value that could not be read is not missing as well',
      content: release.replace('version: 2.4.0', 'version: *current'),
      documents: [],
      invalid: ['MiniProgramRelease/coffee'],
      told: ['6:12 yaml-alias'],
    },
    {
      name: 'a misspelt field is told although its value is refused too',
      content: release.replace('version: 2.4.0', 'verison: 1_0'),
      documents: [],
      invalid: ['MiniProgramRelease/coffee'],
      told: ['5:3 missing-field', '6:3 unknown-field', '6:12 yaml-ambiguous'],
    },
    {
      name: 'a document without a name claims nothing',
      content: release.replace('name: coffee', 'nam: coffee'),
      documents: [],
      invalid: [],
      told: ['3:11 missing-field', '3:13 unknown-field'],
    },
    {
      name: 'an object of somebody else is told, not skipped',
      content: 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n',
      documents: [],
      invalid: [],
      told: ['1:13 unknown-api-version'],
    },
    {
      name: 'a misspelt kind',
      content: release.replace('MiniProgramRelease', 'MiniprogramRelease'),
      documents: [],
      invalid: [],
      told: ['2:7 unknown-kind'],
    },
    {
      name: 'settings among declarations',
      content: declared('Settings', '  installation: a'),
      documents: [],
      invalid: [],
      told: ['2:7 settings-in-path'],
    },
    {
      name: 'a list',
      content: '- a\n- b\n',
      documents: [],
      invalid: [],
      told: ['1:1 not-a-document'],
    },
    {
      name: 'a word',
      content: 'hello\n',
      documents: [],
      invalid: [],
      told: ['1:1 not-a-document'],
    },
  ])('$name', ({ content, documents: valid, invalid: broken, told: rules }) => {
    const { documents, invalid, told } = read(content);

    expect({
      documents: documents.map(({ kind, name }) => `${kind}/${name}`),
      invalid: invalid.map(({ kind, name }) => `${kind}/${name}`),
      told,
    }).toEqual({ documents: valid, invalid: broken, told: rules });
  });

  it('refuses declarations among settings', () => {
    expect(read(release, 'settings').told).toEqual(['2:7 declaration-in-settings']);
  });

  it('keeps the raw value of an invalid document, for its claims', () => {
    const { invalid } = read(release.replace('[Sandbox]', '[Sandbox, Sandbox]'));

    expect(invalid[0]?.value).toMatchObject({
      spec: { miniProgram: 'coffee', version: '2.4.0', environments: ['Sandbox', 'Sandbox'] },
    });
  });

  it('never takes the repository settings for a declaration', () => {
    const bytes = new TextEncoder().encode('lint: {}\n');

    for (const file of [
      '.fairlead.yaml',
      'shop/.fairlead.yaml',
      'shop/.fairlead.yml',
      'shop/.sops.yaml',
    ]) {
      expect(parseFile({ source: 'cli', file, bytes }, 'declarations')).toEqual({
        documents: [],
        invalid: [],
        problems: [],
      });
    }
  });

  it('names what was probably meant', () => {
    const { problems } = read(
      declared(
        'MiniProgram',
        '  conection: default\n  merchantId: M-1\n  id: 350\n  policy: { onDrift: apply }',
      ),
    );

    expect(problems.map(({ nextStep }) => nextStep)).toEqual([
      'Did you mean connection?',
      'Give workspace and id as the console shows them, or instances.',
      'It belongs one level deeper: globalConfig.merchantId or config.merchantId.',
      'Quote it: "350".',
      'Did you mean Apply?',
    ]);
  });

  it('tells at most 200 problems of a file, and that there are more', () => {
    const { told } = read(
      `${Array.from({ length: 300 }, (_, index) => `k${index}: no`).join('\n')}\n`,
    );

    expect(told).toHaveLength(201);
    expect(told.at(-1)).toBe('1:1 too-many-problems');
  });
});
