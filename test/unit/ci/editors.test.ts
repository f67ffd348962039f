import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

import { listFiles, root } from '../../../tools/files.ts';
import { schemaOf } from '../../../src/cli/schemas.ts';

const read = async (file: string): Promise<string> => readFile(join(root, file), 'utf8');

const settings = JSON.parse(await read('editors/vscode/settings.json')) as {
  readonly 'yaml.schemas': Readonly<Record<string, readonly string[]>>;
};
const [declarations = [], repository = []] = Object.values(settings['yaml.schemas']);

const examples = (await listFiles('examples')).filter((file) => /\.ya?ml$/.test(file));
const declared = examples.filter((file) => file.includes('/declarations/'));

async function judgeOf(kind?: string) {
  return new Ajv({ strict: false, allErrors: true }).compile((await schemaOf(kind)) ?? false);
}

describe('the settings for editors', () => {
  it('name the files that the page beside them writes', async () => {
    const page = await read('editors/README.md');

    for (const file of Object.keys(settings['yaml.schemas'])) expect(page).toContain(`> ${file}\n`);
  });

  it('fit every declaration of the examples, and nothing else of them', () => {
    const fits = picomatch([...declarations], { dot: true });

    expect(declared.length).toBeGreaterThan(8);
    expect(examples.filter((file) => fits(file))).toEqual(declared);
  });

  it('fit the settings of a repository at its top alone', () => {
    const fits = picomatch(repository.map((pattern) => pattern.replace(/^\//, '')));

    expect(['.fairlead.yaml', 'a/.fairlead.yaml'].filter((file) => fits(file))).toEqual([
      '.fairlead.yaml',
    ]);
  });

  it.each(declared)('lead to a schema that takes %s', async (file) => {
    const judge = await judgeOf();
    const documents = parseAllDocuments(await read(file)).map((one) => one.toJS() as unknown);

    expect(documents.map((document) => judge(document))).toEqual(documents.map(() => true));
  });

  const release = `
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-2.5.0 }
spec: { miniProgram: coffee, version: 2.5.0, environments: [Sandbox] }
`;

  it.each([
    { name: 'a word that is none', from: 'miniProgram:', to: 'miniprogram:' },
    { name: 'an environment that is none', from: 'Sandbox', to: 'Staging' },
    { name: 'a kind that is none', from: 'MiniProgramRelease', to: 'Release' },
    { name: 'a name that is none', from: 'name: coffee-2.5.0', to: 'name: Coffee' },
    { name: 'another version of the documents', from: 'v1alpha1', to: 'v1' },
  ])('lead to one that refuses $name', async ({ from, to }) => {
    const judge = await judgeOf();

    expect(judge(parse(release))).toBe(true);
    expect(judge(parse(release.replace(from, to)))).toBe(false);
  });

  it('lead to one for the settings of a repository', async () => {
    const judge = await judgeOf('RepositorySettings');

    expect(judge({ lint: {} })).toBe(true);
    expect(judge({ lints: {} })).toBe(false);
  });
});

describe('the hook for pre-commit', () => {
  it('runs a script that is there, over folders and not over single files', async () => {
    const [hook] = parse(await read('.pre-commit-hooks.yaml')) as [Record<string, unknown>];

    expect(hook).toMatchObject({
      id: 'fairlead-validate',
      language: 'script',
      pass_filenames: false,
    });
    expect(await read(String(hook['entry']))).toContain('validate -- "$@"');
  });
});
