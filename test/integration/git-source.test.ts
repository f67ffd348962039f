import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GitSource } from '../../src/core/kinds/index.ts';
import { changed, program, useRepository } from './git-repository.ts';

const repository = useRepository();
const { git, put, commit, load, mirror } = repository;

describe('followGit', () => {
  it('reads the declarations of the branch, with its commit and time', async () => {
    await put('programs/coffee.yaml', program('coffee'));
    await put('README.md', '# no');
    const id = commit();

    const found = await load();

    expect([found.source, found.names, found.commit, found.complete]).toEqual([
      'team',
      ['coffee'],
      id,
      true,
    ]);
    const [document] = found.documents;
    expect(document?.origin).toMatchObject({ file: 'programs/coffee.yaml', commit: id });
    expect(document?.since).toBe(Number(git('show', '--no-patch', '--format=%ct', id)) * 1000);
  });

  it('follows the branch, and forgets what it left', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      await put('a.yaml', program(`p${index}`));
      ids.push(commit());
      expect((await load()).names).toEqual([`p${index}`]);
    }

    const refs = spawnSync('git', ['--git-dir', mirror(), 'for-each-ref'], { encoding: 'utf8' });

    const kept = ids.filter((id) => refs.stdout.includes(id));
    expect(kept.at(-1)).toBe(ids.at(-1));
    expect(kept.length).toBeLessThan(11);
  });

  it.each([
    { name: 'not there', path: 'relaeses' },
    { name: 'there in other letters', path: 'Releases' },
    { name: 'below one that is there', path: 'releases/production' },
  ])('refuses a folder that is $name', async ({ path }) => {
    await put('releases/a.yaml', program('one'));
    const id = commit();

    await expect(load({ path })).rejects.toMatchObject({
      code: 'SettingsInvalid',
      message: `path "${path}" does not exist in commit ${id.slice(0, 12)}`,
    });
  });

  it('leaves what is in force when the folder vanishes, and goes on when it is there again', async () => {
    await put('releases/a.yaml', program('one'));
    const first = commit();
    const source = repository.follow({ path: 'releases' });
    await changed(source);
    git('mv', 'releases', 'archive');
    commit();

    await expect(changed(source)).rejects.toMatchObject({ code: 'SettingsInvalid' });
    const restarted = repository.follow({ path: 'releases' });
    const restored = await restarted.restore(new AbortController().signal);
    git('mv', 'archive', 'releases');
    await put('releases/b.yaml', program('two'));
    commit();
    const names = (await changed(source)).documents.documents.map(({ name }) => name);

    expect(restored?.commit.id).toBe(first);
    expect(names).toEqual(['one', 'two']);
  });

  it.each([
    { name: 'without any declaration', path: 'releases', include: undefined },
    { name: 'of which nothing is included', path: 'releases', include: ['none/*'] },
    { name: 'that is the root', path: '', include: ['none/*'] },
  ])('takes a folder $name for one that declares nothing', async ({ path, include }) => {
    await put('releases/README.md', '# none');
    commit();

    const found = await load({ path, ...(include ? { include } : {}) });

    expect([found.names, found.problems, found.complete]).toEqual([[], [], true]);
  });

  it('fetches nothing when the ref has not moved', async () => {
    await put('a.yaml', program('one'));
    commit();
    await load();
    // Without objects the remote can still say where its refs are, and nothing more.
    await rm(join(repository.remote, 'objects'), { recursive: true });
    await mkdir(join(repository.remote, 'objects'));

    expect((await load()).names).toEqual(['one']);
  });

  it('fetches no history', async () => {
    for (const name of ['one', 'two', 'three']) {
      await put('a.yaml', program(name));
      commit();
    }
    await load();
    const count = spawnSync(
      'sh',
      ['-c', `git -C "${repository.root}"/state/git/* rev-list --all --count`],
      {
        encoding: 'utf8',
      },
    );

    expect(count.stdout.trim()).toBe('1');
  });

  it('follows an annotated tag to its commit', async () => {
    await put('a.yaml', program('one'));
    const id = commit();
    git('tag', '--annotate', '--message', 'release', 'v1.0.0');
    git('push', '--quiet', 'origin', 'v1.0.0');
    await put('a.yaml', program('two'));
    commit();

    const found = await load({ ref: { tag: 'v1.0.0' } });

    expect([found.names, found.commit]).toEqual([['one'], id]);
  });

  it('is not misled by a ref that only ends like the one it follows', async () => {
    await put('a.yaml', program('one'));
    const id = commit();
    await put('a.yaml', program('two'));
    commit();
    git(
      'push',
      '--quiet',
      '--force',
      'origin',
      `${id}:refs/heads/main`,
      'HEAD:refs/heads/refs/heads/main',
    );

    expect((await load()).names).toEqual(['one']);
  });

  it('keeps to path, include and exclude', async () => {
    await put('releases/a.yaml', program('a'));
    await put('releases/deep/b.yml', program('b'));
    await put('releases/old/c.yaml', program('c'));
    await put('other/d.yaml', program('d'));
    await put('releases/.hidden/e.yaml', program('e'));
    commit();

    const names = async (spec: Partial<GitSource['spec']>) => (await load(spec)).names;

    expect(await names({ path: 'releases' })).toEqual(['a', 'b', 'c']);
    expect(await names({ path: './releases/', exclude: ['old/**'] })).toEqual(['a', 'b']);
    expect(await names({ include: ['other/*.yaml'] })).toEqual(['d']);
  });

  it('refuses what is no small regular file of text, one by one, and reads the rest', async () => {
    await put('good.yaml', program('good'));
    await symlink('/etc/passwd', join(repository.work, 'link.yaml'));
    await put('big.yaml', Buffer.alloc(256 * 1024 + 1, 0x23));
    await put('lfs.yaml', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
    await writeFile(
      Buffer.concat([
        Buffer.from(`${repository.work}/`),
        Buffer.from([0x66, 0xff]),
        Buffer.from('.yaml'),
      ]),
      program('name'),
    );
    await put('control\u001b[31m.yaml', 'kind: [');
    git('add', '--all');
    git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module.yaml`);
    git('commit', '--quiet', '--message', 'all kinds of files');
    git('push', '--quiet', 'origin', 'HEAD');

    const { names, rules, complete } = await load();

    expect(names).toEqual(['good']);
    expect(rules.map(([rule]) => rule)).toEqual(
      expect.arrayContaining([
        'file-symlink',
        'yaml-size',
        'file-lfs',
        'file-name',
        'file-submodule',
      ]),
    );
    expect(rules.map(([, file]) => file).join('')).not.toContain('\u001b');
    expect(complete).toBe(true);
  });

  it('carries what sops encrypted by its path, and takes it for no declaration', async () => {
    const sealed = 'apiKey: ENC[AES256_GCM,data:x]\nsops:\n    age:\n        - recipient: age1x\n';
    await put('releases/a.yaml', program('a'));
    await put('releases/keys/live.yaml', sealed);
    await put('releases/keys/more.enc.json', '{"a": "ENC[x]", "sops": {"age": []}}');
    await put('releases/plain.json', '{"a": 1}');
    commit();

    const { documents, encrypted } = await changed(repository.follow({ path: 'releases' }));

    expect(documents.documents.map(({ name }) => name)).toEqual(['a']);
    expect(documents.problems).toEqual([]);
    expect(Object.keys(encrypted).toSorted()).toEqual([
      'releases/keys/live.yaml',
      'releases/keys/more.enc.json',
    ]);
    expect(Buffer.from(encrypted['releases/keys/live.yaml'] ?? []).toString()).toBe(sealed);
  });

  it('lets a broken file hold back its own documents and no others', async () => {
    await put('a.yaml', program('a'));
    await put('broken.yaml', 'kind: [');
    await put('latin.yaml', Buffer.from([0x6b, 0xe9, 0x0a]));
    commit();

    const { names, rules, complete } = await load();

    expect(names).toEqual(['a']);
    expect(new Set(rules.map(([, file]) => file))).toEqual(new Set(['broken.yaml', 'latin.yaml']));
    expect(complete).toBe(true);
  });

  it.each([
    { name: 'a branch that does not exist', spec: { ref: { branch: 'nope' } } },
    { name: 'a repository that does not exist', spec: { url: 'file:///nonexistent/repository' } },
  ])('says so of $name', async ({ spec }) => {
    await put('a.yaml', program('one'));
    commit();

    await expect(load(spec)).rejects.toMatchObject({ code: 'SourceUnavailable' });
  });

  it('says so of an empty repository', async () => {
    await expect(load()).rejects.toMatchObject({ code: 'SourceUnavailable' });
  });

  it('makes a mirror with corrupt objects anew by itself', async () => {
    await put('a.yaml', program('one'));
    commit();
    await load();
    spawnSync('sh', [
      '-c',
      `for f in $(find "${mirror()}/objects" -type f); do chmod u+w "$f"; printf broken > "$f"; done`,
    ]);

    expect((await load()).names).toEqual(['one']);
  });

  it('runs no hook and asks nobody, whatever the remote or the mirror hold', async () => {
    await put('a.yaml', program('one'));
    commit();
    const trap = join(repository.root, 'trap');
    await load();
    await mkdir(join(mirror(), 'hooks'), { recursive: true });
    for (const hook of ['reference-transaction', 'post-update', 'pre-auto-gc', 'post-checkout']) {
      await writeFile(join(mirror(), 'hooks', hook), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    }
    await put('a.yaml', program('two'));
    commit();

    expect((await load()).names).toEqual(['two']);
    await expect(readFile(trap)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
