import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsedFileOf } from '../../src/source/git/content.ts';
import { createRevision } from '../../src/source/git/revision.ts';
import { createTestGit, never, program, useRepository } from './git-repository.ts';

const repository = useRepository();
const { git, put, commit, load, mirror } = repository;

describe('what was parsed before', () => {
  async function spoilKept(): Promise<void> {
    const folder = mirror();
    const path = join(folder, parsedFileOf('team'));
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll('3500020208396321', '9999999999999999'));
  }

  it('is the same as what is parsed now, at its new place and commit', async () => {
    await put('a.yaml', `${program('one')}---\n${program('two')}`);
    commit();
    const first = await load({}, 'build 1');
    git('mv', 'a.yaml', 'b.yaml');
    const id = commit();

    const again = await load({}, 'build 1');
    const plain = await load();

    expect(again).toEqual(plain);
    expect(again.commit).toBe(id);
    expect(again.documents.map(({ origin }) => origin.kind === 'file' && origin.file)).toEqual([
      'b.yaml',
      'b.yaml',
    ]);
    expect(first.documents).toHaveLength(2);
  });

  it('is believed of the same build only', async () => {
    await put('a.yaml', program('one'));
    commit();
    await load({}, 'build 1');
    await spoilKept();

    expect((await load({}, 'build 1')).documents[0]?.value).toMatchObject({
      spec: { id: '9999999999999999' },
    });
    expect((await load({}, 'build 2')).documents[0]?.value).toMatchObject({
      spec: { id: '3500020208396321' },
    });
  });

  it('holds nothing that has a mistake: it is told each time', async () => {
    await put('a.yaml', `${program('one')}---\nkind: [`);
    commit();

    const [first, again] = [await load({}, 'build 1'), await load({}, 'build 1')];

    expect(first.problems.length).toBeGreaterThan(0);
    expect(again).toEqual(first);
  });

  it('is parsed again when a crash left half of it', async () => {
    await put('a.yaml', program('one'));
    commit();
    await load({}, 'build 1');
    const folder = mirror();
    await writeFile(join(folder, parsedFileOf('team')), '{"format":1,"stamp":"build 1","files":{');

    expect((await load({}, 'build 1')).documents.map(({ name }) => name)).toEqual(['one']);
  });
});

describe('createRevision', () => {
  async function read(revision: string, paths: readonly string[] = []) {
    const { sources } = await createRevision({
      directory: repository.work,
      revision,
      paths,
      source: 'cli',
      git: createTestGit(),
    }).load(never);
    return sources[0]?.documents.map(({ name }) => name);
  }

  it('reads a commit of a checkout as it was, whatever the work tree holds', async () => {
    await put('a.yaml', program('one'));
    commit();
    await put('a.yaml', program('two'));
    commit();
    await put('a.yaml', program('uncommitted'));

    expect(await read('HEAD~1')).toEqual(['one']);
    expect(await read('main')).toEqual(['two']);
  });

  it('keeps to the paths it is given', async () => {
    await put('a/one.yaml', program('one'));
    await put('b/two.yaml', program('two'));
    await put('b.yaml', program('three'));
    commit();

    expect(await read('HEAD', ['b'])).toEqual(['two']);
    expect(await read('HEAD', ['a/one.yaml', 'b.yaml'])).toEqual(['one', 'three']);
  });

  it.each([
    { revision: 'nope', code: 'SourceUnavailable' },
    { revision: '--all', code: 'LocalFailure' },
    { revision: 'HEAD:a.yaml', code: 'LocalFailure' },
  ])('refuses $revision', async ({ revision, code }) => {
    await put('a.yaml', program('one'));
    commit();

    await expect(async () => read(revision)).rejects.toMatchObject({ code });
  });
});
