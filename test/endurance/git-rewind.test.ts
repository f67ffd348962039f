import { readdirSync } from 'node:fs';
import { writeFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChangeId } from '../../src/core/model/plan.ts';
import type { FollowedSource, Look } from '../../src/ports/controller.ts';
import { changed, never, nobody, program, useRepository } from '../integration/git-repository.ts';

const repository = useRepository();
const { git, put, commit, follow } = repository;

/** Seconds; every test's history begins here. */
const start = 1_700_000_000;

async function look(source: FollowedSource, ...allowed: readonly string[]): Promise<Look> {
  return source.look(new Set(allowed as ChangeId[]), never);
}

/** Commits of one line, a second apart. */
async function line(...names: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [index, name] of names.entries()) {
    await put('a.yaml', program(name));
    ids.push(commit({ at: start + index }));
  }
  return ids;
}

/** The remote's main names another commit. */
function force(id: string): void {
  git('push', '--quiet', '--force', 'origin', `${id}:refs/heads/main`);
}

async function complete(source: FollowedSource): Promise<void> {
  const { commit: found } = await changed(source);
  await source.completed(found.id);
}

describe('a ref that goes back', () => {
  it.each([
    { name: 'by one commit', why: 'the completed commit names it as its parent', back: 1 },
    { name: 'by forty commits', why: 'history is deepened until it tells', back: 40 },
  ])('$name waits, and says for what', async ({ back, why }) => {
    const ids = await line(...Array.from({ length: back + 1 }, (_, index) => `p${index}`));
    const source = follow();
    await complete(source);
    force(ids[0]!);

    const first = await look(source);
    const again = await look(source);

    expect(first, why).toMatchObject({ kind: 'rewound', from: ids.at(-1), to: ids[0] });
    expect(again).toEqual(first);
    if (first.kind !== 'rewound') throw new Error('not rewound');
    expect(first.changeId).toMatch(/^c-[0-9a-f]{12}$/);
    expect(first.nextStep).toContain(`fairlead approve ${first.changeId}`);
  });

  it('waits after a restart, too, under the same id', async () => {
    const ids = await line('one', 'two');
    const source = follow();
    await complete(source);
    force(ids[0]!);

    expect(await look(follow())).toEqual(await look(source));
  });

  it('goes on when it is approved, and from there', async () => {
    const ids = await line('one', 'two');
    const source = follow();
    await complete(source);
    force(ids[0]!);
    const held = await look(source);
    if (held.kind !== 'rewound') throw new Error('not rewound');

    const refused = await look(source, 'c-000000000000');
    const found = await changed(source, [held.changeId]);
    await source.completed(found.commit.id);

    expect(refused.kind).toBe('rewound');
    expect(found.commit.id).toBe(ids[0]);
    expect((await look(follow())).kind).toBe('changed');
  });

  it('is approved for one time, and not for the next time it goes the same way', async () => {
    const ids = await line('one', 'two');
    const source = follow();
    await complete(source);
    force(ids[0]!);
    const held = await look(source);
    if (held.kind !== 'rewound') throw new Error('not rewound');
    await source.completed((await changed(source, [held.changeId])).commit.id);
    force(ids[1]!);
    await complete(source);
    force(ids[0]!);

    expect((await look(source, held.changeId)).kind).toBe('rewound');
  });

  it('goes on when a newer commit is pushed on top', async () => {
    const ids = await line('one', 'two');
    const source = follow();
    await complete(source);
    force(ids[0]!);
    expect((await look(source)).kind).toBe('rewound');
    git('reset', '--quiet', '--hard', ids[0]!);
    await put('a.yaml', program('three'));
    const third = commit({ at: start + 10 });

    expect((await changed(source)).commit.id).toBe(third);
  });

  it('and comes again is as if nothing had been', async () => {
    const ids = await line('one', 'two');
    const source = follow();
    await complete(source);
    force(ids[0]!);
    expect((await look(source)).kind).toBe('rewound');
    force(ids[1]!);

    expect(await look(source)).toEqual({ kind: 'unchanged' });
  });

  it.each([
    { name: 'in the same process', why: 'it was acted on in part', isRestarted: false },
    { name: 'after a restart', why: 'what is in force is kept on disk', isRestarted: true },
  ])('waits where nothing was completed before, $name', async ({ isRestarted, why }) => {
    const ids = await line('one', 'two', 'three');
    const first = follow();
    await changed(first);
    force(ids[0]!);
    const source = isRestarted ? follow() : first;

    expect(await look(source), why).toMatchObject({ kind: 'rewound', from: ids[2], to: ids[0] });
  });

  it.each([
    { name: 'in the same process', isRestarted: false },
    { name: 'after a restart', isRestarted: true },
  ])(
    'waits where it goes behind what is in force but after what was completed, $name',
    async ({ isRestarted }) => {
      const ids = await line('one', 'two', 'three');
      force(ids[0]!);
      const first = follow();
      await complete(first);
      force(ids[2]!);
      await changed(first);
      force(ids[1]!);
      const source = isRestarted ? follow() : first;

      expect(await look(source)).toMatchObject({ kind: 'rewound', from: ids[2], to: ids[1] });
    },
  );

  it('is judged from the step back that was approved, although it was not completed', async () => {
    const ids = await line('one', 'two', 'three');
    const source = follow();
    await complete(source);
    force(ids[0]!);
    const held = await look(source);
    if (held.kind !== 'rewound') throw new Error('not rewound');
    await changed(source, [held.changeId]);
    force(ids[1]!);

    expect((await changed(follow())).commit.id).toBe(ids[1]);
  });

  it('is approved for one time, also where nothing is ever completed', async () => {
    const ids = await line('one', 'two');
    const source = follow();
    await changed(source);
    force(ids[0]!);
    const held = await look(source);
    if (held.kind !== 'rewound') throw new Error('not rewound');
    await changed(source, [held.changeId]);
    force(ids[1]!);
    await changed(source);
    force(ids[0]!);

    expect((await look(source, held.changeId)).kind).toBe('rewound');
  });

  it('waits under one id across restarts, whoever looked at the same commit in between', async () => {
    const ids = await line('one', 'two');
    await changed(follow());
    const before = follow();
    await changed(before);
    force(ids[0]!);

    expect(await look(follow())).toEqual(await look(before));
  });
});

