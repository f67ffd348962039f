import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';

import { type Ink, safeInk } from '../../../src/core/render/review-ink.ts';
import { reviewMarkdown } from '../../../src/core/render/review-markdown.ts';
import { hostileTexts } from './hostile-corpus.ts';
import { type Entry, entries, isCalling, masksIn, noInk, reviewsWith } from './hostile-reviews.ts';

/** What a forge makes of it; raw HTML is let through, as forges do in part. */
function html(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
}

/** The structure of a page: every tag that is there. */
function tagsOf(page: string): string {
  return [...page.matchAll(/<[!?/]?[a-z][^>]*>|<!--/gi)].map(([tag]) => tag.toLowerCase()).join('');
}

/** Outside of code a forge looks for people, issues and addresses. */
function active(page: string): string {
  return page.replaceAll(/<code>[^<]*<\/code>/g, '\u{fffc}').replaceAll(/<[^>]*>/g, ' ');
}

/** What a text achieved that a plain one does not. */
function harm(page: string, plain: string): readonly string[] {
  return [
    ...(tagsOf(page) === tagsOf(plain) ? [] : ['structure']),
    ...(isCalling(active(page)) ? ['call'] : []),
    ...masksIn(page),
  ];
}

const plainPages = new Map<string, readonly string[]>();

function harmBy(entry: Entry, text: string, ink: Ink = safeInk): readonly string[] {
  const pages = (given: string): readonly string[] =>
    reviewsWith(entry, given).map((review) => html(reviewMarkdown(review, ink)));
  const known = `${entry} ${String(ink === safeInk)}`;
  const plain = plainPages.get(known) ?? pages('plain');
  plainPages.set(known, plain);
  return pages(text).flatMap((page, i) => harm(page, plain[i] ?? ''));
}

describe('what a stranger wrote', () => {
  it('is tried in many ways', () => {
    expect(hostileTexts.length).toBeGreaterThanOrEqual(150);
    expect(new Set(hostileTexts.map(({ text }) => text)).size).toBe(hostileTexts.length);
  });

  it.each(entries)('is inert, coming in as a %s', (entry) => {
    const harmful = hostileTexts.flatMap(({ kind, text }) => {
      const found = harmBy(entry, text);
      return found.length === 0 ? [] : [{ kind, text, found }];
    });

    expect(harmful).toEqual([]);
  });

  it.each(['M-77', 'https', 'Ünal', '\u5496\u5561', 'release 2.5.0', 'a-b_c.d'])(
    'the search takes %s for harmless, escaped or not',
    (text) => {
      expect(entries.flatMap((entry) => harmBy(entry, text, noInk))).toEqual([]);
      expect(entries.flatMap((entry) => harmBy(entry, text))).toEqual([]);
    },
  );

  it('would not be, were it not made so: the search finds what it looks for', () => {
    const red = hostileTexts.filter(({ text }) =>
      entries.some((entry) => harmBy(entry, text, noInk).length > 0),
    );
    const pale = hostileTexts.filter((one) => !red.includes(one)).map(({ text }) => text);

    expect(pale.length, JSON.stringify(pale)).toBeLessThanOrEqual(hostileTexts.length - 150 + 10);
    expect(red.length).toBeGreaterThanOrEqual(140);
  });
});
