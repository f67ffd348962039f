import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDirectory } from '../../../src/source/directory.ts';

const never = new AbortController().signal;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-directory-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function program(name: string): string {
  return [
    'apiVersion: fairlead.dev/v1alpha1',
    'kind: MiniProgram',
    `metadata: { name: ${name} }`,
    'spec: { workspace: acme, id: "3500020208396321" }',
    '',
  ].join('\n');
}

async function put(path: string, text: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function load(paths: readonly string[], input = '') {
  const directory = createDirectory({
    paths,
    source: 'cli',
    cwd: folder,
    readInput: async () => new TextEncoder().encode(input),
  });
  const { sources } = await directory.load(never);
  const [source] = sources;
  if (!source || sources.length !== 1) throw new Error('one source was expected');
  return {
    names: source.documents.map(({ name }) => name),
    files: source.documents.map(({ origin }) => (origin.kind === 'file' ? origin.file : '')),
    rules: source.problems.map(({ rule, origin }) => [
      rule,
      origin && 'file' in origin ? origin.file : '',
    ]),
    complete: source.complete,
  };
}

describe('createDirectory', () => {
  it('reads every YAML file below a directory, in the order of their names', async () => {
    await put('b/two.yml', program('two'));
    await put('a/one.yaml', program('one'));
    await put('a/notes.txt', 'no');

    const { names, files } = await load(['.']);

    expect(names).toEqual(['one', 'two']);
    expect(files).toEqual(['a/one.yaml', 'b/two.yml']);
  });

  it('passes over folders that begin with a dot, and the repository settings', async () => {
    await put('.git/config.yaml', 'no: document');
    await put('.github/workflows/ci.yaml', 'on: push');
    await put('.fairlead.yaml', 'lint: {}');
    await put('one.yaml', program('one'));

    const { names, rules } = await load(['.']);

    expect(names).toEqual(['one']);
    expect(rules).toEqual([]);
  });

  it('reads a file once that is named twice', async () => {
    await put('a/one.yaml', program('one'));

    const { names } = await load(['a', 'a/one.yaml', './a/../a']);

    expect(names).toEqual(['one']);
  });

  it('reads standard input', async () => {
    const { names, files } = await load(['-'], program('piped'));

    expect(names).toEqual(['piped']);
    expect(files).toEqual(['(stdin)']);
  });

  it('refuses a link inside a directory, and reads the other files', async () => {
    await put('outside.txt', program('outside'));
    await put('a/one.yaml', program('one'));
    await symlink('../outside.txt', join(folder, 'a/link.yaml'));
    await mkdir(join(folder, 'elsewhere'));
    await symlink('../elsewhere', join(folder, 'a/folder'));

    const { names, rules } = await load(['a']);

    expect(names).toEqual(['one']);
    expect(rules).toEqual([['file-symlink', 'a/link.yaml']]);
  });

  it('follows a link that is named itself: whoever typed it meant it', async () => {
    await put('one.yaml', program('one'));
    await symlink('one.yaml', join(folder, 'named.yaml'));

    const { names } = await load(['named.yaml']);

    expect(names).toEqual(['one']);
  });

  it('refuses a pipe without waiting for a writer', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    await put('one.yaml', program('one'));

    const { names, rules } = await load(['.']);

    expect(names).toEqual(['one']);
    expect(rules).toEqual([['file-irregular', 'pipe.yaml']]);
  });

  it('refuses a file that is too large, and reads the other files', async () => {
    await put('big.yaml', Buffer.alloc(256 * 1024 + 1, 0x23));
    await put('one.yaml', program('one'));

    const { names, rules } = await load(['.']);

    expect(names).toEqual(['one']);
    expect(rules).toEqual([['yaml-size', 'big.yaml']]);
  });

  it('says which path does not exist', async () => {
    await expect(load(['missing'])).rejects.toMatchObject({ code: 'SourceUnavailable' });
  });

  it('gives an empty source for an empty directory', async () => {
    const { names, complete } = await load(['.']);

    expect([names, complete]).toEqual([[], true]);
  });
});
