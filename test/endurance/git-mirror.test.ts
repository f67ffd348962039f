import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pruneMirrors } from '../../src/source/git/prune.ts';
import type { FollowOptions } from '../../src/source/git/follow.ts';
import {
  changed,
  createTestGit,
  never,
  nobody,
  program,
  useRepository,
} from '../integration/git-repository.ts';

const repository = useRepository();
const { git, put, commit, follow, mirror } = repository;

function named(name: string, more: Partial<FollowOptions> = {}) {
  return follow({}, { name, ...more });
}

function inMirror(...args: readonly string[]): string {
  return spawnSync('git', ['--git-dir', mirror(), ...args], { encoding: 'utf8' }).stdout.trim();
}

function bytesOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

describe('sources of one URL', () => {
  it('share a mirror, and what one has fetched the other has', async () => {
    await put('a.yaml', program('one'));
    commit();
    const shared = createTestGit();
    await changed(named('one', { git: shared }));
    await rm(join(repository.remote, 'objects'), { recursive: true });
    await mkdir(join(repository.remote, 'objects'));

    const { documents } = await changed(named('two', { git: shared }));

    expect(documents.documents.map(({ id }) => id)).toEqual(['two|a.yaml#0']);
    expect(readdirSync(join(repository.root, 'state', 'git'))).toHaveLength(1);
  });

  it('look at the same time without hindering each other', async () => {
    const shared = createTestGit();
    const sources = ['a', 'b', 'c', 'd'].map((name) =>
      follow({ path: name }, { name, git: shared, stamp: 'build' }),
    );
    for (let round = 0; round < 3; round += 1) {
      for (const name of ['a', 'b', 'c', 'd'])
        await put(`${name}/x.yaml`, program(`${name}${round}`));
      commit();

      const found = await Promise.all(sources.map(async (source) => changed(source)));

      expect(found.flatMap(({ documents }) => documents.documents.map(({ name }) => name))).toEqual(
        ['a', 'b', 'c', 'd'].map((name) => `${name}${round}`),
      );
      expect(found.flatMap(({ documents }) => documents.problems)).toEqual([]);
      await Promise.all(
        sources.map(async (source, index) => source.completed(found[index]!.commit.id)),
      );
    }
  });

  it('keep their objects when another one cleans up after itself', async () => {
    const shared = createTestGit();
    const [slow, quick] = [named('slow', { git: shared }), named('quick', { git: shared })];
    await put('a.yaml', program('one'));
    const first = commit();
    await changed(slow);
    await slow.completed(first);
    // More than are kept before refs are dropped.
    for (let index = 0; index < 12; index += 1) {
      await put('a.yaml', program(`p${index}`));
      const id = commit();
      await changed(quick);
      await quick.completed(id);
    }
    inMirror('gc', '--prune=now', '--quiet');

    expect((await slow.restore(never))?.documents.documents.map(({ name }) => name)).toEqual([
      'one',
    ]);
  });

  it('keep what they parsed apart', async () => {
    await put('a/x.yaml', program('one'));
    await put('b/y.yaml', program('two'));
    commit();
    const shared = createTestGit();
    for (const path of ['a', 'b', 'a', 'b'])
      await changed(follow({ path }, { name: path, git: shared, stamp: 'build' }));

    const kept = readdirSync(mirror()).filter((name) => name.startsWith('fairlead-parsed'));

    expect(kept).toHaveLength(2);
    for (const name of kept) {
      const lines = (await readFile(join(mirror(), name), 'utf8')).trim().split('\n');
      expect(lines).toHaveLength(2);
    }
  });
});

