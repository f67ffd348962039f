import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Gitea, type GiteaUser, startGitea } from '../support/gitea.ts';
import { forgeAt } from '../support/gitea-forge.ts';
import { createTeam, openShop, type Shop, signal, type Team } from './gitea-shop.ts';

const marker = '<!-- fairlead:review name=default ';

let team: Team;
let gitea: Gitea;
let acme: GiteaUser;
let ann: GiteaUser;
let bot: GiteaUser;

beforeAll(async () => {
  gitea = await startGitea({ settings: '[api]\nDEFAULT_PAGING_NUM = 3\nMAX_RESPONSE_ITEMS = 3\n' });
  team = await createTeam(gitea);
  ({ acme, ann, bot } = team);
});

afterAll(() => gitea.stop());

const shop = (isPrivate = false): Promise<Shop> => openShop(team, isPrivate);

describe('pull requests of Gitea', () => {
  it('are read with their ends, and where Git finds the head', async () => {
    const { shop: repository, pull } = await shop(true);
    const { forge } = forgeAt(gitea.url, repository, bot);

    const read = await forge.pull(pull, signal);

    expect(read).toEqual({
      number: pull,
      title: 'Coffee',
      author: 'acme',
      state: 'open',
      base: { branch: 'main', commit: await repository.git('rev-parse', 'main') },
      head: { branch: 'topic', commit: await repository.git('rev-parse', 'topic') },
      isFork: false,
      isPrivate: true,
      fetchRef: `refs/pull/${String(pull)}/head`,
      updatedAt: read.updatedAt,
    });
    expect(await repository.git('ls-remote', 'origin', read.fetchRef)).toContain(read.head.commit);
  });

  it('know forks, and say what was closed and what was merged', async () => {
    const { shop: repository, pull } = await shop();
    const fork = await repository.fork(ann);
    const head = await fork.commit('fix', { 'c.yaml': 'x\n' });
    const strange = await repository.openPull({ as: ann, from: 'ann:fix' });
    const { forge } = forgeAt(gitea.url, repository, bot);

    expect(await forge.pull(strange, signal)).toMatchObject({
      ...{ isFork: true, author: 'ann', isPrivate: false },
      head: { branch: 'fix', commit: head },
    });
    await repository.merge(pull);
    await repository.close(strange);
    expect((await forge.pull(pull, signal)).state).toBe('merged');
    expect((await forge.pull(strange, signal)).state).toBe('closed');
  });

  it('are listed to the last page, newest first, into one branch only', async () => {
    const { shop: repository, pull } = await shop();
    await repository.commit('other', {});
    const opened = [pull];
    for (let i = 1; i <= 7; i += 1) {
      await repository.commit(`topic-${String(i)}`, { 'n.txt': String(i) });
      opened.push(await repository.openPull({ as: acme, from: `topic-${String(i)}` }));
    }
    await repository.openPull({ as: acme, from: 'topic-1', to: 'other' });
    const { forge, wire } = forgeAt(gitea.url, repository, bot);

    const numbers = (await forge.openPulls('main', signal)).map(({ number }) => number);

    expect(numbers).toEqual(opened.toReversed());
    expect(wire.sent).toHaveLength(3);
  });

  it('are listed from an address that Gitea does not know for its own', async () => {
    const { shop: repository } = await shop();
    for (let i = 1; i <= 4; i += 1) {
      await repository.commit(`topic-${String(i)}`, { 'n.txt': String(i) });
      await repository.openPull({ as: acme, from: `topic-${String(i)}` });
    }
    const { forge, wire } = forgeAt(gitea.url.replace('127.0.0.1', 'localhost'), repository, bot);

    expect(await forge.openPulls('main', signal)).toHaveLength(5);
    expect(new Set(wire.sent.map(({ url }) => new URL(url).hostname))).toEqual(
      new Set(['localhost']),
    );
  });
});