describe('clocks that are wrong', () => {
  it('do not make a descendant a step back', async () => {
    await put('a.yaml', program('one'));
    commit({ at: start });
    const source = follow();
    await complete(source);
    for (let index = 0; index < 20; index += 1) commit({ at: start - 1000 + index });
    const last = commit({ at: start - 100 });

    expect((await changed(source)).commit.id).toBe(last);
  });

  it('do not make an ancestor a step forward', async () => {
    await put('a.yaml', program('one'));
    const first = commit({ at: start + 1000 });
    for (let index = 0; index < 20; index += 1) commit({ at: start + index });
    const source = follow();
    await complete(source);
    force(first);

    expect(await look(source)).toMatchObject({ kind: 'rewound', to: first });
  });
});

describe('history that was written anew', () => {
  async function rewrite(at: number): Promise<{ source: FollowedSource; amended: string }> {
    await line('one', 'two', 'three');
    const source = follow();
    await complete(source);
    git('reset', '--quiet', '--hard', 'HEAD~2');
    await put('a.yaml', program('instead'));
    return { source, amended: commit({ at }) };
  }

  it('is followed when it is newer', async () => {
    const { source, amended } = await rewrite(start + 100);

    expect((await changed(source)).commit.id).toBe(amended);
  });

  it.each([
    { name: 'as old', at: start + 2 },
    { name: 'older', at: start - 5 },
  ])('waits when it is $name', async ({ at }) => {
    const { source, amended } = await rewrite(at);

    expect(await look(source)).toMatchObject({ kind: 'rewound', to: amended });
  });

  it('waits by its time alone when the server has forgotten the old commit', async () => {
    const { amended } = await rewrite(start - 5);
    git('--git-dir', repository.remote, 'reflog', 'expire', '--expire=now', '--all');
    git('--git-dir', repository.remote, 'gc', '--prune=now', '--quiet');
    await rm(repository.mirror(), { recursive: true });

    expect(await look(follow())).toMatchObject({ kind: 'rewound', to: amended });
  });
});