describe('a mirror that is broken', () => {
  const objects = (): readonly string[] =>
    readdirSync(join(mirror(), 'objects'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  async function spoilObjects(spoil: (file: string) => void): Promise<void> {
    for (const file of objects()) {
      await chmod(file, 0o644);
      spoil(file);
    }
  }

  it.each([
    {
      name: 'by a bad HEAD',
      break: async () => writeFile(join(mirror(), 'HEAD'), '\0garbage'),
    },
    { name: 'by a missing HEAD', break: async () => rm(join(mirror(), 'HEAD')) },
    { name: 'by a bad config', break: async () => writeFile(join(mirror(), 'config'), '[core') },
    {
      name: 'by missing objects',
      break: async () => spoilObjects((file) => truncateSync(file, 0)),
    },
    {
      name: 'by a truncated pack',
      break: async () => {
        inMirror('gc', '--quiet');
        await spoilObjects((file) => {
          if (file.endsWith('.pack')) truncateSync(file, statSync(file).size - 30);
        });
      },
    },
    {
      name: 'by a file in its place',
      break: async () => {
        const place = mirror();
        await rm(place, { recursive: true });
        await writeFile(place, 'no folder');
      },
    },
    {
      name: 'by a file in place of its objects',
      break: async () => {
        await rm(join(mirror(), 'objects'), { recursive: true });
        await writeFile(join(mirror(), 'objects'), 'no folder');
      },
    },
    {
      name: 'by the locks of a git that was killed',
      break: async () => {
        for (const name of ['shallow.lock', 'packed-refs.lock', 'config.lock', 'HEAD.lock'])
          await writeFile(join(mirror(), name), '');
      },
    },
    {
      name: 'by a shallow file of garbage',
      break: async () => writeFile(join(mirror(), 'shallow'), 'garbage\n'),
    },
  ])('$name is good again after one look', async ({ break: spoil }) => {
    for (let index = 0; index < 4; index += 1) {
      await put('a.yaml', program(`p${index}`));
      commit();
    }
    const source = follow();
    await source.completed((await changed(source)).commit.id);
    await put('a.yaml', program('next'));
    const next = commit();
    await spoil();

    const found = await changed(source);
    const restarted = await changed(follow());

    expect([found.commit.id, restarted.commit.id]).toEqual([next, next]);
    expect(inMirror('fsck', '--no-dangling')).toBe('');
  });

  it('and a remote that fails cost what was fetched only if it is really broken', async () => {
    await put('a.yaml', program('one'));
    const first = commit();
    const source = follow();
    await changed(source);
    await source.completed(first);
    await put('a.yaml', program('two'));
    commit();
    await rm(join(repository.remote, 'objects'), { recursive: true });
    await mkdir(join(repository.remote, 'objects'));

    await expect(source.look(nobody, never)).rejects.toMatchObject({ code: 'SourceUnavailable' });
    expect((await source.restore(never))?.commit.id).toBe(first);
  });
});

describe('a mirror over a thousand commits', () => {
  it('holds no more than a few commits of them', async () => {
    await put('base.yaml', program('base'));
    commit();
    const stream = Array.from({ length: 1000 }, (_, index) => {
      const text = `${program(`p${index}`)}# ${'x'.repeat(2000)}${index * 7919}\n`;
      return [
        'commit refs/heads/many',
        `committer Test <test@example.test> ${1_800_000_000 + index} +0000`,
        'data 1\nx',
        ...(index === 0 ? ['from refs/heads/main^0'] : []),
        `M 100644 inline many-${index % 10}.yaml`,
        `data ${text.length}\n${text}`,
      ].join('\n');
    }).join('\n');
    execFileSync('git', ['-C', repository.remote, 'fast-import', '--quiet'], {
      input: `${stream}\n`,
    });
    const ids = execFileSync('git', ['-C', repository.remote, 'rev-list', '--reverse', 'many'], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
    const source = follow();
    const sizes: number[] = [];
    for (let index = 20; index < ids.length; index += 20) {
      git('--git-dir', repository.remote, 'update-ref', 'refs/heads/main', ids[index]!);
      await source.completed((await changed(source)).commit.id);
      sizes.push(bytesOf(mirror()));
    }

    const [first = 0, second = 0] = sizes;
    const unpruned = (second - first) * sizes.length;
    const late = sizes.slice(sizes.length / 2);
    expect(sizes).toHaveLength(50);
    expect(Math.max(...sizes)).toBeLessThan(unpruned / 2);
    expect(Math.min(...late)).toBeLessThan(1.3 * Math.min(...sizes.slice(5)));
    expect(Number(inMirror('rev-list', '--all', '--count'))).toBeLessThan(400);
  });
});

describe('pruneMirrors', () => {
  it('removes what no source uses, and nothing else', async () => {
    await put('a.yaml', program('one'));
    commit();
    const shared = createTestGit();
    await changed(named('kept', { git: shared, stamp: 'build' }));
    await changed(named('gone', { git: shared, stamp: 'build' }));
    const state = join(repository.root, 'state', 'git');
    await mkdir(join(state, 'A'.repeat(22)));
    await mkdir(join(state, 'ssh-x1y2z3'));
    await mkdir(join(state, 'of somebody else'));

    await pruneMirrors(
      {
        git: shared,
        stateDirectory: join(repository.root, 'state'),
        allowFileUrls: true,
        sources: [{ name: 'kept', spec: { url: `file://${repository.remote}` } }],
      },
      never,
    );

    const left = readdirSync(state);
    expect(left).toHaveLength(2);
    expect(left).toContain('of somebody else');
    const kept = join(state, left.find((name) => name !== 'of somebody else') ?? '');
    const refs = execFileSync('git', ['--git-dir', kept, 'for-each-ref', 'refs/fairlead'], {
      encoding: 'utf8',
    });
    expect(refs.trim().split('\n')).toHaveLength(1);
    expect(readdirSync(kept).filter((name) => name.startsWith('fairlead-parsed'))).toHaveLength(1);
  });

  it('does nothing where there is nothing', async () => {
    const stateDirectory = join(repository.root, 'nowhere');

    await pruneMirrors(
      { git: createTestGit(), stateDirectory, allowFileUrls: true, sources: [] },
      never,
    );

    expect(existsSync(stateDirectory)).toBe(false);
  });
});