describe('our comment on Gitea', () => {
  it('is written once and edited in place, however long the talk', async () => {
    const { shop: repository, pull } = await shop();
    const { forge } = forgeAt(gitea.url, repository, bot);
    for (let i = 0; i < 60; i += 1) await repository.comment(pull, ann, `talk ${String(i)}`);

    const first = await forge.putComment(pull, undefined, `${marker}1 -->\nfirst`, signal);
    for (let i = 0; i < 5; i += 1) await repository.comment(pull, ann, `more ${String(i)}`);
    const found = await forge.ownComment(pull, marker, signal);
    const second = await forge.putComment(pull, found, `${marker}2 -->\nsecond`, signal);

    expect(found).toEqual(first);
    expect(second).toEqual({ id: first.id, body: `${marker}2 -->\nsecond` });
    const ours = (await repository.comments(pull)).filter(({ user }) => user.id === bot.id);
    expect(ours.map(({ body }) => body)).toEqual([`${marker}2 -->\nsecond`]);
  });

  it('is not one that somebody else wrote, nor one that only quotes the marker', async () => {
    const { shop: repository, pull } = await shop();
    const forged = await repository.comment(pull, ann, `${marker}0 -->\nApproved by everybody`);
    await repository.comment(pull, bot, `see ${marker}`);
    const { forge } = forgeAt(gitea.url, repository, bot);

    expect(await forge.ownComment(pull, marker, signal)).toBeUndefined();

    const own = await forge.putComment(pull, undefined, `${marker}1 -->\nours`, signal);
    expect(await forge.ownComment(pull, marker, signal)).toEqual(own);
    const [first] = await repository.comments(pull);
    expect(first).toMatchObject({ id: forged.id, body: `${marker}0 -->\nApproved by everybody` });
  });

  it('is written anew when somebody deleted it', async () => {
    const { shop: repository, pull } = await shop();
    const { forge } = forgeAt(gitea.url, repository, bot);
    const own = await forge.putComment(pull, undefined, `${marker}1 -->\nfirst`, signal);
    const path = `/repos/${repository.slug}/issues/comments/${own.id}`;
    await gitea.json({ as: acme, method: 'DELETE', path });

    const again = await forge.putComment(pull, own, `${marker}2 -->\nagain`, signal);

    expect(again.id).not.toBe(own.id);
    expect(await repository.comments(pull)).toHaveLength(1);
  });

  it('may be as long as the adapter says', async () => {
    const { shop: repository, pull } = await shop();
    const { forge } = forgeAt(gitea.url, repository, bot);
    const body = `${marker}1 -->\n${'é€😀 '.repeat(20_000)}`.slice(0, forge.maxCommentLength);

    await forge.putComment(pull, undefined, body, signal);

    expect((await forge.ownComment(pull, marker, signal))?.body).toBe(body);
  });

  it('is found again where the answer to writing it was lost, and not written twice', async () => {
    const { shop: repository, pull } = await shop();
    const { forge, wire } = forgeAt(gitea.url, repository, bot);
    wire.spoil = (response, { method }) =>
      method === 'POST' ? { ...response, status: 502, body: new Uint8Array() } : response;

    const own = await forge.putComment(pull, undefined, `${marker}1 -->\nonce`, signal);

    expect(own.body).toBe(`${marker}1 -->\nonce`);
    expect(await repository.comments(pull)).toHaveLength(1);
  });
});

describe('statuses on Gitea', () => {
  it('are the newest of each context of ours', async () => {
    const { shop: repository, pull } = await shop();
    const { forge } = forgeAt(gitea.url, repository, bot);
    const { head } = await forge.pull(pull, signal);
    const put = (context: string, state: 'pending' | 'success' | 'failure', description: string) =>
      forge.putStatus(head.commit, { context, state, description }, signal);

    expect(await forge.statuses(head.commit, signal)).toEqual([]);
    await put('fairlead/plan', 'pending', 'reviewing');
    await put('fairlead/production', 'failure', 'blocked');
    for (const context of ['a', 'b', 'c', 'd', 'e']) await put(`other/${context}`, 'success', 'x');
    await put('fairlead/sandbox', 'success', 'nothing changes');
    await put('fairlead/plan', 'success', 'é'.repeat(140));

    const statuses = await forge.statuses(head.commit, signal);
    expect(statuses.toSorted((a, b) => (a.context < b.context ? -1 : 1))).toEqual([
      { context: 'fairlead/plan', state: 'success', description: 'é'.repeat(140) },
      { context: 'fairlead/production', state: 'failure', description: 'blocked' },
      { context: 'fairlead/sandbox', state: 'success', description: 'nothing changes' },
    ]);
  });
});

