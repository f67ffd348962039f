import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';

import type { Review } from '../../src/core/render/review.ts';
import { presentFailure, presentReview } from '../../src/review/present.ts';
import { hostileTexts } from '../unit/review/hostile-corpus.ts';
import {
  entries,
  type Entry,
  isCalling,
  masksIn,
  reviewsWith,
} from '../unit/review/hostile-reviews.ts';

const origin = 'https://forge.example';
const forge = {
  maxCommentLength: 65_536,
  // The worst that an adapter could do: nothing in the path is escaped.
  lineUrl: (commit: string, file: string, line: number) =>
    `${origin}/acme/coffee/blob/${commit}/${file}#L${String(line)}`,
};

function html(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
}

/** Every tag, links of ours by where they lead. */
function tagsOf(page: string): string {
  return [...page.matchAll(/<[!?/]?[a-z][^>]*>|<!--/gi)]
    .map(([tag]) => tag.toLowerCase().replace(/href="https:\/\/forge\.example\/[^"]*"/, 'ours'))
    .join('');
}

function active(page: string): string {
  return page.replaceAll(/<code>[^<]*<\/code>/g, '\u{fffc}').replaceAll(/<[^>]*>/g, ' ');
}

/** As it is published: with links, steps of the console, and what others want of the same record. */
function published(entry: Entry, text: string): string {
  const [review] = reviewsWith(entry, text);
  if (!review) throw new Error('no review');
  const keys = review.programs.flatMap(({ own }) => own.changes.map(({ change }) => change.key));
  const more: Partial<Review> = {
    byHand: review.programs.map(({ own }) => own.plan.connection),
    others: {
      ...{ isListed: true, unread: [3], left: 0 },
      overlaps: keys.map((key) => ({
        ...{ pull: 12, key, kind: 'fields' as const },
        fields: [`environmentVariables/${text}`],
      })),
    },
  };
  return presentReview({ ...review, ...more }, forge, undefined).text;
}

function harm(page: string, plain: string): readonly string[] {
  return [
    ...(tagsOf(page) === tagsOf(plain) ? [] : ['structure']),
    ...(isCalling(active(page)) ? ['call'] : []),
    ...masksIn(page),
  ];
}

describe('what a stranger wrote, in what is published', () => {
  it.each(entries)('is inert, coming in as a %s', (entry) => {
    const plain = html(published(entry, 'plain'));
    expect(plain).toContain('Console steps');
    expect(plain).toContain(`<a href="${origin}/acme/coffee/blob/`);
    expect(plain).toContain('pull request 12');

    const harmful = hostileTexts.flatMap(({ kind, text }) => {
      const found = harm(html(published(entry, text)), plain);
      return found.length === 0 ? [] : [{ kind, text, found }];
    });

    expect(harmful).toEqual([]);
  });

  it('is inert in the words of a failure, and plain in its status', () => {
    const of = (text: string) =>
      presentFailure({ message: text, nextStep: text }, '4c1f9e2'.padEnd(40, '0'));
    const plain = html(of('plain').text);

    const harmful = hostileTexts.filter(({ text }) => {
      const { text: comment, statuses } = of(text);
      const isPlain = statuses.every(({ description }) => /^[ -~…]{1,140}$/.test(description));
      return harm(html(comment), plain).length > 0 || !isPlain;
    });

    expect(harmful).toEqual([]);
  });
});