describe('tags', () => {
  function tag(name: string, id = 'HEAD', ...more: readonly string[]): void {
    git('tag', '--force', ...more, name, id);
    git('push', '--quiet', '--force', 'origin', `refs/tags/${name}`);
  }

  it.each([
    { range: '>=1.0.0', tags: ['v1.2.0', 'v1.10.0', 'v1.9.0'], expected: 'v1.10.0' },
    { range: '^1.0.0', tags: ['1.2.3', 'v2.0.0'], expected: '1.2.3' },
    { range: '>=1.0.0', tags: ['v1.2.0', 'v1.3.0-rc.1'], expected: 'v1.2.0' },
    { range: '>=1.3.0-rc.0', tags: ['v1.2.0', 'v1.3.0-rc.1'], expected: 'v1.3.0-rc.1' },
    { range: '1.x', tags: ['v1.2.0', 'v1.3', 'release-1.9.0', 'v1.4.0/x'], expected: 'v1.2.0' },
    { range: '1.x', tags: ['1.2.0+b', '1.2.0+a'], expected: '1.2.0+b' },
  ])('$tags: $range names $expected', async ({ range, tags, expected }) => {
    const ids = new Map<string, string>();
    for (const name of tags) {
      await put('a.yaml', program(`p${ids.size}`));
      ids.set(name, commit());
      tag(name);
    }

    const source = follow({ ref: { semver: range } });

    expect((await changed(source)).commit).toMatchObject({ id: ids.get(expected), ref: expected });
    expect(source.ref).toBe(range);
  });

  it('in a range follow the greatest version, through annotated tags', async () => {
    const [one] = await line('one');
    tag('v1.0.0', one, '--annotate', '--message', 'one');
    const source = follow({ ref: { semver: '1' } });
    await complete(source);
    await put('a.yaml', program('two'));
    const two = commit({ at: start + 10 });
    tag('v1.1.0', two, '--annotate', '--message', 'two');

    expect((await changed(source)).commit.id).toBe(two);
  });

  it('whose greatest version is taken away are a step back', async () => {
    const ids = await line('one', 'two');
    tag('v1.0.0', ids[0]);
    tag('v1.1.0', ids[1]);
    const source = follow({ ref: { semver: '1' } });
    await complete(source);
    git('push', '--quiet', 'origin', ':refs/tags/v1.1.0');

    expect(await look(source)).toMatchObject({ kind: 'rewound', to: ids[0] });
  });

  it('that are moved to an older commit are a step back', async () => {
    const ids = await line('one', 'two');
    tag('stable', ids[1]);
    const source = follow({ ref: { tag: 'stable' } });
    await complete(source);
    tag('stable', ids[0]);

    expect(source.ref).toBe('refs/tags/stable');
    expect(await look(source)).toMatchObject({ kind: 'rewound', to: ids[0] });
  });

  it('without any in the range say so', async () => {
    await line('one');
    tag('v1.0.0');

    await expect(look(follow({ ref: { semver: '^2' } }))).rejects.toMatchObject({
      code: 'SourceUnavailable',
    });
  });
});