describe('a token of Gitea', () => {
  it.each([
    {
      name: 'that may only read code',
      scopes: ['read:repository'],
      right: 'write:repository',
    },
    {
      name: 'that may not comment',
      scopes: ['write:repository', 'read:user', 'read:issue'],
      right: 'write:issue',
    },
    {
      name: 'that may not say whose it is',
      scopes: ['write:repository', 'write:issue'],
      right: 'read:user',
    },
  ])('$name is refused by the name of the right it lacks', async ({ scopes, right }) => {
    const { shop: repository, pull } = await shop();
    const { forge, wire } = forgeAt(gitea.url, repository, await gitea.withScopes(bot, scopes));
    const { head } = await forge.pull(pull, signal);
    const status = { context: 'fairlead/plan', state: 'success', description: 'x' } as const;
    const attempt = async (): Promise<void> => {
      await forge.putStatus(head.commit, status, signal);
      await forge.ownComment(pull, marker, signal);
      await forge.putComment(pull, undefined, `${marker} -->`, signal);
    };

    const error: unknown = await attempt().catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'ForgeRefused' });
    expect((error as { nextStep?: string }).nextStep).toContain(right);
    expect(wire.sent.some(({ url }) => url.includes('token'))).toBe(false);
  });

  it('that is wrong, or cannot see the repository, stands in no error and no address', async () => {
    const { shop: repository, pull } = await shop(true);
    const token = 'f'.repeat(40);
    const wrong = forgeAt(gitea.url, repository, { token });
    const blind = forgeAt(gitea.url, repository, ann);

    const refused: unknown = await wrong.forge.pull(pull, signal).catch((error: unknown) => error);
    const unseen: unknown = await blind.forge.pull(pull, signal).catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: 'ForgeRefused' });
    expect(unseen).toMatchObject({ code: 'ForgeNotFound' });
    for (const [said, secret] of [
      [refused, token],
      [unseen, ann.token],
    ] as const) {
      const { message, nextStep, stack } = said as Error & { readonly nextStep?: string };
      expect(`${message} ${nextStep ?? ''} ${stack ?? ''}`).not.toContain(secret);
    }
    for (const { url } of [...wrong.wire.sent, ...blind.wire.sent])
      expect(url).not.toMatch(/[0-9a-f]{40}/);
  });
});

describe('a Gitea below a path', () => {
  it('is used as any other', async () => {
    const below = await startGitea({ subPath: '/tools/forge' });
    try {
      const owner = await below.createUser('acme');
      const repository = await below.createRepository(owner, 'shop');
      await repository.commit('main', { 'a.yaml': 'a\n' });
      await repository.commit('topic', { 'a.yaml': 'b\n' });
      const pull = await repository.openPull({ as: owner, from: 'topic' });
      const { forge } = forgeAt(below.url, repository, owner);

      const { head } = await forge.pull(pull, signal);
      const own = await forge.putComment(pull, undefined, `${marker} -->\nx`, signal);

      expect(await forge.ownComment(pull, marker, signal)).toEqual(own);
      const address = forge.lineUrl(head.commit, 'a.yaml', 1);
      expect(address).toBe(`${below.url}/acme/shop/src/commit/${head.commit}/a.yaml#L1`);
      expect((await fetch(address)).status).toBe(200);
    } finally {
      await below.stop();
    }
  });
});
