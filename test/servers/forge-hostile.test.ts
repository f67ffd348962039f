import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Ink } from '../../src/core/render/review-ink.ts';
import { linkingInk } from '../../src/core/render/review-links.ts';
import { reviewMarkdown } from '../../src/core/render/review-markdown.ts';
import { type Gitea, type GiteaUser, startGitea } from '../support/gitea.ts';
import { forgeAt } from '../support/gitea-forge.ts';
import type { GiteaRepository } from '../support/gitea-repository.ts';
import { hostileTexts } from '../unit/review/hostile-corpus.ts';
import {
  type Entry,
  entries,
  isCalling,
  masksIn,
  noInk,
  reviewsWith,
} from '../unit/review/hostile-reviews.ts';
import { commentsOn, type Page, pageOf } from './forge-pages.ts';

/** Whoever the corpus calls is there, so that a call would reach somebody. */
const people = ['ann', 'ben', 'cat', 'octocat', 'ann-b', 'dependabot', 'everyone', 'here', 'group'];
const atOnce = pLimit(8);

interface Case {
  readonly text: string;
}

let gitea: Gitea;
let shop: GiteaRepository;
let bot: GiteaUser;
let crowd: readonly GiteaUser[];
/** As comments are written: what others wrote is made inert, and places lead to their lines. */
let ink: Ink;
/** How such an address begins. */
let ownAddress: string;
/** What means something in this repository and nowhere else. */
let local: readonly Case[];
/** One for each way in, with more before them: low numbers are what the corpus refers to. */
const pulls = new Map<Entry, number>();

beforeAll(async () => {
  gitea = await startGitea();
  const acme = await gitea.createUser('acme');
  bot = await gitea.createUser('fairlead-bot');
  crowd = await Promise.all(people.map((name) => gitea.createUser(name)));
  shop = await gitea.createRepository(acme, 'shop');
  await shop.addMember(bot, 'write');
  const commit = await shop.commit('main', { 'a.md': 'one\n', 'i.png': 'x' });
  const { forge } = forgeAt(gitea.url, shop, bot);
  ink = linkingInk((file, line) => forge.lineUrl(commit, file, line));
  ownAddress = `${gitea.url}/acme/shop/src/commit/${commit}/`;
  for (let number = 1; number <= 9; number += 1) await openPull(`plain-${String(number)}`);
  for (const entry of entries) pulls.set(entry, await openPull(entry));
  local = [
    ...[commit, commit.slice(0, 10), `acme/shop@${commit}`],
    ...['#1', 'acme/shop#1', 'closes #1', 'refs #2, #3', ':tada:', '[x](a.md)', '![x](i.png)'],
    ...[`${gitea.url}/acme/shop/pulls/1`, `${gitea.url}/acme/shop/commit/${commit}`],
    ...[`${gitea.url}/acme/shop/src/commit/${commit}/a.md#L1`, '@ann', '- [ ] @ben #1'],
  ].map((text) => ({ text }));
});

afterAll(() => gitea.stop());

async function openPull(branch: string): Promise<number> {
  await shop.commit(branch, { [`${branch}.txt`]: 'x\n' });
  return shop.openPull({ as: shop.owner, from: branch });
}

/**
 * As it would stand under a pull request. The repository's own route: that for no repository knows no issues and commits
 * (and Gitea 1.26.0 ends there at the sight of a hash).
 */
async function rendered(markdown: string): Promise<Page> {
  const path = `/repos/${shop.slug}/markdown`;
  const body = { Text: markdown, Mode: 'comment', Context: `/${shop.slug}` };
  const { status, text } = await gitea.call({ as: bot, path, body });
  expect(status).toBe(200);
  return pageOf(text);
}

interface Way {
  readonly entry: Entry;
  readonly ink: Ink;
}

async function pagesOf({ entry, ink }: Way, text: string): Promise<readonly Page[]> {
  return Promise.all(
    reviewsWith(entry, text).map((review) => atOnce(() => rendered(reviewMarkdown(review, ink)))),
  );
}

/** Elements in order. A link of ours to a line is as good as another, whatever the file is called. */
function structure({ elements }: Page): string {
  return elements.map((element) => (isOwnLink(element) ? '<a href=LINE>' : element)).join('');
}

function isOwnLink(element: string): boolean {
  const rest = element.startsWith(`<a href=${ownAddress}`)
    ? element.slice(`<a href=${ownAddress}`.length)
    : '';
  return /^[\w%.~/-]+#L\d+>$/.test(rest);
}

/** What a text achieved that a plain one does not; `said` has our own words and nothing of it, if it was made inert. */
function harm(page: Page, plain: Page): readonly string[] {
  return [
    ...(structure(page) === structure(plain) ? [] : ['structure']),
    ...(isCalling(page.said) ? ['call'] : []),
    ...masksIn(page.said),
    ...masksIn(page.code),
  ];
}