describe('a completed commit', () => {
  it('is in force again at a start without the remote, where nothing newer was handed on', async () => {
    await line('one', 'two');
    const source = follow();
    await complete(source);
    await put('a.yaml', program('three'));
    commit();
    await changed(source);
    await rm(repository.remote, { recursive: true });
    const restored = () => follow().restore(never);

    const newest = await restored();
    const folder = join(repository.root, 'state', 'sources');
    const given = readdirSync(folder).find((name) => name.includes('given'));
    await rm(join(folder, given!));
    const completed = await restored();

    // What was acted on in part would be taken back by an older state.
    expect(newest?.documents.documents.map(({ name }) => name)).toEqual(['three']);
    expect(completed?.documents.documents.map(({ name }) => name)).toEqual(['two']);
    expect(completed?.commit.subject).toBe('change');
  });

  it('is none where nothing was looked at, or the mirror is gone', async () => {
    await line('one');
    const source = follow();
    expect(await source.restore(never)).toBe(undefined);
    await complete(source);
    await rm(repository.mirror(), { recursive: true });

    expect(await source.restore(never)).toBe(undefined);
  });

  it('stays in force when the branch is deleted', async () => {
    const [one] = await line('one');
    const source = follow();
    await complete(source);
    git('--git-dir', repository.remote, 'update-ref', '-d', 'refs/heads/main');

    await expect(look(source)).rejects.toMatchObject({ code: 'SourceUnavailable' });
    expect((await source.restore(never))?.commit.id).toBe(one);
  });

  it('counts for the ref it was completed of, and for no other', async () => {
    const ids = await line('one', 'two');
    await complete(follow());
    git('push', '--quiet', 'origin', `${ids[0]!}:refs/heads/other`);

    expect(await follow({ ref: { branch: 'other' } }).restore(never)).toBe(undefined);
    expect((await look(follow({ ref: { branch: 'other' } }))).kind).toBe('changed');
  });

  it('is unknown when its file is damaged: nothing is a step back then', async () => {
    const ids = await line('one', 'two');
    await complete(follow());
    const folder = join(repository.root, 'state', 'sources');
    const files = await readdir(folder);
    for (const file of files) await writeFile(join(folder, file), '{"commit":');
    force(ids[0]!);

    expect((await look(follow())).kind).toBe('changed');
  });

  it('is only one that this process brought', async () => {
    const ids = await line('one', 'two');
    const source = follow();
    await complete(source);
    await source.completed(ids[0]!);

    expect((await source.restore(never))?.commit.id).toBe(ids[1]);
  });
});

describe('who changed a file', () => {
  it('is told by its newest commit since the last completed one', async () => {
    await put('a.yaml', program('a'));
    await put('b.yaml', program('b'));
    await put('c.yaml', program('c'));
    commit({ at: start, author: 'First <first@example.test>' });
    const source = follow();
    await complete(source);
    await put('a.yaml', program('a2'));
    await put('ünï côde.yaml', program('u'));
    const second = commit({
      at: start + 1,
      author: 'Zoë Ünal <zoe@example.test>',
      message: 'Grüße\n\nbody',
    });
    await put('a.yaml', program('a3'));
    const third = commit({ at: start + 2, author: 'Third <third@example.test>' });
    await put('b.yaml', program('b2'));
    const fourth = commit({ at: start + 3, author: 'Fourth <fourth@example.test>' });

    const found = await changed(source);

    expect(found.commit).toEqual({
      id: fourth,
      author: 'Fourth <fourth@example.test>',
      subject: 'change',
      at: (start + 3) * 1000,
    });
    expect(found.changedBy).toEqual({
      'a.yaml': expect.objectContaining({ id: third, author: 'Third <third@example.test>' }),
      'ünï côde.yaml': {
        id: second,
        author: 'Zoë Ünal <zoe@example.test>',
        subject: 'Grüße',
        at: (start + 1) * 1000,
      },
    });
  });

  it('is told across a merge of an old branch', async () => {
    await put('a.yaml', program('a'));
    const base = commit({ at: start });
    git('checkout', '--quiet', '-b', 'feature');
    await put('feature.yaml', program('f'));
    const feature = commit({ at: start + 1, author: 'Feature <feature@example.test>' });
    git('checkout', '--quiet', 'main');
    await put('b.yaml', program('b'));
    const completed = commit({ at: start + 100 });
    const source = follow();
    await complete(source);
    git('merge', '--quiet', '--no-ff', '--message', 'merge', 'feature');
    git('push', '--quiet', 'origin', 'main');

    const found = await changed(source);

    expect([base, completed]).not.toContain(found.commit.id);
    expect(found.changedBy['feature.yaml']).toMatchObject({ id: feature });
    expect(Object.keys(found.changedBy)).toEqual(['feature.yaml']);
  });

  it('is nobody in particular where the history is not there', async () => {
    await line('one', 'two');

    expect((await changed(follow())).changedBy).toEqual({});
    expect(await follow().look(nobody, never)).toMatchObject({ kind: 'changed' });
  });
});
