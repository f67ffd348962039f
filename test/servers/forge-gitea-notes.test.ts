import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { LineNote } from '../../src/ports/forge.ts';
import { type Gitea, type GiteaUser, startGitea } from '../support/gitea.ts';
import { forgeAt } from '../support/gitea-forge.ts';
import type { GiteaRepository } from '../support/gitea-repository.ts';
import { createTeam, lines, openShop, type Shop, signal, type Team } from './gitea-shop.ts';

let team: Team;
let gitea: Gitea;
let ann: GiteaUser;
let bot: GiteaUser;

beforeAll(async () => {
  gitea = await startGitea();
  team = await createTeam(gitea);
  ({ ann, bot } = team);
});

afterAll(() => gitea.stop());

const shop = (): Promise<Shop> => openShop(team);

function note(file: string, line: number, message = 'a message'): LineNote {
  return { file, line, level: 'warning', title: 'some-rule', message };
}

interface Review {
  readonly id: number;
  readonly state: string;
  readonly commit_id: string;
  readonly body: string;
  readonly user: { readonly login: string };
}

async function reviews(repository: GiteaRepository, pull: number): Promise<readonly Review[]> {
  const path = `/repos/${repository.slug}/pulls/${String(pull)}/reviews`;
  return gitea.json({ as: bot, path });
}

async function remarks(repository: GiteaRepository, pull: number, review: number) {
  interface Remark {
    readonly path: string;
    readonly position: number;
    readonly body: string;
  }
  const path = `/repos/${repository.slug}/pulls/${String(pull)}/reviews/${String(review)}/comments`;
  const all = await gitea.json<readonly Remark[]>({ as: bot, path });
  return all.map((remark) => `${remark.path}:${String(remark.position)}`).toSorted();
}

describe('notes at lines on Gitea', () => {
  it('are one review at lines of the diff; those elsewhere go without', async () => {
    const { shop: repository, pull } = await shop();
    const { forge } = forgeAt(gitea.url, repository, bot);
    const read = await forge.pull(pull, signal);

    await forge.annotate(
      read,
      [note('a.yaml', 1), note('a.yaml', 30), note('dir é/b "q".yaml', 4), note('none.yaml', 1)],
      signal,
    );

    const [review, ...others] = await reviews(repository, pull);
    expect(others).toEqual([]);
    expect(review).toMatchObject({ state: 'COMMENT', commit_id: read.head.commit });
    expect(review?.body).toContain('2 more at lines that this pull request does not touch');
    expect(await remarks(repository, pull, review!.id)).toEqual(['a.yaml:1', 'dir é/b "q".yaml:4']);
  });

  it('are not repeated for one head, and replaced for the next; those of people stay', async () => {
    const { shop: repository, pull } = await shop();
    const { forge } = forgeAt(gitea.url, repository, bot);
    const path = `/repos/${repository.slug}/pulls/${String(pull)}/reviews`;
    const forged = { event: 'COMMENT', body: '<!-- fairlead:notes x -->\nnot ours' };
    await gitea.json({ as: ann, path, body: forged });
    const before = await forge.pull(pull, signal);

    await forge.annotate(before, [note('a.yaml', 1)], signal);
    const first = (await reviews(repository, pull)).filter(({ user }) => user.login !== 'ann');
    await forge.annotate(before, [note('a.yaml', 1)], signal);
    const second = (await reviews(repository, pull)).filter(({ user }) => user.login !== 'ann');
    await repository.commit('topic', { 'a.yaml': `zero\nfirst\n${lines(40)}` });
    const after = await forge.pull(pull, signal);
    await forge.annotate(after, [note('a.yaml', 2)], signal);
    const third = await reviews(repository, pull);

    expect(first).toHaveLength(1);
    expect(second).toEqual(first);
    expect(third.map(({ user, commit_id }) => [user.login, commit_id])).toEqual([
      ['ann', before.head.commit],
      ['fairlead-bot', after.head.commit],
    ]);
    await forge.annotate(after, [], signal);
    expect((await reviews(repository, pull)).map(({ user }) => user.login)).toEqual(['ann']);
  });

  it('are whole after a review that broke off', async () => {
    const { shop: repository, pull } = await shop();
    const { forge, wire } = forgeAt(gitea.url, repository, bot);
    const read = await forge.pull(pull, signal);
    const path = `/repos/${repository.slug}/pulls/${String(pull)}/reviews`;
    const half = [
      { path: 'a.yaml', new_position: 1, body: '<!-- fairlead:note -->\nhalf' },
      { path: 'a.yaml', new_position: 999, body: '<!-- fairlead:note -->\nbreaks' },
    ];
    const broken = await gitea.call({ as: bot, path, body: { event: 'COMMENT', comments: half } });
    expect(broken.status).toBe(500);
    expect((await reviews(repository, pull)).map(({ state }) => state)).toEqual(['PENDING']);
    let lost = 0;
    wire.spoil = (response, { method }) => {
      const isLost = method === 'POST' && (lost += 1) === 1;
      return isLost ? { ...response, status: 504, body: new Uint8Array() } : response;
    };

    await forge.annotate(read, [note('a.yaml', 1)], signal);

    const after = await reviews(repository, pull);
    expect(after.map(({ state }) => state)).toEqual(['COMMENT']);
    expect(await remarks(repository, pull, after[0]!.id)).toEqual(['a.yaml:1']);
  });

  it('go without where the diff is too much, and nothing else fails', async () => {
    const { shop: repository, pull } = await shop();
    const { forge, wire } = forgeAt(gitea.url, repository, bot);
    const read = await forge.pull(pull, signal);
    wire.spoil = (response, { url }) =>
      url.endsWith('.diff') ? { ...response, status: 504, body: new Uint8Array() } : response;

    await forge.annotate(read, [note('a.yaml', 1)], signal);

    expect(await reviews(repository, pull)).toEqual([]);
    expect(wire.sent.filter(({ url }) => url.endsWith('.diff'))).toHaveLength(1);
  });

  it("never publish or delete a person's draft", async () => {
    const { shop: repository, pull } = await shop();
    const { forge } = forgeAt(gitea.url, repository, bot);
    const path = `/repos/${repository.slug}/pulls/${String(pull)}/reviews`;
    const draft = [{ path: 'a.yaml', new_position: 1, body: 'thinking aloud' }];
    await gitea.json({ as: bot, path, body: { event: 'PENDING', body: 'x', comments: draft } });

    const annotated = forge.annotate(await forge.pull(pull, signal), [note('a.yaml', 1)], signal);

    await expect(annotated).rejects.toMatchObject({ code: 'ForgeRefused' });
    expect((await reviews(repository, pull)).map(({ state }) => state)).toEqual(['PENDING']);
  });

  it('call nobody', async () => {
    const { shop: repository, pull } = await shop();
    const { forge } = forgeAt(gitea.url, repository, bot);
    const zoe = await gitea.createUser('zoe');

    await forge.annotate(
      await forge.pull(pull, signal),
      [note('a.yaml', 1, `@zoe closes #${String(pull)} <img src=x> [x](//evil.example)`)],
      signal,
    );

    const page = await gitea.call({
      path: `/${repository.slug}/pulls/${String(pull)}`,
      isPage: true,
    });
    expect(page.text).toContain('evil.example');
    expect(page.text).not.toMatch(/href="[^"]*evil\.example|<img src="?x|href="[^"]*\/zoe"/);
    const calls = await gitea.json<readonly unknown[]>({ as: zoe, path: '/notifications' });
    expect(calls).toEqual([]);
  });
});