function trace(page: Page, plain: Page): readonly string[] {
  return [...harm(page, plain), ...(page.said === plain.said ? [] : ['words outside of code'])];
}

async function harmfulBy(way: Way, texts: readonly Case[]): Promise<readonly string[]> {
  const plain = await pagesOf(way, 'plain');
  const tried = texts.map(async ({ text }) => {
    const pages = await pagesOf(way, text);
    const isHarmful = pages.some((page, i) => harm(page, plain[i]!).length > 0);
    return isHarmful ? [text] : [];
  });
  return (await Promise.all(tried)).flat();
}

describe('what a stranger wrote, as Gitea shows it', () => {
  it.each(entries)('makes nothing of its own, coming in as a %s', async (entry) => {
    const way = { entry, ink };
    const plain = await pagesOf(way, 'plain');
    const tried = [...hostileTexts, ...local].map(async ({ text }) => {
      const pages = await pagesOf(way, text);
      const found = pages.flatMap((page, i) => trace(page, plain[i]!));
      return found.length === 0 ? [] : [{ text, found }];
    });

    expect((await Promise.all(tried)).flat()).toEqual([]);
  });

  it('would do harm in nearly every case, were it not made inert', async () => {
    const harmful = new Set<string>();
    for (const entry of entries) {
      const found = await harmfulBy({ entry, ink: noInk }, hostileTexts);
      console.log(`not inert, as a ${entry}: ${found.length} of ${hostileTexts.length} do harm`);
      for (const text of found) harmful.add(text);
    }
    const pale = hostileTexts.flatMap(({ text }) => (harmful.has(text) ? [] : [text]));
    console.log(`not inert: ${harmful.size} of ${hostileTexts.length} do harm`);

    expect(hostileTexts.length).toBeGreaterThanOrEqual(150);
    expect(harmful.size, JSON.stringify(pale)).toBeGreaterThanOrEqual(140);
  });

  it('would do harm with what is in the repository, were it not made inert', async () => {
    const found = await harmfulBy({ entry: 'value', ink: noInk }, local);

    expect(found).toEqual(local.map(({ text }) => text));
  });
});

describe('the same in comments', () => {
  const plainOf = (entry: Entry): string => reviewMarkdown(reviewsWith(entry, 'plain')[0]!, ink);

  async function write(pull: number, markdown: string): Promise<number> {
    return (await shop.comment(pull, bot, markdown)).id;
  }

  async function shown(pull: number): Promise<ReadonlyMap<number, Page>> {
    const path = `/${shop.slug}/pulls/${String(pull)}`;
    const { status, text } = await gitea.call({ path, isPage: true });
    expect(status).toBe(200);
    return commentsOn(text);
  }

  it.each(entries)('stands on the page as it was, coming in as a %s', async (entry) => {
    const pull = pulls.get(entry)!;
    const plain = await write(pull, plainOf(entry));
    const written = await Promise.all(
      [...hostileTexts, ...local].map(({ text }) =>
        atOnce(async () => {
          const markdown = reviewMarkdown(reviewsWith(entry, text)[0]!, ink);
          return { text, id: await write(pull, markdown) };
        }),
      ),
    );

    const pages = await shown(pull);
    const expected = pages.get(plain)!;
    const harmful = written.flatMap(({ text, id }) => {
      const page = pages.get(id);
      const found = page === undefined ? ['no such comment'] : trace(page, expected);
      return found.length === 0 ? [] : [{ text, found }];
    });

    expect(pages.size).toBe(written.length + 1);
    expect(harmful).toEqual([]);
  });

  it('calls nobody and is named nowhere', async () => {
    const calls = await Promise.all(
      crowd.map((user) => gitea.json<readonly unknown[]>({ as: user, path: '/notifications' })),
    );
    const named = await Promise.all(Array.from({ length: 9 }, (_, i) => referencesTo(i + 1)));

    expect(calls.flat()).toEqual([]);
    expect(named.flat()).toEqual([]);
  });

  it('would call people and be named, were it not made inert', async () => {
    const entry = 'value';
    const pull = pulls.get(entry)!;
    for (const text of ['closes #1', 'x @octocat'])
      await write(pull, reviewMarkdown(reviewsWith(entry, text)[0]!, noInk));

    const octocat = crowd.find(({ name }) => name === 'octocat')!;
    await expect
      .poll(() => gitea.json<readonly unknown[]>({ as: octocat, path: '/notifications' }), {
        timeout: 60_000,
      })
      .toHaveLength(1);
    expect(await referencesTo(1)).not.toEqual([]);
  });

  /** Entries of a pull request's course that another place put there. */
  async function referencesTo(pull: number): Promise<readonly string[]> {
    interface Entry {
      readonly type: string;
    }
    const path = `/repos/${shop.slug}/issues/${String(pull)}/timeline?limit=50`;
    const course = await gitea.json<readonly Entry[]>({ as: bot, path });
    return course.map(({ type }) => type).filter((type) => type.endsWith('_ref'));
  }
});
